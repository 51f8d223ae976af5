"""Short wishes: ``olive oil`` names a kind of thing, and every longer name of that kind will do.  Pure.

A product satisfies a short wish when it has all the wanted words, says nothing against them, and is the thing itself
rather than something for it, with it, or made of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.matching.features import GLANCE
from chalicelib.matching.remainder import Remainder
from chalicelib.matching.sides import Side
from chalicelib.matching.spelling import distance
from chalicelib.matching.text import Title
from chalicelib.matching.words import (
    ACCESSORY,
    ATTACHMENT,
    COLOUR,
    CONFIGURATION,
    DEVICE,
    FOOD,
    HELPER,
    VERSION,
    groups,
    joined_groups,
    vocabulary,
)

_LENGTH, _COVERED, _JOINED = (GLANCE.index(name) for name in ("wanted_length", "wanted_words_covered", "joined_shared"))
KIND = 3
"""A wish of so many words names a kind of thing, unless it has a model number."""
SHORT = 6
"""A wish of more words describes one product."""
PART_NUMBER = 6
"""A code of so many letters and digits names one product, down to its colour."""


def is_kind(wanted: Title) -> bool:
    """Whether a wish names a kind of thing, so that only all of its words will do."""
    return len(wanted.words) <= KIND and not wanted.codes


def may_satisfy(row: Sequence[float]) -> bool:
    """Whether a glance leaves it open that an offer satisfies a short wish: few of its words can be misspelt."""
    return row[_LENGTH] <= SHORT and (row[_LENGTH] <= 2 or row[_COVERED] >= 0.5 or row[_JOINED] > 0)


def lacks_colour(a: Title, b: Title) -> bool:
    """Whether a short wish without a part number names a colour that the offer does not."""
    if len(a.words) > SHORT or COLOUR not in a.members or COLOUR in b.members:
        return False
    return not any(len(code) >= PART_NUMBER for code in a.codes)


def satisfies(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the offer is of the kind that a wish of at most ``SHORT`` words names."""
    if not wanted.title.words or len(wanted.title.words) > SHORT:
        return False
    return not uncovered(wanted, offered, left) and is_the_thing(wanted, offered, left)


def worded_differently(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the offer is the thing itself and lacks nothing but words: a shop may call it by another name."""
    return all(word.isalpha() for word in uncovered(wanted, offered, left)) and is_the_thing(wanted, offered, left)


def uncovered(wanted: Side, offered: Side, left: Remainder) -> list[str]:
    """The wanted words that the offer lacks."""
    a, b, brand = wanted.title, offered.title, _brand(offered)
    return [word for word, share in left.missing.items() if not _covered(word, share, a, b, left, brand)]


def is_the_thing(wanted: Side, offered: Side, left: Remainder) -> bool:
    """Whether the wanted words name the offered thing, not only what it is for, comes with, or is made of."""
    a, b, brand = wanted.title, offered.title, _brand(offered)
    aside = b.included | b.purpose
    named = any(word not in aside and word not in brand for word in a.words) or a.word_set <= brand
    return named and not another_kind(a, b, left)


def _brand(offered: Side) -> frozenset[str]:
    return offered.brand.word_set if offered.brand else frozenset()


def another_kind(a: Title, b: Title, left: Remainder) -> list[str]:
    """The offer's words that make it something else than the wish: accessories, other foods, odd editions."""
    aside = b.included | b.purpose
    if ACCESSORY in a.members or ATTACHMENT in a.members:
        barring, barring_after = groups()[VERSION], groups()[HELPER]
    else:
        barring, barring_after = joined_groups(VERSION, ACCESSORY), joined_groups(ATTACHMENT, FOOD)
    extra = [word for word, share in left.extra.items() if share and (word in barring or word in barring_after)]
    after = _after(a, b) if extra else frozenset()
    return [
        word
        for word in extra
        if word not in aside and (word in barring or word in after) and not _covers_a_misspelling(word, left)
    ] or _made_for(a, b)


def _covers_a_misspelling(word: str, left: Remainder) -> bool:
    return any(share and misspelt(wanted, word) for wanted, share in left.missing.items())


def _after(a: Title, b: Title) -> frozenset[str]:
    """The offer's words after the last of the wanted ones."""
    last = max((at for at, word in enumerate(b.words) if word in a.word_set), default=-1)
    return frozenset(b.words[last + 1 :])


def _made_for(a: Title, b: Title) -> list[str]:
    """What the offer is, where the wish ends in a device that the offer is made for: ``laptop riser``."""
    device = a.words[-1]
    following = b.next_to.get(device)
    if device not in groups()[DEVICE] or following is None or following in a.word_set:
        return []
    harmless = following in b.codes or not following.isalpha() or len(following) < 3
    known = groups()
    return (
        [] if harmless or any(following in known[group] for group in (COLOUR, DEVICE, CONFIGURATION)) else [following]
    )


def _covered(word: str, share: float, a: Title, b: Title, left: Remainder, brand: frozenset[str]) -> bool:
    """Whether a wanted word the name lacks is there after all: as the brand, joined, as a number, or misspelt."""
    if not share or word in brand:
        return True
    if word[0].isdigit():
        return word in b.all_numbers or a.bare.get(word) in b.numbers
    return any(still and misspelt(word, other) for other, still in left.extra.items())


def misspelt(word: str, other: str) -> bool:
    """Whether one of two words is the other misspelt.  Two words that product names use are two words.

    The edits allowed are those of OpenSearch's fuzziness AUTO: what the index finds is found again here.
    """
    known = vocabulary().counts
    if word[0] != other[0] or not (word.isalpha() and other.isalpha()) or (word in known and other in known):
        return False
    shorter = min(len(word), len(other))
    allowed = 2 if shorter >= 6 else 1 if shorter >= 4 else 0
    return bool(allowed) and distance(word, other, allowed) <= allowed
