"""What follows a wanted thing in an offer's name and makes another of it: ``paint brush``.  Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

from chalicelib.matching.remainder import Remainder
from chalicelib.matching.sides import Side, brand_words
from chalicelib.matching.text import Title, read_title
from chalicelib.matching.words import (
    ACCESSORY,
    ATTACHMENT,
    ATTRIBUTE,
    COLOUR,
    COOKS,
    DEVICE,
    EATEN,
    FLAVOUR,
    FOOD,
    FOR_BABIES,
    FORM,
    HELPER,
    LINE,
    MATERIAL,
    MEAT,
    PLAYS,
    RECIPE,
    TASTE,
    THING,
    VERSION,
    WEARER,
    compounds,
    groups,
    joined_groups,
    kinds,
)
from chalicelib.synonyms import kinds_of, narrower

SHORTEST_START, SHORTEST_END = 3, 4
"""Letters of a longer word before a thing that it ends in, and of the thing: ``songbook``, but not ``spring``."""
ADJECTIVE = ("able", "ed")
"""Endings of words that say what can be done with a thing, or has been."""
TREATED = ("wash",)
"""Things that words end in which tell of others: ``stonewash``."""
PREPARED = "food"
"""What may be named after what it is made of: ``cat food fish``."""
NEARLY = 0.5
"""A word of which less is missing is there, only written otherwise."""


def made_into(wanted: Side, offered: Side, left: Remainder) -> list[str]:
    """What follows the wanted thing without a break and is another thing: ``paint brush``, ``guitar strings``.

    After a word that is no thing in the lists, a name perhaps, the thing itself may follow: ``walkman mp3 player``.
    """
    last = _last(wanted.title, offered.title, left)
    if last < 0:
        return []
    places = _places(wanted.title, offered.title, last)
    found = (_following_things(wanted, offered, at) or _shared_head(offered.title, at) for at in places)
    return next(filter(None, found), [])


def _places(a: Title, b: Title, last: int) -> list[int]:
    """Where in an offer's name the wanted thing may end: at the ``last`` wanted word, where that stands first, or both.

    And at the thing itself, where the last is none: ``mattress topper double``.
    """
    sequence, things = b.wording.sequence, groups()[THING]
    places = {sequence.index(sequence[last])}
    is_said_again = opens_with(a, b) and b.wording.asides.opening.isdisjoint(sequence[last + 1 :])
    if not is_said_again:  # ``toothbrush, 2 toothbrush heads``
        places.add(last)
    head = next((word for word in reversed(a.words) if word in things), "")
    if head not in groups()[ACCESSORY] and head in sequence and sequence[last] not in things:
        places.add(sequence.index(head))
    return sorted(places)


def opens_with(a: Title, b: Title) -> bool:
    """Whether a name opens with the wanted thing, so that what it says later is told of that.

    Of devices that says nothing: ``iphone 14, 15 case``.
    """
    names = [word for word in a.words if word.isalpha() and word not in a.written]
    return bool(names) and names[-1] in b.wording.asides.opening and a.members.keys().isdisjoint((DEVICE, LINE, PLAYS))


def _last(a: Title, b: Title, left: Remainder) -> int:
    """The place of the last of the wanted words in the offer's name, sizes and numbers apart; -1 for none."""
    sequence = b.wording.sequence
    for at in range(len(sequence) - 1, -1, -1):
        word = sequence[at]
        if word in a.word_set:
            if word.isalpha() or word in groups()[PLAYS]:
                return at
        elif word.isalpha() and left.extra.get(word, 0) < NEARLY:
            return at
    return -1


def _following_things(wanted: Side, offered: Side, last: int) -> list[str]:
    """The other thing that follows the wanted word at place ``last`` of the offer's name."""
    a, b = wanted.title, offered.title
    name, attached = b.wording.sequence[last], groups()[HELPER if is_for_a_thing(a.name) else ATTACHMENT]
    if name in brand_words(offered) or name in groups()[ATTRIBUTE]:
        return []
    is_thing = _names_one_of(joined_groups(THING, DEVICE, MEAT, FLAVOUR, TASTE, PLAYS, ATTACHMENT), name)
    is_thing = is_thing or (name in groups()[FORM] and name == a.words[-1])  # ``coffee pod machine``
    things = joined_groups(THING, FOOD, LINE) if is_thing else frozenset()
    cooked = _cooked() if name in groups()[COOKS] and a.word_set.isdisjoint(_cooked()) else frozenset()
    next_at = last + 1
    for at, word in _following(b, last):
        if word.isdigit() and (name in groups()[LINE] or _is_its_model(word, a, b.wording.sequence[at - 1])):
            continue  # ``playstation 5 headset``
        if not word.isalpha():
            return []
        if word in groups()[MATERIAL]:
            next_at += 1
            continue
        is_next = at == next_at or name in groups()[FLAVOUR]  # a flavour tells of whatever follows
        if word in cooked:
            return [word]
        if word in attached or (is_next and (word in b.wording.plurals or _names_one_of(things, word))):
            if word in groups()[TASTE] and ends(b, at):
                break
            if not (_goes_without_saying(word, a) or is_harmless(word, a)):
                return [word]
            next_at += 1
    return []


def _following(b: Title, at: int) -> Iterator[tuple[int, str]]:
    """The places and words that follow the word at place ``at`` without a break; of food also after an ``and``."""
    adjacent, eaten = b.wording.asides.adjacent, groups()[EATEN]
    for place, (before, word) in enumerate(pairwise(b.wording.sequence[at:]), at + 1):
        is_joined = before in eaten and word in eaten and {(before, "and"), ("and", word)} <= adjacent
        if not is_joined and (before, word) not in adjacent:
            return
        yield place, word


def _shared_head(b: Title, at: int) -> list[str]:
    """The thing that ends two which an ``and`` joins, the one at place ``at`` first: ``drill and screwdriver bit``."""
    adjacent, things = b.wording.asides.adjacent, groups()[THING]
    first, second, head = (*b.wording.sequence[at : at + 3], "", "", "")[:3]
    joined = {(first, "and"), ("and", second), (second, head)} <= adjacent
    return [head] if joined and things.issuperset((first, second, head)) else []


def ends(b: Title, at: int) -> bool:
    """Whether nothing follows the word at place ``at`` without a break, or a size or number does."""
    return next((not word.isalpha() for _, word in _following(b, at)), True)


def _is_its_model(number: str, a: Title, before: str) -> bool:
    """Whether a wish has the number that stands after ``before`` in an offer, and means the model by it."""
    return number in a.numbers and (DEVICE in a.members or a.wording.preceding[number] == before)


def _goes_without_saying(word: str, a: Title) -> bool:
    """Whether a word after the wanted thing leaves it what it is: its colour, its form, who it is for."""
    if word in groups()[FORM]:
        return _is_only_a_form(word, a)
    if PREPARED in a.word_set and word in joined_groups(MEAT, TASTE, RECIPE):
        return True
    return word in joined_groups(COLOUR, VERSION, WEARER)


def is_harmless(word: str, a: Title) -> bool:
    """Whether a word says nothing new of the wanted thing: its kind or form, or that it is a child's."""
    wanted = a.word_set
    if word in wanted:
        return True
    if word in kinds() and not wanted.isdisjoint(kinds()[word]):
        return True
    if any(word in narrower()[kind] for kind in a.broad) or any(word in kinds_of().get(one, ()) for one in wanted):
        return True  # a thing of the wanted kind, or its kind: ``pasta penne``, ``cruzer flash drive``
    if word in groups()[FORM]:
        return _is_only_a_form(word, a)
    return word in groups()[WEARER] and not wanted.isdisjoint(groups()[FOR_BABIES])


def _is_only_a_form(word: str, a: Title) -> bool:
    """Whether a form leaves the wanted thing what it is: not that of a device, and no water bottle for water."""
    return DEVICE not in a.members and compounds().get(word, frozenset()).isdisjoint(a.word_set)


@lru_cache(maxsize=4096)
def is_for_a_thing(wanted: str) -> bool:
    """Whether a wish is for an accessory; the stand of a ``stand mixer`` is none."""
    title = read_title(wanted)
    named = title.members.get(ACCESSORY, frozenset()) | title.members.get(ATTACHMENT, frozenset())
    if not named:
        return False
    after = title.wording.following
    return any(after[word] not in groups()[THING] or after[word] in named for word in named)


@cache
def _cooked() -> frozenset[str]:
    """Words for food; ``cream`` may be a colour."""
    return groups()[EATEN] - groups()[COLOUR]


@lru_cache(maxsize=4096)
def _names_one_of(things: frozenset[str], word: str) -> bool:
    """Whether a word, or the end of it, is one of ``things``: a songbook is a book, but no silicone is a cone."""
    if word.endswith((*ADJECTIVE, *TREATED)):
        return word in things
    if word in groups()[MATERIAL]:
        return False
    return any(word[start:] in things for start in (0, *range(SHORTEST_START, len(word) - SHORTEST_END + 1)))
