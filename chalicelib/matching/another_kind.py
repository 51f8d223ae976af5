"""What makes an offer another kind of thing than a short wish names, though it has all the words.  Pure.

An accessory, another edition, what is made of the thing or for it, and what the thing is only told of: by the lists
of ``groups.txt``, ``kinds.txt`` and ``compounds.txt``, and by where the words stand.
"""

from __future__ import annotations

from functools import cache

from chalicelib.matching.following import ends, is_for_a_thing, is_harmless, made_into, opens_with
from chalicelib.matching.remainder import Remainder
from chalicelib.matching.sides import Side, brand_words
from chalicelib.matching.spelling import misspelt
from chalicelib.matching.text import Title
from chalicelib.matching.words import (
    ACCESSORY,
    COLOUR,
    DEVICE,
    FLAVOUR,
    FOOD,
    FORM,
    MAKER,
    PART,
    PLAYED,
    PLAYS,
    SIZE_WORDS,
    TASTE,
    THING,
    VERSION,
    WEARER,
    compounds,
    groups,
    joined_groups,
)

FOR_ALL = "adult"
"""Whom a thing is also for that is no child's version."""
SORTS = {"chocolate": ("milk",)}
"""Taste → words for things before it that tell of its sort."""


def another_kind(wanted: Side, offered: Side, left: Remainder) -> list[str]:
    """The offer's words that make it something else than the wish: accessories, other foods, odd editions."""
    a, b = wanted.title, offered.title
    barring = groups()[VERSION] if is_for_a_thing(a.name) else joined_groups(VERSION, ACCESSORY)
    named = [word for word in left.extra if word in barring and not _covers_a_misspelling(word, left)]
    if named and not _names_a_thing(a, brand_words(offered)):
        named = [word for word in named if word not in groups()[VERSION]]  # nappies of a wanted brand are for babies
    if FOR_ALL in b.word_set:
        named = [word for word in named if word not in groups()[WEARER]]  # for children, and adults
    named = [word for word in named if not _is_aside(word, a, b, brand_words(offered))]
    telling = [word for word in named if not _is_told_later(word, a, b)]
    if telling:
        return telling
    made = _compounds(wanted, offered, left) or made_into(wanted, offered, left) or _told_of(a, b)
    made = made or _game(wanted, offered) or _built_into(a, offered)
    return [word for word in made if not _is_aside(word, a, b, frozenset())]


def _is_aside(word: str, a: Title, b: Title, brand: frozenset[str]) -> bool:
    """Whether a word of the offer says nothing of its kind: what it is for or comes with, its brand, its form."""
    asides = b.wording.asides
    return word in asides.included or word in asides.purpose or word in brand or is_harmless(word, a)


def _is_told_later(word: str, a: Title, b: Title) -> bool:
    """Whether a name that opens with the wanted thing has an accessory only later: ``headphones, 30 hours battery``."""
    return word not in b.wording.asides.opening and word not in groups()[VERSION] and opens_with(a, b)


def _names_a_thing(a: Title, brand: frozenset[str]) -> bool:
    """Whether a wish names more than a brand, a size and a form: not ``pampers size 5``."""
    passing = _forms_and_sizes()
    names = (word for word in a.words if word.isalpha() and word not in a.written)
    return any(word not in passing and word not in brand for word in names)


@cache
def _forms_and_sizes() -> frozenset[str]:
    return groups()[FORM] | SIZE_WORDS


def _covers_a_misspelling(word: str, left: Remainder) -> bool:
    return any(misspelt(wanted, word) for wanted in left.missing)


def _game(wanted: Side, offered: Side) -> list[str]:
    """What an offer calls itself before the wanted console, which ends its name: a game."""
    a, b, makers = wanted.title, offered.title, groups()[MAKER]
    names = [word for word in a.words if word not in makers and not word.isdigit()]
    if len(names) != 1 or names[0] not in groups()[PLAYS] or names[0] not in b.wording.sequence:
        return []
    at = b.wording.sequence.index(names[0])
    if not ends(b, at) or (names[0] not in groups()[PLAYED] and not makers & a.word_set):
        return []
    return [word for word in b.wording.sequence[:at] if word not in makers and word not in brand_words(offered)]


def _built_into(a: Title, offered: Side) -> list[str]:
    """The device of whose parts a wanted one is told: ``laptop i5, 512 gb ssd``."""
    b, part = offered.title, a.words[-1] if a.words else ""
    if part not in groups()[PART] or part not in b.word_set or DEVICE in a.members:
        return []
    if offered.category is not None and not offered.category.is_for_others_than({part}):
        return []
    before = b.wording.sequence[: b.wording.sequence.index(part)]
    devices, purpose = groups()[DEVICE], b.wording.asides.purpose
    places = [at for at, word in enumerate(before) if word in devices and word not in purpose]
    return [before[at] for at in places if not "".join(before[at:]).isalpha()]  # a size or model comes between


def _told_of(a: Title, b: Title) -> list[str]:
    """The thing of which a wanted colour or taste is only told: ``bath towel charcoal``."""
    if len(a.words) != 1:
        return []
    word, sequence = a.words[0], b.wording.sequence
    if word not in joined_groups(COLOUR, TASTE, FLAVOUR) or word not in sequence:
        return []
    at = sequence.index(word)
    if word in b.wording.plurals or not ends(b, at):
        return []
    things, sorts = joined_groups(THING, FOOD), SORTS.get(word, ())
    return [thing for thing in sequence[:at] if thing in things and thing not in sorts][-1:]


def _compounds(wanted: Side, offered: Side, left: Remainder) -> list[str]:
    """What stands before a wanted thing and makes it another: ``peanut butter``; a wanted brand may make both."""
    a, b = wanted.title, offered.title
    if not a.word_set.isdisjoint(brand_words(offered)):
        return []
    known, preceding = compounds(), b.wording.preceding
    before = [preceding[word] for word in a.words if word in known and preceding.get(word) in known[word]]
    return [word for word in before if word not in a.word_set and not _covers_a_misspelling(word, left)]
