"""One side of a comparison, and what brands and prices say of two.  Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import log

from chalicelib.matching.categories import SOME_PIECES, Category
from chalicelib.matching.spelling import resemblance
from chalicelib.matching.text import Title
from chalicelib.matching.words import DEVICE, THING, joined_groups
from chalicelib.synonyms import unsaid

FEW_PIECES = 0.2
"""A single word with two letters in each other's place still has so many of its trigrams: ``tosater``."""
UNKNOWN = -9.0
"""Stands for what is not known; below every known value."""

@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: the name, and brand, price and category where they are known."""

    title: Title
    brand: Title | None = None
    price: float | None = None
    category: Category | None = None


def brand_words(one: Side) -> frozenset[str]:
    """The words of its brand, where it is known."""
    return one.brand.word_set if one.brand else frozenset()


def category_words(one: Side) -> frozenset[str]:
    """The words of the category it is filed under, where that is known."""
    return one.category.word_set if one.category else frozenset()


def is_unsaid(word: str, wanted: Side, offered: Side) -> bool:
    """Whether a wanted word goes without saying of what the offer names; the thing that is wanted never does."""
    things = unsaid().get(word)
    if not things or (word == wanted.title.words[-1] and word in joined_groups(THING, DEVICE)):
        return False
    return bool(told(things, offered.title))


def told(expressions: Collection[str], title: Title) -> list[str]:
    """Those of ``expressions`` that ``title`` has, in its order."""
    text = f" {' '.join(title.wording.sequence)} "
    return sorted((one for one in expressions if f" {one} " in text), key=lambda one: text.index(f" {one} "))


def some_pieces(wanted: Title) -> float:
    """The share of its trigrams that a wish has in common with an offer, however it is misspelt."""
    return SOME_PIECES if len(wanted.words) > 1 else FEW_PIECES


def unlike(wanted: Side, offered: Side) -> bool:
    """Whether the two share no word and few letters, so that nothing can make them one."""
    a, b = wanted.title, offered.title
    if not a.word_set.isdisjoint(b.word_set) or (offered.brand and not a.word_set.isdisjoint(offered.brand.word_set)):
        return False
    if (a.trigrams & b.trigrams).bit_count() >= some_pieces(a) * a.trigram_count:
        return False
    if offered.category is not None and offered.category.is_like(a):
        return False
    meant = a.wording.meant
    return not meant or not any(b.word_set.issuperset(words) for each in meant.values() for words in each)


def brands(wanted: Side, offered: Side) -> float:
    """4 to 0: both known and equal, nearly equal, one in the other's name, different.  3.5, 0.5: one is known."""
    if wanted.brand and offered.brand:
        if not wanted.brand.word_set.isdisjoint(offered.brand.word_set):
            return 4.0
        return _brands_apart(wanted, offered)
    brand = wanted.brand or offered.brand
    if brand is None:
        return UNKNOWN
    title = offered.title if wanted.brand else wanted.title
    if not brand.word_set.isdisjoint(title.word_set) or brand.compact in title.compact:
        return 3.5
    return 0.5


def _brands_apart(wanted: Side, offered: Side) -> float:
    a, b = wanted.brand, offered.brand
    if a is None or b is None:
        return UNKNOWN
    if a.compact in b.compact or b.compact in a.compact or resemblance(a.compact, b.compact) >= 0.7:
        return 3.0
    named = not a.word_set.isdisjoint(offered.title.word_set) or not b.word_set.isdisjoint(wanted.title.word_set)
    return 2.0 if named else 0.0


def prices(wanted: float | None, offered: float | None) -> tuple[float, float]:
    """How far the prices lie apart, and in which direction (logarithm of their ratio); ``UNKNOWN`` without both."""
    if not wanted or not offered:
        return UNKNOWN, UNKNOWN
    ratio = log(wanted / offered)
    return abs(ratio), ratio
