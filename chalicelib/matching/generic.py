"""Short wishes: ``olive oil`` names a kind of thing, and every longer name of that kind will do.  Pure.

A product satisfies a short wish when it has all the wanted words, says nothing against them, and is the thing itself
rather than something for it, with it, or made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from chalicelib.matching.another_kind import another_kind
from chalicelib.matching.features import GLANCED
from chalicelib.matching.filing import can_tell, files_elsewhere
from chalicelib.matching.remainder import Remainder, remainder
from chalicelib.matching.sides import Side, brand_words, some_pieces
from chalicelib.matching.stand_ins import may_have, stand_in
from chalicelib.matching.text import Title, read_title
from chalicelib.matching.vetoes import SHORT
from chalicelib.matching.words import ACCESSORY, ATTACHMENT, DEVICE, PART, PLAYS, THING, VERSION, groups, joined_groups

_COVERED, _PIECES = GLANCED["wanted_covered"], GLANCED["pieces_wanted"]
KIND = 3
"""A wish of so many words names a kind of thing, unless it has a model number."""


def is_kind(wanted: Title) -> bool:
    """Whether a wish names a kind of thing, so that only all of its words will do."""
    return len(wanted.words) <= KIND and not wanted.codes


def may_satisfy(wanted: Side, offered: Side, row: Sequence[float]) -> bool:
    """Whether a glance leaves it open that an offer satisfies a short wish: few of its words can be misspelt."""
    a = wanted.title
    if len(a.words) > SHORT:
        return False
    b, category = offered.title, offered.category
    alike = row[_COVERED] or row[_PIECES] >= some_pieces(a) or a.wording.meant
    if not (alike or a.word_set & brand_words(offered) or (category and category.is_like(a))):
        return False
    for word in a.word_set - b.word_set:  # noqa: SIM110  run for every candidate
        if not may_have(word, wanted, offered):
            return False
    return True


def satisfies(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the offer is of the kind that a wish of at most ``SHORT`` words names."""
    a = wanted.title
    if not a.words or len(a.words) > SHORT:
        return False
    found = _found(wanted, offered, left)
    return found is not None and is_the_thing(*_in_its_words(wanted, offered, left, found))


def _found(wanted: Side, offered: Side, left: Remainder) -> dict[str, str] | None:
    """Wanted word that the name lacks → what stands for it there or in the category; ``None`` where one has nothing."""
    found: dict[str, str] = {}
    filed: dict[str, str] = {}
    for word in left.missing:
        if other := stand_in(word, wanted, offered, left):
            found[word] = other
        elif offered.category and (other := offered.category.word_for(word)):
            filed[word] = other
        else:
            return None
    if filed and not can_tell(filed, wanted, offered):
        return None
    return found | filed


def _in_its_words(
    wanted: Side, offered: Side, left: Remainder, found: Mapping[str, str]
) -> tuple[Side, Side, Remainder]:
    """The wish with the offer's words for its own, so that where they stand can be seen."""
    if all(word == other for word, other in found.items()):
        return wanted, offered, left
    title = read_title(" ".join(found.get(word, word) for word in wanted.title.words))
    return replace(wanted, title=title), offered, remainder(title, offered.title)


def worded_differently(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the offer is the thing itself and lacks nothing but words: a shop may call it by another name."""
    things = joined_groups(THING, ACCESSORY, ATTACHMENT)
    lacking = uncovered(wanted, offered, left)
    return all(word.isalpha() and word not in things for word in lacking) and is_the_thing(wanted, offered, left)


def uncovered(wanted: Side, offered: Side, left: Remainder) -> list[str]:
    """The wanted words that the offer lacks."""
    return [word for word in left.missing if stand_in(word, wanted, offered, left) is None]


def is_what_it_is_for(offered: Side, lacking: Iterable[str]) -> bool:
    """Whether an offer is the device for which the wanted accessory, which it lacks, is made: no battery, a camera."""
    devices = offered.title.members.get(DEVICE, frozenset()) - offered.title.wording.asides.purpose
    parts = joined_groups(ACCESSORY, ATTACHMENT, PART) - groups()[DEVICE]
    return bool(devices) and not parts.isdisjoint(lacking)


def is_the_thing(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the wanted words name the offered thing, not only what it is for, comes with, or is made of.

    What stands on a shelf for things of another kind is of that: a controller among ``PS5 Accessories``.
    """
    if not is_named(wanted, offered) or another_kind(wanted, offered, left):
        return False
    return offered.category is None or not files_elsewhere(wanted, offered, offered.category)


def is_named(wanted: Side, offered: Side) -> bool:
    """Whether a wanted word, sizes and brand apart, stands elsewhere than after ``for``, ``with`` and the like.

    A brand is named in the singular: who wants apples wants nothing of Apple's.
    """
    a, b, brand = wanted.title, offered.title, brand_words(offered)
    compact = offered.brand.compact if offered.brand else ""
    names = [word for word in a.words if word not in a.written and word not in brand and word != compact]
    if offered.category and names and names[-1] in offered.category.kinds - b.word_set:
        return True  # it stands among them
    if not names:
        return offered.brand is None or _is_of_the_brand(a, offered.brand)
    told = [word for word in names if word in b.word_set]
    asides, ours = b.wording.asides, a.wording.asides
    heads = [word for word in told if word in _heads() and word not in ours.included and word not in ours.purpose]
    if heads and (heads[-1] in asides.included or heads[-1] in asides.purpose):
        return False
    told = [word for word in told if word not in groups()[VERSION]] or told
    return not told or any(word not in asides.included and word not in asides.purpose for word in told)


@cache
def _heads() -> frozenset[str]:
    """Words for things, but those for which others are made."""
    return joined_groups(THING, ACCESSORY, ATTACHMENT) - joined_groups(DEVICE, PLAYS)


def _is_of_the_brand(a: Title, brand: Title) -> bool:
    return not brand.word_set <= a.word_set or a.wording.plurals <= brand.wording.plurals
