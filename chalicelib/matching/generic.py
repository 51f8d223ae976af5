"""Short wishes: ``olive oil`` names a kind of thing, and every longer name of that kind will do.  Pure.

A product satisfies a short wish when it has all the wanted words, says nothing against them, and is the thing itself
rather than something for it, with it, or made of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.matching.features import GLANCE, Remainder, Side
from chalicelib.matching.spelling import distance
from chalicelib.matching.text import Title
from chalicelib.matching.words import ACCESSORY, EDITION, FOOD, VERSION, groups, vocabulary

_LENGTH, _COVERED, _JOINED = (GLANCE.index(name) for name in ("wanted_length", "wanted_words_covered", "joined_shared"))
KIND = 3
"""A wish of so many words names a kind of thing, unless it has a model number."""
SHORT = 6
"""A wish of more words describes one product."""


def is_kind(wanted: Title) -> bool:
    """Whether a wish names a kind of thing, so that only all of its words will do."""
    return len(wanted.words) <= KIND and not wanted.codes


def may_satisfy(row: Sequence[float]) -> bool:
    """Whether a glance leaves it open that an offer satisfies a short wish: few of its words can be misspelt."""
    return row[_LENGTH] <= SHORT and (row[_LENGTH] <= 2 or row[_COVERED] >= 0.5 or row[_JOINED] > 0)


def satisfies(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the offer is of the kind that a wish of at most ``SHORT`` words names."""
    a, b = wanted.title, offered.title
    if not a.words or len(a.words) > SHORT:
        return False
    brand = offered.brand.word_set if offered.brand else frozenset()
    covered = all(_covered(word, share, a, b, left, brand) for word, share in left.missing.items())
    return covered and not another_kind(a, b, left) and _is_the_thing(a, b, brand)


def another_kind(a: Title, b: Title, left: Remainder) -> list[str]:
    """The offer's words that make it something else than the wish: accessories, other foods, odd editions."""
    kinds = groups()
    barring = kinds[ACCESSORY] | kinds[FOOD] | kinds[VERSION]
    if len(a.words) > KIND:
        barring |= kinds[EDITION]
    aside = b.included | b.purpose
    return [word for word, share in left.extra.items() if share and word in barring and word not in aside]


def _covered(word: str, share: float, a: Title, b: Title, left: Remainder, brand: frozenset[str]) -> bool:
    """Whether a wanted word the name lacks is there after all: as the brand, joined, as a number, or misspelt."""
    if not share or word in brand:
        return True
    if word[0].isdigit():
        return word in b.all_numbers or a.bare.get(word) in b.numbers
    return any(still and misspelt(word, other) for other, still in left.extra.items())


def misspelt(word: str, other: str) -> bool:
    """Whether one of two words is the other misspelt.  Two words that product names use are two words."""
    known = vocabulary().counts
    if word[0] != other[0] or not (word.isalpha() and other.isalpha()) or (word in known and other in known):
        return False
    shorter = min(len(word), len(other))
    allowed = 2 if shorter >= 7 else 1 if shorter >= 4 else 0
    return bool(allowed) and distance(word, other, allowed) <= allowed


def _is_the_thing(a: Title, b: Title, brand: frozenset[str]) -> bool:
    """Whether the wanted words name the offered thing, not only what it is for or comes with."""
    aside = b.included | b.purpose
    return any(word not in aside and word not in brand for word in a.words) or (a.word_set <= brand)
