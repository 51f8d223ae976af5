"""What a wish and an offer have in common and where they differ, in numbers.  Pure.

Two rows, because most offers are told apart by a glance: ``glance`` costs a few set operations, ``look`` goes through
the words that remain.  The trees in ``trees.py`` judge them.  Both run for every candidate, so that they lean on what
``read_title`` has prepared and build no more than their row, of floats only: an ``int`` is slower to compare with one.
"""

from __future__ import annotations

from functools import lru_cache

from chalicelib.matching.remainder import Remainder, swapped
from chalicelib.matching.sides import UNKNOWN, Side, brands, prices
from chalicelib.matching.text import Title

GLANCE = (
    "wanted_covered", "offered_covered", "heaviest_shared", "heaviest_missing", "pieces_wanted", "pieces_offered",
    "codes_shared", "codes_offered", "codes_near", "codes_conflict", "numbers_alike", "wanted_length", "offered_length",
)  # fmt: skip
LOOK = (
    "wanted_soft", "offered_soft", "extra_words", "heaviest_left_missing", "swapped", "swapped_weight",
    "taught_missing", "taught_extra", "taught_worst", "taught_shared", "brand", "price_ratio", "price_direction",
)  # fmt: skip
NEAR_CODE = 0.75
"""Codes less alike than this are two."""
GLANCED = {name: at for at, name in enumerate(GLANCE)}
"""Name of a figure of the glance → its place in the row."""


def glance(a: Title, b: Title) -> tuple[float, ...]:
    """One row of ``GLANCE``: the wish ``a`` and the offer ``b``."""
    theirs = b.word_set
    shared = heaviest_shared = heaviest_missing = 0.0
    for word, weight in a.by_weight:
        if word in theirs:
            shared += weight
            heaviest_shared = heaviest_shared or weight
        elif not heaviest_missing:
            heaviest_missing = weight
    pieces = (a.trigrams & b.trigrams).bit_count()
    return (
        shared / a.total,
        shared / b.total,
        heaviest_shared,
        heaviest_missing,
        pieces / a.trigram_count,
        pieces / b.trigram_count,
        *_codes(a.codes, b.codes, b.compact),
        _alike(a.all_numbers, b.all_numbers),
        a.length,
        b.length,
    )


def look(wanted: Side, offered: Side, left: Remainder) -> tuple[float, ...]:
    """One row of ``LOOK``; ``left`` is the ``remainder`` of the two."""
    a, b = wanted.title, offered.title
    ours, theirs = a.weights, b.weights
    missing = [ours[word] * share for word, share in left.missing.items()]
    extra = [theirs[word] * share for word, share in left.extra.items()]
    return (
        1 - sum(missing) / a.total,
        1 - sum(extra) / b.total,
        float(len(extra)),
        max(missing) if missing else 0.0,
        *swapped(a, b, left),
        *_taught(a, b, left),
        brands(wanted, offered),
        *prices(wanted.price, offered.price),
    )


def _alike(ours: frozenset[str], theirs: frozenset[str]) -> float:
    """Share of the numbers that both have; ``UNKNOWN`` where there are none."""
    if not ours and not theirs:
        return UNKNOWN
    both = len(ours & theirs)
    return both / (len(ours) + len(theirs) - both)


def _codes(ours: frozenset[str], theirs: frozenset[str], compact: str) -> tuple[float, float, float, float]:
    """How many codes both have, and the offer; how near the nearest come, and how many of the wish's come near none.

    ``compact`` is the offer's name without spaces.  Codes of one side only are ``UNKNOWN``-ly near.
    """
    if not ours or not theirs:
        return 0.0, float(len(theirs)), UNKNOWN, 0.0
    nearest = [0.95 if code in compact else max([code_likeness(code, other) for other in theirs]) for code in ours]
    far = [one for one in nearest if one < NEAR_CODE]
    return float(len(ours & theirs)), float(len(theirs)), max(nearest), float(len(far))


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
    ours, theirs = a.wording.taught, b.wording.taught
    missing = [ours.missing[word] for word, share in left.missing.items() if share > 0.5 and word in ours.missing]
    extra = [theirs.extra[word] for word, share in left.extra.items() if share > 0.5 and word in theirs.extra]
    common = [taught for word, taught in ours.common.items() if word in b.word_set]
    return sum(missing), sum(extra), min([0.0, *missing, *extra]), sum(common)
