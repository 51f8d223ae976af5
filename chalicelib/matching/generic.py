"""Short wishes: ``olive oil`` names a kind of thing, and every longer name of that kind will do.  Pure.

A product satisfies a short wish when it has all the wanted words, says nothing against them, and is the thing itself
rather than something for it, with it, or made of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chalicelib.matching.another_kind import another_kind
from chalicelib.matching.features import GLANCED
from chalicelib.matching.remainder import Remainder
from chalicelib.matching.sides import SOME_PIECES, Side, brand_words, category_words
from chalicelib.matching.spelling import misspelt
from chalicelib.matching.text import Title
from chalicelib.matching.vetoes import SHORT
from chalicelib.matching.words import (
    ACCESSORY,
    ATTACHMENT,
    THING,
    VERSION,
    groups,
    joined_groups,
)
from chalicelib.synonyms import spellings

_COVERED, _PIECES = GLANCED["wanted_covered"], GLANCED["pieces_wanted"]
KIND = 3
"""A wish of so many words names a kind of thing, unless it has a model number."""
SOME_WORDS = 0.35
"""An offer with all words of a wish, some misspelt, shares so much of their weight, or of their letters by threes."""


def is_kind(wanted: Title) -> bool:
    """Whether a wish names a kind of thing, so that only all of its words will do."""
    return len(wanted.words) <= KIND and not wanted.codes


def may_satisfy(wanted: Side, offered: Side, row: Sequence[float]) -> bool:
    """Whether a glance leaves it open that an offer satisfies a short wish: few of its words can be misspelt."""
    a = wanted.title
    if len(a.words) > SHORT:
        return False
    b, brand = offered.title, brand_words(offered)
    told = offered.category or not a.word_set.isdisjoint(brand)
    if not told and row[_COVERED] < SOME_WORDS and row[_PIECES] < SOME_PIECES:
        return False
    for word in a.word_set - b.word_set - category_words(offered):  # noqa: SIM110  run for every candidate
        if not _may_be_covered(word, a, b, brand):
            return False
    return True


def _may_be_covered(word: str, a: Title, b: Title, brand: frozenset[str]) -> bool:
    """Whether a wanted word the name lacks can be there at all: every other way to write it begins or is told alike."""
    if word in b.compact or word in brand or word in b.wording.units:
        return True
    if word[0].isdigit():
        return word in b.all_numbers or a.bare.get(word) in b.numbers
    return word[0] in b.initials


def satisfies(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the offer is of the kind that a wish of at most ``SHORT`` words names."""
    a, b, brand = wanted.title, offered.title, brand_words(offered)
    if not a.words or len(a.words) > SHORT:
        return False
    lacking = [word for word in left.missing if not _covered(word, a, b, left, brand)]
    if lacking and not _are_filed(lacking, wanted, offered):
        return False
    return is_the_thing(wanted, offered, left)


def _are_filed(lacking: Collection[str], wanted: Side, offered: Side) -> bool:
    """Whether the category says what the name leaves out: ``tea`` above ``Yorkshire Gold 240s``.

    Of the wanted thing itself only where the category is for nothing else, and the name tells of no other thing.
    """
    category, thing = offered.category, wanted.title.words[-1]
    if category is None or not category.word_set.issuperset(lacking):
        return False
    if thing not in lacking:
        return True
    others = joined_groups(THING, ACCESSORY, ATTACHMENT) - category.word_set - wanted.title.word_set
    return thing == category.kind and others.isdisjoint(offered.title.word_set)


def worded_differently(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the offer is the thing itself and lacks nothing but words: a shop may call it by another name."""
    things = joined_groups(THING, ACCESSORY, ATTACHMENT)
    lacking = uncovered(wanted, offered, left)
    return all(word.isalpha() and word not in things for word in lacking) and is_the_thing(wanted, offered, left)


def uncovered(wanted: Side, offered: Side, left: Remainder) -> list[str]:
    """The wanted words that the offer lacks."""
    a, b, brand = wanted.title, offered.title, brand_words(offered)
    return [word for word in left.missing if not _covered(word, a, b, left, brand)]


def is_the_thing(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the wanted words name the offered thing, not only what it is for, comes with, or is made of."""
    return _is_named(wanted, offered) and not another_kind(wanted, offered, left)


def _is_named(wanted: Side, offered: Side) -> bool:
    """Whether a wanted word, sizes and brand apart, stands elsewhere than after ``for``, ``with`` and the like.

    A brand is named in the singular: who wants apples wants nothing of Apple's.
    """
    a, b, brand = wanted.title, offered.title, brand_words(offered)
    compact = offered.brand.compact if offered.brand else ""
    names = [word for word in a.words if word not in a.written and word not in brand and word != compact]
    if not names:
        return offered.brand is None or _is_of_the_brand(a, offered.brand)
    asides = b.wording.asides
    told = [word for word in names if word in b.word_set]
    told = [word for word in told if word not in groups()[VERSION]] or told
    return not told or any(word not in asides.included and word not in asides.purpose for word in told)


def _is_of_the_brand(a: Title, brand: Title) -> bool:
    return not brand.word_set <= a.word_set or a.wording.plurals <= brand.wording.plurals


def _covered(word: str, a: Title, b: Title, left: Remainder, brand: frozenset[str]) -> bool:
    """Whether a wanted word the name lacks is there after all: as the brand, joined, as a number, or misspelt."""
    if word in brand or word in b.wording.units:
        return True
    if word[0].isdigit():
        return word in b.all_numbers or a.bare.get(word) in b.numbers
    for extra in left.extra:
        for other in spellings().get(extra, (extra,)):
            if other[0] == word[0] and (misspelt(word, other) or _numbered(word, other)):
                return True
    return False


def _numbered(word: str, other: str) -> bool:
    """Whether ``other`` is a numbered ``word``: ``fusion5``."""
    return len(word) >= 4 and other.startswith(word) and other[len(word) :].isdigit()
