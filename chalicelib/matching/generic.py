"""Short wishes: ``olive oil`` names a kind of thing, and every longer name of that kind will do.  Pure.

A product satisfies a short wish when it has all the wanted words, says nothing against them, and is the thing itself
rather than something for it, with it, or made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from chalicelib.matching.features import GLANCED
from chalicelib.matching.remainder import Remainder
from chalicelib.matching.sides import SOME_PIECES, Side
from chalicelib.matching.spelling import misspelt
from chalicelib.matching.text import Title
from chalicelib.matching.vetoes import SHORT
from chalicelib.matching.words import (
    ACCESSORY,
    ATTACHMENT,
    COLOUR,
    DEVICE,
    FLAVOUR,
    FOOD,
    FOR_BABIES,
    FORM,
    HELPER,
    LINE,
    MEAT,
    PLAYED,
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
from chalicelib.synonyms import narrower, spellings

_COVERED, _PIECES = GLANCED["wanted_covered"], GLANCED["pieces_wanted"]
KIND = 3
"""A wish of so many words names a kind of thing, unless it has a model number."""
SOME_WORDS = 0.35
"""An offer with all words of a wish, some misspelt, shares so much of their weight, or of their letters by threes."""
SHORTEST_START, SHORTEST_END = 3, 4
"""Letters of a longer word before a thing that it ends in, and of the thing: ``songbook``, but not ``spring``."""
ADJECTIVE = ("able", "ed")
"""Endings of words that say what can be done with a thing, or has been."""
ATTRIBUTE = ("wash",)
"""Things that words end in which tell of others: ``stonewash``."""
PREPARED = "food"
"""What may be named after what it is made of: ``cat food fish``."""
NEARLY = 0.5
"""A word of which less is missing is there, only written otherwise."""


def is_kind(wanted: Title) -> bool:
    """Whether a wish names a kind of thing, so that only all of its words will do."""
    return len(wanted.words) <= KIND and not wanted.codes


def may_satisfy(wanted: Side, offered: Side, row: Sequence[float]) -> bool:
    """Whether a glance leaves it open that an offer satisfies a short wish: few of its words can be misspelt."""
    a = wanted.title
    if len(a.words) > SHORT:
        return False
    b, brand = offered.title, _brand(offered)
    if row[_COVERED] < SOME_WORDS and row[_PIECES] < SOME_PIECES and a.word_set.isdisjoint(brand):
        return False
    for word in a.word_set - b.word_set:  # noqa: SIM110  run for every candidate
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
    a, b, brand = wanted.title, offered.title, _brand(offered)
    if not a.words or len(a.words) > SHORT:
        return False
    for word in left.missing:
        if not _covered(word, a, b, left, brand):
            return False
    return is_the_thing(wanted, offered, left)


def worded_differently(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the offer is the thing itself and lacks nothing but words: a shop may call it by another name."""
    things = joined_groups(THING, ACCESSORY, ATTACHMENT)
    lacking = uncovered(wanted, offered, left)
    return all(word.isalpha() and word not in things for word in lacking) and is_the_thing(wanted, offered, left)


def uncovered(wanted: Side, offered: Side, left: Remainder) -> list[str]:
    """The wanted words that the offer lacks."""
    a, b, brand = wanted.title, offered.title, _brand(offered)
    return [word for word in left.missing if not _covered(word, a, b, left, brand)]


def is_the_thing(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the wanted words name the offered thing, not only what it is for, comes with, or is made of."""
    return _is_named(wanted, offered) and not another_kind(wanted, offered, left)


def _is_named(wanted: Side, offered: Side) -> bool:
    """Whether a wanted word, sizes and brand apart, stands elsewhere than after ``for``, ``with`` and the like.

    A brand is named in the singular: who wants apples wants nothing of Apple's.
    """
    a, b, brand = wanted.title, offered.title, _brand(offered)
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


def _brand(offered: Side) -> frozenset[str]:
    return offered.brand.word_set if offered.brand else frozenset()


def another_kind(wanted: Side, offered: Side, left: Remainder) -> list[str]:
    """The offer's words that make it something else than the wish: accessories, other foods, odd editions."""
    a, b = wanted.title, offered.title
    barring = groups()[VERSION] if _is_for_a_thing(a) else joined_groups(VERSION, ACCESSORY)
    named = [word for word in left.extra if word in barring and not _covers_a_misspelling(word, left)]
    telling = [word for word in named if not _is_aside(word, a, b, _brand(offered))]
    if telling:
        return telling
    made = _compounds(wanted, offered, left) + _made_into(wanted, offered, left) + _told_of(a, b)
    return [word for word in made if not _is_aside(word, a, b, _brand(offered))]


def _is_aside(word: str, a: Title, b: Title, brand: frozenset[str]) -> bool:
    """Whether a word of the offer says nothing of its kind: what it is for or comes with, its brand, its form."""
    asides = b.wording.asides
    return word in asides.included or word in asides.purpose or word in brand or _is_harmless(word, a)


def _is_harmless(word: str, a: Title) -> bool:
    """Whether a word says nothing new of the wanted thing: its kind or form, or that it is a child's."""
    wanted = a.word_set
    if word in kinds() and not wanted.isdisjoint(kinds()[word]):
        return True
    if any(word in narrower()[kind] for kind in a.broad):
        return True  # a thing of the wanted kind: ``pasta penne``
    if word in groups()[FORM]:
        return DEVICE not in a.members and not _is_compound(word, a)
    return word in groups()[WEARER] and not wanted.isdisjoint(groups()[FOR_BABIES])


def _is_compound(word: str, a: Title) -> bool:
    """Whether a wanted word before ``word`` makes another thing of it: a water bottle."""
    return not compounds().get(word, frozenset()).isdisjoint(a.word_set)


def _is_for_a_thing(title: Title) -> bool:
    """Whether a wish is for an accessory; the stand of a ``stand mixer`` is none."""
    named = title.members.get(ACCESSORY, frozenset()) | title.members.get(ATTACHMENT, frozenset())
    if not named:
        return False
    after = title.wording.following
    return any(after[word] not in groups()[THING] or after[word] in named for word in named)


def _covers_a_misspelling(word: str, left: Remainder) -> bool:
    return any(misspelt(wanted, word) for wanted in left.missing)


def _told_of(a: Title, b: Title) -> list[str]:
    """The thing of which a wanted colour, taste or console is only told: ``bath towel charcoal``, ``game (ps5)``."""
    if len(a.words) != 1:
        return []
    word, sequence = a.words[0], b.wording.sequence
    if word not in joined_groups(COLOUR, TASTE, FLAVOUR, PLAYED) or word not in sequence:
        return []
    at = sequence.index(word)
    if word in b.wording.plurals or not _ends(b, at):
        return []
    if word in groups()[PLAYED] and word not in b.wording.asides.next_to.values():
        return list(sequence[:at])
    return [thing for thing in sequence[:at] if thing in joined_groups(THING, FOOD)][-1:]


def _end(a: Title, b: Title, left: Remainder) -> int:
    """Where the offer's name goes on after the last of the wanted words, sizes and numbers apart."""
    sequence = b.wording.sequence
    for at in range(len(sequence), 0, -1):
        word = sequence[at - 1]
        if word.isalpha() and (word in a.word_set or left.extra.get(word, 0) < NEARLY):
            return at
    return 0


def _made_into(wanted: Side, offered: Side, left: Remainder) -> list[str]:
    """What follows the wanted thing without a break and is another thing: ``paint brush``, ``guitar strings``.

    After a word that is no thing in the lists, a name perhaps, the thing itself may follow: ``walkman mp3 player``.
    """
    a, b, sequence = wanted.title, offered.title, offered.title.wording.sequence
    end, attached = _end(a, b, left), groups()[HELPER if _is_for_a_thing(a) else ATTACHMENT]
    if not end or sequence[end - 1] in _brand(offered):
        return []
    last = sequence[end - 1]
    is_thing = _names_one_of(joined_groups(THING, DEVICE, MEAT, FLAVOUR), last)
    things = joined_groups(THING, FOOD, LINE) if is_thing else frozenset()
    next_at = end
    for at, (before, word) in enumerate(pairwise(sequence[end - 1 :]), end):
        if b.wording.asides.next_to.get(before) != word:
            break
        if word in a.numbers and (DEVICE in a.members or a.wording.preceding[word] == before):
            continue  # its model: ``playstation 5 headset``
        if not word.isalpha():
            break
        is_next = at == next_at or last in groups()[FLAVOUR]  # a flavour tells of whatever follows
        if word in attached or (is_next and (word in b.wording.plurals or _names_one_of(things, word))):
            if word in groups()[TASTE] and _ends(b, at):
                break
            if not _goes_without_saying(word, a):
                return [word]
            next_at += 1
    return []


def _goes_without_saying(word: str, a: Title) -> bool:
    """Whether a word after the wanted thing leaves it what it is: its colour, its form, who it is for."""
    if word in groups()[FORM]:
        return DEVICE not in a.members and not _is_compound(word, a)
    if PREPARED in a.word_set and word in joined_groups(MEAT, TASTE, RECIPE):
        return True
    return word in joined_groups(COLOUR, VERSION, WEARER)


def _ends(b: Title, at: int) -> bool:
    """Whether nothing follows the word at place ``at`` without a break, sizes and numbers apart."""
    for before, word in pairwise(b.wording.sequence[at:]):
        if b.wording.asides.next_to.get(before) != word:
            return True
        if word.isalpha():
            return False
    return True


@lru_cache(maxsize=4096)
def _names_one_of(things: frozenset[str], word: str) -> bool:
    """Whether a word, or the end of it, is one of ``things``: a songbook is a book, what is portable no table."""
    if word.endswith((*ADJECTIVE, *ATTRIBUTE)):
        return word in things
    return any(word[start:] in things for start in (0, *range(SHORTEST_START, len(word) - SHORTEST_END + 1)))


def _compounds(wanted: Side, offered: Side, left: Remainder) -> list[str]:
    """What stands before a wanted thing and makes it another: ``peanut butter``; a wanted brand may make both."""
    a, b = wanted.title, offered.title
    if not a.word_set.isdisjoint(_brand(offered)):
        return []
    known, preceding = compounds(), b.wording.preceding
    before = [preceding[word] for word in a.words if word in known and preceding.get(word) in known[word]]
    return [word for word in before if word not in a.word_set and not _covers_a_misspelling(word, left)]


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
