"""Reading a product's name: words, quantities, codes, and what they weigh.  Pure, and cached per name.

A name meets many others, so whatever can be known of it alone is worked out once, here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import takewhile
from operator import itemgetter, or_
from typing import NamedTuple
from zlib import crc32

from chalicelib import quantities
from chalicelib.matching.tokens import asides_of, is_number, normalised, numbers_of, plurals_of, words_of
from chalicelib.matching.words import LINE, OPEN_GROUPS, groups, vocabulary, weight

TRIGRAM_BITS = 1024


class Taught(NamedTuple):
    """What the vocabulary learnt of the words of a name, of those it knows."""

    missing: tuple[tuple[str, float], ...]
    extra: tuple[tuple[str, float], ...]
    common: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Title:
    """A product's name, taken apart."""

    name: str
    words: tuple[str, ...]
    """In order, each once; quantities in their canonical form, plurals and synonyms in one form."""
    word_set: frozenset[str]
    weights: dict[str, float]
    """How much each word tells."""
    total: float
    """Sum of the weights."""
    by_weight: tuple[tuple[str, float], ...]
    """The words with their weights, the most telling first."""
    taught: Taught
    initials: frozenset[str]
    """The first letters of the words."""
    joins: dict[str, tuple[str, ...]]
    """Joined form → the words it is made of: ``cushtop`` → ``("cush", "top")``."""
    following: dict[str, str]
    """Word → the word after it (``$`` at the end)."""
    preceding: dict[str, str]
    """Word → the word before it (``^`` at the start)."""
    purpose: frozenset[str]
    """Words that only say what the thing is for: ``ipad`` in ``case for ipad``."""
    included: frozenset[str]
    """Words that only say what comes with it, is in it or is not: ``lens`` in ``camera with lens``."""
    plurals: frozenset[str]
    """The words that the name has in the plural."""
    next_to: dict[str, str]
    """Word → the word right after it, where no comma, dash, bracket or preposition comes between."""
    codes: frozenset[str]
    """Model and part numbers in joined form: ``dscw150``."""
    numbers: frozenset[str]
    """Plain numbers that are no part of a quantity, and versions."""
    all_numbers: frozenset[str]
    """Every number in the name, within quantities and codes too."""
    quantities: dict[str, frozenset[str]]
    """Dimension → canonical quantities."""
    bare: dict[str, str]
    """Canonical quantity → its number alone: ``24`` of ``24 inch``."""
    written: dict[str, str]
    """Canonical quantity → as the name writes it."""
    members: dict[str, frozenset[str]]
    """Group → which of its words the name has; groups without any are left out."""
    claims: dict[str, frozenset[str]]
    """Where another word is another thing: dimension → quantities, line of devices → models, and ``members`` of groups
    that exclude."""
    compact: str
    """The words without spaces."""
    trigrams: int
    """Three-letter pieces of ``compact``, each setting one of ``TRIGRAM_BITS`` bits."""
    trigram_count: int


@lru_cache(maxsize=65536)
def read_title(name: str) -> Title:
    """``name`` taken apart."""
    plain = normalised(name)
    taken = quantities.take_quantities(plain)
    words, joins, codes = words_of(taken.text)
    asides = asides_of(taken.text)
    weights = {word: weight(word) for word in words}
    compact = "".join(words)
    word_set = frozenset(words)
    members = {group: had for group, known in groups().items() if (had := word_set & known)}
    trigrams = _bits(compact[at : at + 3] for at in range(len(compact) - 2))
    return Title(
        name=name,
        words=words,
        word_set=word_set,
        weights=weights,
        total=sum(weights.values()) or 1.0,
        by_weight=tuple(sorted(weights.items(), key=itemgetter(1), reverse=True)),
        taught=_taught(words),
        initials=frozenset(word[0] for word in words),
        joins=joins,
        following=dict(zip(words, (*words[1:], "$"), strict=True)) if words else {},
        preceding=dict(zip(words, ("^", *words[:-1]), strict=True)) if words else {},
        purpose=asides.purpose,
        included=asides.included,
        plurals=plurals_of(taken.text),
        next_to=asides.next_to,
        codes=codes,
        numbers=frozenset(filter(is_number, words)),
        all_numbers=numbers_of(plain),
        quantities=taken.by_dimension,
        bare=taken.numbers,
        written=taken.written,
        members=members,
        claims=_excluding(members) | _models(words, members.get(LINE, ()), taken) | taken.by_dimension,
        compact=compact,
        trigrams=trigrams,
        trigram_count=trigrams.bit_count() or 1,
    )


def _excluding(members: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    return {group: had for group, had in members.items() if group not in OPEN_GROUPS}


def _models(words: Sequence[str], lines: Iterable[str], taken: quantities.Taken) -> dict[str, frozenset[str]]:
    """Line of devices → the words with digits right after it, sizes apart; the ``3g`` of a device is no weight."""
    sizes = taken.written.keys() - taken.by_dimension.get("g", frozenset())
    found = {}
    for line in lines:
        after = words[words.index(line) + 1 :]
        found[line] = frozenset(takewhile(lambda word: not word.isalpha() and word not in sizes, after))
    return {line: models for line, models in found.items() if models}


def _taught(words: Sequence[str]) -> Taught:
    known = vocabulary()
    return Taught(*(_known(words, taught) for taught in (known.missing, known.extra, known.common)))


def _known(words: Sequence[str], taught: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple((word, taught[word]) for word in words if word in taught)


def _bits(found: Iterable[str]) -> int:
    return reduce(or_, map(_bit, found), 0)


@lru_cache(maxsize=65536)
def _bit(piece: str) -> int:
    return 1 << crc32(piece.encode()) % TRIGRAM_BITS
