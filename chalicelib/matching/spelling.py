"""How alike two words are: misspelt, abbreviated, with another ending.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from chalicelib.edits import distance


def near_words(word: str, others: Iterable[str]) -> tuple[str, float]:
    """The word of ``others`` most like ``word``, and how alike, 0 to 1."""
    found, best = "", 0.0
    initial = word[0]
    for other in others:
        if other[0] == initial:
            likeness = resemblance(word, other)
            if likeness > best:
                found, best = other, likeness
    return found, best


@lru_cache(maxsize=1 << 18)
def resemblance(word: str, other: str) -> float:
    """0 to 1: how surely two different words with the same first letter are one.

    Edits allowed are those of OpenSearch's fuzziness AUTO, but one letter more of length is asked: what the index finds
    is to be found again here, and ``cars`` is no misspelt ``cards``.
    """
    short, long_ = (word, other) if len(word) <= len(other) else (other, word)
    if not short or short[0] != long_[0] or short[0].isdigit():
        return 0.0
    with_digits = not (short.isalpha() and long_.isalpha())
    if long_.startswith(short):
        return _longer(short, long_, with_digits)
    if with_digits:
        return 0.0
    edits = distance(short, long_, 2)
    if len(short) >= 4 and edits == 1:
        return 0.85
    if len(short) >= 7 and edits == 2:
        return 0.7
    return 0.4 if 2 <= len(short) <= 4 and len(long_) >= 5 and _abbreviates(short, long_) else 0.0


def _longer(short: str, long_: str, with_digits: bool) -> float:
    """``diag`` for ``diagonal``; a code may have a short ending more (``dscw150r``)."""
    if with_digits:
        return 0.8 if len(short) >= 4 and len(long_) - len(short) <= 3 else 0.0
    return 0.9 if len(short) >= 4 else 0.5 if len(short) >= 2 else 0.3


def _abbreviates(short: str, long_: str) -> bool:
    """Whether the letters of ``short`` stand in ``long_`` in this order: ``pkg`` for ``package``."""
    letters = iter(long_)
    return all(letter in letters for letter in short)
