"""A wish for a kind of thing, read as one for the offered thing of that kind: a phone, an iPhone.  Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache
from itertools import chain

from chalicelib.matching.sides import Side, brand_words, told
from chalicelib.matching.stand_ins import may_have
from chalicelib.matching.text import read_title
from chalicelib.matching.words import (
    ACCESSORY,
    ATTACHMENT,
    COLOUR,
    DEVICE,
    EATEN,
    FOOD,
    FORM,
    PLAYS,
    SIZE_WORDS,
    TASTE,
    THING,
    groups,
    joined_groups,
    kinds,
)
from chalicelib.synonyms import listed_things, narrower

LONGEST = 4
"""A wish of more words describes a product."""
LONGEST_KIND = 3
"""Words of an expression for a kind: ``washing up liquid``."""


def narrowed(wanted: Side, offered: Side) -> Side | None:
    """A wish that ends in a kind, or is for a kind of device, of which the offer only names a thing, as one for that.

    ``None`` for other wishes and offers.
    """
    if len(wanted.title.words) > LONGEST:
        return None
    things = ((said, _thing_of(kind, wanted, offered)) for said, kind in _kinds(wanted.title.name))
    devices = ((kind, _made_for(kind, offered)) for kind in _devices_in(wanted.title.name))
    for said, thing in chain(things, devices):
        if thing and _has_the_rest(said, wanted, offered):
            words = f" {' '.join(wanted.title.words)} ".replace(f" {said} ", f" {thing} ")
            return replace(wanted, title=read_title(words.strip()))
    return None


@lru_cache(maxsize=4096)
def _kinds(wanted: str) -> tuple[tuple[str, str], ...]:
    """What a wish says for the kinds in which it ends, sizes and numbers apart, and the kind.  The longest first."""
    title = read_title(wanted)
    words = [word for word in title.words if word.isalpha() and word not in title.written and word not in SIZE_WORDS]
    ends = [" ".join(words[-length:]) for length in range(min(LONGEST_KIND, len(words)), 0, -1)]
    found = [(end, end) for end in ends if end in narrower()]
    found += [(" ".join(words), turned) for turned in [" ".join(reversed(words))] if turned in narrower()]
    misspelt = [(word, " ".join(each)) for word in words[-1:] for each in title.wording.meant.get(word, ())]
    return tuple(found or [(word, kind) for word, kind in misspelt if kind in narrower()])


@lru_cache(maxsize=4096)
def _devices_in(wanted: str) -> tuple[str, ...]:
    """The kinds of device for which the wanted thing is: ``phone`` of ``phone case``."""
    return tuple([word for word in read_title(wanted).words[:-1] if word in groups()[DEVICE] and word in narrower()])


def _thing_of(kind: str, wanted: Side, offered: Side) -> str | None:
    """The last thing of a kind that an offer is, and names in place of the kind."""
    things = [thing for thing in _things_of(kind, offered) if not told(_longer(kind, thing), offered.title)]
    things = [thing for thing in things if _is_of_kind(kind, thing, wanted, offered)]
    return things[-1] if things else None


def _made_for(kind: str, offered: Side) -> str | None:
    """The last device of a kind that an offer names in place of the kind."""
    devices = _things_of(kind, offered)
    return devices[-1] if devices else None


def _things_of(kind: str, offered: Side) -> list[str]:
    """The things of a kind that an offer names in place of the kind, in its order."""
    words = offered.title.word_set
    if words.isdisjoint(_words_for(kind)) or words.issuperset(kind.split()):
        return []
    return told(narrower()[kind], offered.title)


@lru_cache(maxsize=4096)
def _longer(kind: str, thing: str) -> frozenset[str]:
    """Listed expressions that begin as a thing does and are of another kind: a ``galaxy tab`` is no galaxy."""
    return frozenset(other for other in listed_things() - narrower()[kind] if other.startswith(f"{thing} "))


@cache
def _words_for(kind: str) -> frozenset[str]:
    """The words of the things of a kind, one of which an offer needs to have: most have none."""
    return frozenset(" ".join(narrower()[kind]).split())


def _is_of_kind(kind: str, thing: str, wanted: Side, offered: Side) -> bool:
    """Whether an offer that names ``thing`` is of the kind; a name alone may be that of other things as well."""
    last = thing.split()[-1]
    if last in groups()[EATEN]:
        return not _is_filed_otherwise(kind, offered)
    if last in joined_groups(THING, FOOD) or last in kinds():
        return True
    return not _others(kind, thing, wanted, offered) and not _is_filed_otherwise(kind, offered)


def _is_filed_otherwise(kind: str, offered: Side) -> bool:
    """Whether an offer stands among things of another kind: Walkers shortbread among the biscuits, not the crisps."""
    return offered.category is not None and offered.category.is_for_others_than(_words_for(kind).union(kind.split()))


def _has_the_rest(said: str, wanted: Side, offered: Side) -> bool:
    """Whether an offer can have what is wanted besides the kind: a wish for Coca Cola is none for another cola."""
    rest = wanted.title.word_set.difference(said.split(), offered.title.word_set)
    return all(may_have(word, wanted, offered) for word in rest)


def _others(kind: str, thing: str, wanted: Side, offered: Side) -> list[str]:
    """Other things that an offer names beside a name alone: ``wipe`` of ``pampers wipes``, which are no nappies.

    What is named of a device is mostly a part of it; where it is another thing the order of the words shows that.
    """
    if kind in groups()[DEVICE] and thing not in brand_words(offered):
        return sorted((offered.title.word_set & groups()[PLAYS]).difference(narrower()[kind]))
    wording, named = offered.title.wording, {*kind.split(), *thing.split(), *wanted.title.words}
    passing = named | wording.asides.included | wording.asides.purpose | brand_words(offered) | narrower()[kind]
    others = [word for word in offered.title.words if word in _things() and word not in passing]
    return [word for word in others if kinds().get(word, frozenset()).isdisjoint({*named, wording.preceding[word]})]


@cache
def _things() -> frozenset[str]:
    """Words for things that are sold, but for what food is made of."""
    things = (groups()[THING] | listed_things()) - groups()[EATEN]
    return (things | joined_groups(FOOD, ACCESSORY, ATTACHMENT)) - joined_groups(FORM, COLOUR, TASTE)
