"""What a wish and an offer have in common and where they differ, in numbers.  Pure.

Two rows, because most offers are told apart by a glance: ``glance`` costs a few set operations, ``look`` goes through
the words that remain.  The trees in ``trees.py`` judge them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from chalicelib.matching.remainder import Remainder, kinds, swapped
from chalicelib.matching.sides import UNKNOWN, Side, brands, prices
from chalicelib.matching.text import Title
from chalicelib.matching.words import COLOUR, PLATFORM, vocabulary

GLANCE = (
    "wanted_covered", "offered_covered", "shared", "heaviest_shared", "heaviest_missing", "heaviest_extra",
    "wanted_words_covered", "offered_words_covered", "wanted_length", "offered_length",
    "trigrams", "trigrams_wanted", "trigrams_offered", "joined_shared", "first_same", "last_same",
    "codes_shared", "wanted_codes", "offered_codes", "numbers_missing", "numbers_extra",
    "quantities_shared", "quantities_conflict", "colour", "platform", "groups_conflict",
    "brand", "price_ratio", "price_direction",
)  # fmt: skip
LOOK = (
    "wanted_soft", "offered_soft", "missing", "extra", "missing_words", "extra_words",
    "heaviest_left_missing", "second_missing", "heaviest_left_extra", "second_extra",
    "codes_near", "codes_conflict", "swapped", "swapped_weight", "swapped_numbers",
    "accessory_extra", "accessory_missing", "edition_extra", "edition_missing", "inside",
    "taught_missing", "taught_extra", "taught_worst", "taught_shared", "same_start",
)  # fmt: skip
_QUANTITIES, _GROUPS, _BRAND = (GLANCE.index(name) for name in ("quantities_conflict", "groups_conflict", "brand"))


_TWO_ZEROS = [0.0, 0.0]


def glance(wanted: Side, offered: Side) -> tuple[float, ...]:
    """One row of ``GLANCE``."""
    a, b = wanted.title, offered.title
    common = a.word_set & b.word_set
    weights = [a.weights[word] for word in common]
    shared = sum(weights)
    both, in_a, in_b = (a.trigrams & b.trigrams).bit_count(), a.trigram_count, b.trigram_count
    conflict, agree = _quantities(a, b)
    return (
        shared / a.total,
        shared / b.total,
        shared,
        max(weights, default=0.0),
        _heaviest_outside(a, common),
        _heaviest_outside(b, common),
        len(common) / (len(a.words) or 1),
        len(common) / (len(b.words) or 1),
        len(a.words),
        len(b.words),
        2 * both / (in_a + in_b),
        both / in_a,
        both / in_b,
        len(a.written_any_way & b.written_any_way) - len(common),
        a.words[:1] == b.words[:1],
        a.words[-1:] != () and a.words[-1] in common,
        len(a.codes & b.codes),
        len(a.codes),
        len(b.codes),
        len(a.numbers - b.all_numbers),
        len(b.numbers - a.all_numbers),
        agree,
        conflict,
        _agreement(a.members.get(COLOUR), b.members.get(COLOUR)),
        _agreement(a.members.get(PLATFORM), b.members.get(PLATFORM)),
        len(conflicting_groups(a, b)) if a.exclusive and b.exclusive else 0,
        brands(wanted, offered),
        *prices(wanted.price, offered.price),
    )


def look(wanted: Side, offered: Side, left: Remainder) -> tuple[float, ...]:
    """One row of ``LOOK``; ``left`` is the ``remainder`` of the two."""
    a, b = wanted.title, offered.title
    weights, others, compact = a.weights, b.weights, b.compact
    # Run for every pair that passes the glance: plain lists, two zeros so that the first two are always there.
    missing = (
        sorted([weights[word] * share for word, share in left.missing.items() if share], reverse=True) + _TWO_ZEROS
    )
    extra = sorted([others[word] * share for word, share in left.extra.items() if share], reverse=True) + _TWO_ZEROS
    lacking, surplus = sum(missing), sum(extra)
    inside = [weights[word] for word, share in left.missing.items() if share and len(word) > 2 and word in compact]
    return (
        1 - lacking / a.total,
        1 - surplus / b.total,
        lacking,
        surplus,
        sum(left.missing.values()),
        sum(left.extra.values()),
        *missing[:2],
        *extra[:2],
        *_codes(a, b),
        *swapped(a, b, left),
        *kinds(left),
        sum(inside),
        *_taught(a, b, left),
        _same_start(a, b),
    )


def _heaviest_outside(title: Title, common: frozenset[str]) -> float:
    for word in title.by_weight:
        if word not in common:
            return title.weights[word]
    return 0.0


def _agreement(a: frozenset[str] | None, b: frozenset[str] | None) -> float:
    """2: the same; 1: some in common; -2: different; -1, 0: only one side, or neither, says."""
    if a and b:
        return 2.0 if a == b else -2.0 if a.isdisjoint(b) else 1.0
    return -1.0 if a else -0.5 if b else 0.0


def _quantities(a: Title, b: Title) -> tuple[int, int]:
    """In how many dimensions both state quantities, and (conflict) none or (agreement) some are equal."""
    if not a.quantities or not b.quantities:
        return 0, 0
    conflict = agree = 0
    for dimension, values in a.quantities.items():
        others = b.quantities.get(dimension)
        if others:
            if values.isdisjoint(others):
                conflict += 1
            else:
                agree += 1
    return conflict, agree


def _codes(a: Title, b: Title) -> tuple[float, float]:
    """How near the nearest codes come (``UNKNOWN``: a side has none), and how many of the wish's come near none."""
    if not a.codes or not b.codes:
        return UNKNOWN, 0.0
    nearest = [0.95 if code in b.compact else max(code_likeness(code, other) for other in b.codes) for code in a.codes]
    return max(nearest), float(sum(one < 0.75 for one in nearest))


@lru_cache(maxsize=1 << 18)
def code_likeness(code: str, other: str) -> float:
    """1: equal; above .85: one within the other (``dscw150`` in ``dscw150r``); else the share of the common start."""
    if code == other:
        return 1.0
    short, long_ = sorted((code, other), key=len)
    if short in long_:
        return 0.95 if long_.startswith(short) or long_.endswith(short) else 0.9
    same = next((at for at, (x, y) in enumerate(zip(short, long_, strict=False)) if x != y), len(short))
    return 0.85 * same / len(long_)


def conflicting_groups(a: Title, b: Title) -> list[str]:
    """The groups of which the two names have different words: ``colour`` for a red and a black case."""
    return [
        group
        for group, members in a.exclusive.items()
        if group in b.exclusive and members.isdisjoint(b.exclusive[group])
    ]


def excludes(row: Sequence[float]) -> bool:
    """Whether a row of ``GLANCE`` shows what nothing makes good: another quantity, colour, platform or brand."""
    return row[_QUANTITIES] > 0 or row[_GROUPS] > 0 or row[_BRAND] == 0


def _taught(a: Title, b: Title, left: Remainder) -> tuple[float, float, float, float]:
    """What the vocabulary learnt of the words that are missing, of those that are extra, the worst, and the shared."""
    known = vocabulary()
    lacks, has = known.missing, known.extra
    missing = [lacks[word] for word, share in left.missing.items() if share > 0.5 and word in lacks]
    extra = [has[word] for word, share in left.extra.items() if share > 0.5 and word in has]
    worst = min(min(missing, default=0.0), min(extra, default=0.0), 0.0)
    return sum(missing), sum(extra), worst, sum([taught for word, taught in a.taught.items() if word in b.word_set])


def _same_start(a: Title, b: Title) -> float:
    for at, (x, y) in enumerate(zip(a.words, b.words, strict=False)):
        if x != y:
            return float(at)
    return float(min(len(a.words), len(b.words)))
