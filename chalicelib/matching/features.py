"""What a wish and an offer have in common and where they differ, in numbers.  Pure.

Two rows, because most offers are told apart by a glance: ``glance`` costs a few set operations, ``look`` goes through
the words that remain.  The trees in ``trees.py`` judge them.  Both run for every candidate, so that they lean on what
``read_title`` has prepared and build no more than their row.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import or_

from chalicelib.matching.remainder import Remainder, swapped
from chalicelib.matching.sides import UNKNOWN, Side, brands, prices
from chalicelib.matching.text import Title
from chalicelib.matching.words import COLOUR, vocabulary

GLANCE = (
    "wanted_covered", "offered_covered", "heaviest_shared", "heaviest_missing",
    "pieces_wanted", "pieces_offered", "codes_shared", "codes_offered", "numbers_alike",
)  # fmt: skip
LOOK = (
    "wanted_soft", "offered_soft", "both_soft", "missing", "extra", "missing_mean", "extra_mean", "extra_words",
    "heaviest_left_missing", "heaviest_left_extra", "inside", "wanted_length", "offered_length",
    "first_missing", "first_extra", "pieces_left", "codes_near", "codes_conflict", "swapped", "swapped_weight",
    "taught_missing", "taught_extra", "taught_worst", "taught_shared",
    "colour", "brand", "price_ratio", "price_direction",
)  # fmt: skip
NEAR_CODE = 0.75
"""Codes less alike than this are two."""
GLANCED = {name: at for at, name in enumerate(GLANCE)}
"""Name of a figure of the glance → its place in the row."""


def glance(a: Title, b: Title) -> tuple[float, ...]:
    """One row of ``GLANCE``: the wish ``a`` and the offer ``b``."""
    common = a.word_set & b.word_set
    weights = [a.weights[word] for word in common]
    shared = sum(weights)
    pieces = (a.trigrams & b.trigrams).bit_count()
    return (
        shared / a.total,
        shared / b.total,
        max(weights) if weights else 0.0,
        _heaviest_outside(a, common),
        pieces / a.trigram_count,
        pieces / b.trigram_count,
        len(a.codes & b.codes),
        len(b.codes),
        _alike(a.all_numbers, b.all_numbers),
    )


def look(wanted: Side, offered: Side, left: Remainder) -> tuple[float, ...]:
    """One row of ``LOOK``; ``left`` is the ``remainder`` of the two."""
    a, b = wanted.title, offered.title
    missing = [a.weights[word] * share for word, share in left.missing.items()]
    extra = [b.weights[word] * share for word, share in left.extra.items()]
    lacking, surplus = sum(missing), sum(extra)
    kept, used = 1 - lacking / a.total, 1 - surplus / b.total
    return (
        kept,
        used,
        2 * kept * used / ((kept + used) or 1.0),
        lacking,
        surplus,
        lacking / (len(missing) or 1),
        surplus / (len(extra) or 1),
        len(extra),
        max(missing) if missing else 0.0,
        max(extra) if extra else 0.0,
        sum([a.weights[word] for word in left.missing if len(word) > 2 and word in b.compact]),
        len(a.words),
        len(b.words),
        _first(a, left.missing),
        _first(b, left.extra),
        _pieces_left(a, b, left),
        *_codes(a, b),
        *swapped(a, b, left),
        *_taught(a, b, left),
        _agreement(a.members.get(COLOUR), b.members.get(COLOUR)),
        brands(wanted, offered),
        *prices(wanted.price, offered.price),
    )


def _heaviest_outside(title: Title, common: frozenset[str]) -> float:
    for word in title.by_weight:
        if word not in common:
            return title.weights[word]
    return 0.0


def _alike(ours: frozenset[str], theirs: frozenset[str]) -> float:
    """Share of the numbers that both have; ``UNKNOWN`` where there are none."""
    both = len(ours & theirs)
    either = len(ours) + len(theirs) - both
    return both / either if either else UNKNOWN


def _first(title: Title, left: dict[str, float]) -> int:
    """Where the first of the words that are left stands; past the end without any."""
    for word in left:
        return title.places[word]
    return len(title.words)


def _agreement(a: frozenset[str] | None, b: frozenset[str] | None) -> float:
    """2: the same; 1: some in common; -1, -0.5: only the wish, only the offer says; 0: neither (others are vetoed)."""
    if a and b:
        return 2.0 if a == b else 1.0
    return -1.0 if a else -0.5 if b else 0.0


def _pieces_left(a: Title, b: Title, left: Remainder) -> float:
    """How alike the letters of the words are that remain on both sides (Dice of trigrams); ``UNKNOWN`` without any."""
    if not left.missing or not left.extra:
        return UNKNOWN
    ours = reduce(or_, map(a.pieces.__getitem__, left.missing))
    theirs = reduce(or_, map(b.pieces.__getitem__, left.extra))
    return 2 * (ours & theirs).bit_count() / (ours.bit_count() + theirs.bit_count())


def _codes(a: Title, b: Title) -> tuple[float, float]:
    """How near the nearest codes come (``UNKNOWN``: a side has none), and how many of the wish's come near none."""
    if not a.codes or not b.codes:
        return UNKNOWN, 0.0
    nearest = [
        0.95 if code in b.compact else max([code_likeness(code, other) for other in b.codes]) for code in a.codes
    ]
    return max(nearest), sum([one < NEAR_CODE for one in nearest])


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


def _taught(a: Title, b: Title, left: Remainder) -> tuple[float, float, float, float]:
    """What the vocabulary learnt of the words that are missing, of those that are extra, the worst, and the shared."""
    known = vocabulary()
    lacks, has = known.missing, known.extra
    missing = [lacks[word] for word, share in left.missing.items() if word in lacks and share > 0.5]
    extra = [has[word] for word, share in left.extra.items() if word in has and share > 0.5]
    worst = min([0.0, *missing, *extra])
    return sum(missing), sum(extra), worst, sum([taught for word, taught in a.taught.items() if word in b.word_set])
