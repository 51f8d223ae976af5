"""What the category a product is filed under adds to its name for a wish, and what it says against it.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from chalicelib.matching.another_kind import another_kind
from chalicelib.matching.categories import Category, read_category
from chalicelib.matching.following import is_for_a_thing
from chalicelib.matching.remainder import remainder
from chalicelib.matching.sides import Side, brand_words
from chalicelib.matching.text import Title, read_title
from chalicelib.matching.words import (
    ACCESSORY,
    ATTACHMENT,
    COLOUR,
    COOKS,
    DEVICE,
    EATEN,
    FED,
    FLAVOUR,
    FOR_BABIES,
    FOR_OTHERS,
    MEAT,
    PART,
    SEASON,
    SHARED,
    TASTE,
    THING,
    groups,
    joined_groups,
    kinds,
)
from chalicelib.synonyms import narrower


def can_tell(filed: Mapping[str, str], wanted: Side, offered: Side) -> bool:
    """Whether a category can tell the words that the name leaves out: wanted word → the category's word for it.

    Of the wanted thing itself, ``tea`` above ``Yorkshire Gold 240s``, it tells only where nothing else stands there,
    and the name tells of no other thing.  Where several kinds stand, it only tells which of them the thing is.
    """
    category, a = offered.category, wanted.title
    if category is None:
        return False
    said = a.word_set.difference(filed)
    if len(category.kinds) > 1:
        if not offered.title.word_set.isdisjoint(category.kinds.difference(filed.values())):
            return False  # it says itself which of them it is
        return _tells_which(said, offered, category) and not _others(wanted, offered, category)
    are_wanted = category.kinds <= {*a.words, *" ".join(filed.values()).split()}
    if not said.isdisjoint(_things()) or (a.words[-1] in said and category.kinds.isdisjoint(filed)):
        return are_wanted or not _are_things_of_their_own(category, a)  # the name tells the thing, it tells the sort
    return are_wanted and not _others(wanted, offered, category)


def _tells_which(said: frozenset[str], offered: Side, category: Category) -> bool:
    """Whether the words that the name has, ``said``, leave it to ``Bags & Cases`` to say which of the two is wanted.

    A brand alone may make both, but for food.
    """
    if said <= brand_words(offered) and not category.kinds <= joined_groups(EATEN, FED):
        return False
    return bool(said) and said.isdisjoint(_things() - groups()[DEVICE])


def _others(wanted: Side, offered: Side, category: Category) -> set[str]:
    """Words of the offer for other things than the wanted and what belongs to it."""
    a, things = wanted.title, _things()
    if len(category.shelf.words) > 1 and a.word_set >= category.shelf.word_set:
        things = joined_groups(ACCESSORY, ATTACHMENT)  # nothing stands among coffee machines by chance
    others = (offered.title.word_set & things) - category.word_set - a.word_set - brand_words(offered)
    return {word for word in others - category.contents() if kinds().get(word, frozenset()).isdisjoint(a.word_set)}


def _are_things_of_their_own(category: Category, a: Title) -> bool:
    """Whether a category is for things that a wish does not mean: coffee machines, but not fish for tuna."""
    (kind,) = category.kinds
    return kind in joined_groups(THING, DEVICE) and narrower().get(kind, frozenset()).isdisjoint(a.word_set)


@cache
def _things() -> frozenset[str]:
    """Words for things that are sold; some of them are colours, which say little."""
    return joined_groups(THING, DEVICE, ACCESSORY, ATTACHMENT) - groups()[COLOUR]


def files_elsewhere(wanted: Side, offered: Side, category: Category) -> bool:
    """Whether a category is for things made for the wanted thing, or of it, or for others than people."""
    a = wanted.title
    return _is_other_food(a, offered.title, category.kinds) or _is_elsewhere(a.name, category.written)


@lru_cache(maxsize=1 << 16)
def _is_elsewhere(wanted: str, written: str) -> bool:
    """Whether nothing of a category is what a wish means; kept: a wish meets many products of one category."""
    a, category = read_title(wanted), read_category(written)
    if category is None:
        return False
    if _is_flavour_only(a, category) or _is_part_of(a, category):
        return True
    for_people = joined_groups(EATEN, MEAT, SHARED)
    if not a.word_set.isdisjoint(for_people) and (a.words[-1] in for_people or a.words[-1] not in _things()):
        others = category.word_set & groups()[FOR_OTHERS]
        if others and a.word_set.isdisjoint(joined_groups(FOR_OTHERS, FOR_BABIES, FED)):
            return True
    shelf = category.shelf
    if is_for_a_thing(wanted):
        return False
    if a.words[-1] not in shelf.word_set or len(category.kinds) > 1 or category.kinds.isdisjoint(_things()):
        return False
    return bool(another_kind(Side(a), Side(shelf), remainder(a, shelf)))


def _is_other_food(a: Title, b: Title, filed: frozenset[str]) -> bool:
    """Whether an offer calls itself food of the kind it is filed under, not of the wanted: chocolate digestives."""
    eaten = groups()[EATEN]
    if not filed <= eaten or not a.word_set.isdisjoint(filed):
        return False
    of_kind = filed.union(*(narrower().get(kind, ()) for kind in filed))
    if not a.word_set.isdisjoint(of_kind) or of_kind.isdisjoint(b.word_set):
        return False
    if all(filed & kinds().get(word, frozenset()) for word in a.word_set & eaten):
        return False
    calls_itself = [word for word in b.wording.sequence if word in of_kind or word in eaten]
    return bool(calls_itself) and calls_itself[-1] in of_kind.union(groups()[TASTE], groups()[FLAVOUR])


def _is_part_of(a: Title, category: Category) -> bool:
    """Whether what stands there has the wanted thing in it, or is another of its shape: kettles among barbecues."""
    head = a.words[-1]
    whole = groups()[DEVICE] if head in groups()[PART] else groups()[COOKS] if head in groups()[COOKS] else frozenset()
    return category.kinds <= whole and category.is_for_others_than({head, " ".join(a.words)})


def _is_flavour_only(a: Title, category: Category) -> bool:
    """Whether what is wanted can be no more than the taste or scent of what stands there: cherries among candles."""
    names = a.word_set.difference(a.written)
    if not names or not names <= joined_groups(TASTE, FLAVOUR, SEASON):
        return False
    return category.is_for_others_than(names)
