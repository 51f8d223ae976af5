"""How alike two words are: misspelt, abbreviated, with another ending.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from chalicelib.edits import distance
from chalicelib.matching.words import COLOUR, canonical_word, groups, joined_groups, known_words
from chalicelib.synonyms import SHORTEST_PART

_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1")
ONCE_MISSPELT, TWICE_MISSPELT = 5, 8
"""Letters of the longer of two words from which one edit, or two, are forgiven."""

ENDINGS = frozenset("degnrsty")
"""The letters in which the forms of a word end: one that ends in another is misspelt."""


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


@lru_cache(maxsize=1 << 18)
def misspelt(word: str, other: str) -> bool:
    """Whether one of two words is the other misspelt.

    Two words that product names use are two, unless only a letter is doubled.  Fewer edits are allowed than in the
    index, which proposes ``rich`` for ``rice`` and ``battery`` for ``butter``.
    """
    if word[0] != other[0] or not (word.isalpha() and other.isalpha()):
        return False
    if sound(word) == sound(other):
        return True
    known = known_words()
    if word in known and other in known:
        return False
    if sound(word) in _sounds_of_known() and word not in known:
        return False  # it is the known word: a ``pilow`` is no pilot
    return _within_an_edit_or_two(word, other)


@lru_cache(maxsize=1 << 16)
def sound(word: str) -> str:
    """``word`` as it sounds: one consonant where it has two, and ``f`` for ``ph``: ``phillips``, ``cofee``."""
    return _DOUBLED.sub(r"\1", word).replace("ph", "f")


@cache
def _sounds_of_known() -> frozenset[str]:
    """How known words sound that are not written so."""
    return frozenset([heard for word in known_words() if (heard := sound(word)) != word])


@lru_cache(maxsize=4096)
def parted(text: str) -> str:
    """``text`` with words that nobody knows, and that are two listed ones written together, as two: ``ipadcase``.

    The index parts every word of a wish itself.
    """
    return " ".join(_in_two(word.lower()) or word for word in text.split())


def _in_two(word: str) -> str:
    """The two words that ``word`` is made of; empty for one that is known, or nearly one that is."""
    known = known_words()
    if not word.isalpha() or canonical_word(word) in known:
        return ""
    ways = [(word[:at], word[at:]) for at in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)]
    listed = [way for way in ways if all(canonical_word(part) in _listed() for part in way)]
    if not listed or any(other[0] == word[0] and distance(word, other, 1) <= 1 for other in known):
        return ""
    return " ".join(listed[0])


@cache
def _listed() -> frozenset[str]:
    """The words of the groups, but for colours: a greenhouse is no green one."""
    return joined_groups(*groups()) - groups()[COLOUR]


def _within_an_edit_or_two(word: str, other: str) -> bool:
    longer = max(len(word), len(other))
    allowed = 2 if longer >= TWICE_MISSPELT else 1 if longer >= ONCE_MISSPELT else 0
    if not allowed or _inflected(word, other):
        return False
    return distance(word, other, allowed) <= allowed or distance(sound(word), sound(other), 1) <= 1


def _inflected(word: str, other: str) -> bool:
    """Whether only the ending differs, as that of ``blender`` and ``blended``, ``staple`` and ``stapler``."""
    short, long_ = sorted((word, other), key=len)
    if short[:-1] == long_[:-1]:
        return ENDINGS.issuperset((short[-1], long_[-1]))
    return long_[:-1] == short and long_[-1] in "dry"
