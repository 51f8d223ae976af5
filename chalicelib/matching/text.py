"""Reading a product's name: words, quantities, codes, and what they weigh.  Pure, and cached per name.

A name meets many others, so whatever can be known of it alone is worked out once, here: what every comparison asks for
when it is read, and the rest when a comparison first asks.  What can be known of a word alone is kept for all names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple
from zlib import crc32

from chalicelib import quantities
from chalicelib.matching.asides import Asides, asides_of
from chalicelib.matching.spelling import misspelt, sound
from chalicelib.matching.tokens import (
    as_written,
    is_number,
    normalised,
    numbers_of,
    plurals_of,
    words_of,
)
from chalicelib.matching.words import (
    LINE,
    MODEL,
    OPEN_GROUPS,
    canonical_word,
    groups,
    groups_by_word,
    known_words,
    vocabulary,
    weight,
)
from chalicelib.synonyms import narrower, perhaps_meant, phrases_in, with_compared_phrases

TRIGRAM_BITS = 1024
SIZES = frozenset(["size", "stage"])
"""Words before a number that exclude another one."""
_UNIT = re.compile("[a-z]{3,}")


class Taught(NamedTuple):
    """What the vocabulary learnt of the words of a name, of those it knows."""

    missing: dict[str, float]
    extra: dict[str, float]
    common: dict[str, float]


@dataclass(frozen=True)
class Wording:
    """How a name is worded: what few comparisons ask for, worked out when the first one does."""

    said: str
    """The name in one form, before its expressions were put in that they are compared in; empty where it has none."""
    text: str
    """Its words in the form they are compared in, its quantities canonical."""
    words: tuple[str, ...]
    """Each once."""
    sequence: tuple[str, ...]
    """As often as they are written."""
    written: dict[str, str]
    """Canonical quantity → as the name writes it."""
    together: dict[str, tuple[str, ...]]
    """Joined form of what is written together → the words it is made of: ``wifi`` → ``("wi", "fi")``."""

    @cached_property
    def joins(self) -> dict[str, tuple[str, ...]]:
        """Joined form → the words it is made of, written together or not: ``cushtop`` → ``("cush", "top")``."""
        return {"".join(pair): pair for pair in pairwise(self.words)} | self.together

    @cached_property
    def following(self) -> dict[str, str]:
        """Word → the word after it (``$`` at the end)."""
        return dict(pairwise((*self.words, "$")))

    @cached_property
    def preceding(self) -> dict[str, str]:
        """Word → the word before it (``^`` at the start)."""
        return dict(zip(self.words, ("^", *self.words), strict=False))

    @cached_property
    def asides(self) -> Asides:
        """Words by where they stand."""
        return asides_of(self.text)

    @cached_property
    def plurals(self) -> frozenset[str]:
        """The words that the name has in the plural."""
        return plurals_of(self.text)

    @cached_property
    def units(self) -> frozenset[str]:
        """What the name counts: ``bag`` of ``tea, 100 bags``."""
        return frozenset(canonical_word(unit) for written in self.written.values() for unit in _UNIT.findall(written))

    @cached_property
    def expressions(self) -> tuple[tuple[frozenset[str], tuple[str, ...]], ...]:
        """The words of each expression that is compared in another form, and the words of that form."""
        found = phrases_in(self.said).items()
        return tuple((frozenset(map(canonical_word, said.split())), tuple(form.split())) for said, form in found)

    @cached_property
    def meant(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        """Word that nobody knows → the listed ones it may be misspelt for, as compared: ``telivision`` → ``tv``."""
        listed = ((word, [other for other in perhaps_meant(word) if misspelt(word, other)]) for word in self.words)
        return {word: tuple(words_of(normalised(other))[0] for other in others) for word, others in listed if others}

    @cached_property
    def strange(self) -> frozenset[str]:
        """The first letters of the words that nobody knows, or that have digits: they may be misspelt, or models."""
        return frozenset([word[0] for word in self.words if not word.isalpha() or word not in known_words()])

    @cached_property
    def sounds(self) -> frozenset[str]:
        """The words as they sound."""
        return frozenset(map(sound, self.words))

    @cached_property
    def taught(self) -> Taught:
        """What the vocabulary learnt of the words."""
        known = vocabulary()
        return Taught(*(_known(self.words, taught) for taught in (known.missing, known.extra, known.common)))


@dataclass(frozen=True, slots=True)
class Title:
    """A product's name, taken apart."""

    name: str
    words: tuple[str, ...]
    """In order, each once; quantities in their canonical form, plurals and synonyms in one form."""
    word_set: frozenset[str]
    length: float
    """How many words."""
    weights: dict[str, float]
    """How much each word tells."""
    total: float
    """Sum of the weights."""
    by_weight: tuple[tuple[str, float], ...]
    """The words with their weights, the most telling first."""
    initials: frozenset[str]
    """The first letters of the words."""
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
    """Where another word is another thing: dimension → quantities, line of devices → models, what is numbered of sizes,
    and ``members`` of groups that exclude."""
    broad: tuple[str, ...]
    """The words that name a kind of which others name things: ``phone``."""
    compact: str
    """The words without spaces."""
    trigrams: int
    """Three-letter pieces of ``compact``, each setting one of ``TRIGRAM_BITS`` bits."""
    trigram_count: int
    wording: Wording


@lru_cache(maxsize=65536)
def read_title(name: str) -> Title:
    """``name`` taken apart."""
    said = as_written(name)
    plain = with_compared_phrases(said)
    taken = quantities.take_quantities(plain)
    all_words, together, codes = words_of(taken.text)
    words = tuple(dict.fromkeys(all_words))
    weights = {word: weight(word) for word in words}
    members = _members(words)
    trigrams = _trigrams(words)
    return Title(
        name=name,
        words=words,
        word_set=frozenset(words),
        length=float(len(words)),
        weights=weights,
        total=sum(weights.values()) or 1.0,
        by_weight=tuple(sorted(weights.items(), key=itemgetter(1), reverse=True)),
        initials=frozenset([word[0] for word in words]),
        codes=codes,
        numbers=frozenset([word for word in words if not word.isalpha() and is_number(word)]),
        all_numbers=numbers_of(plain),
        quantities=taken.by_dimension,
        bare=taken.numbers,
        written=taken.written,
        members=members,
        claims=_claims(members, all_words, taken),
        broad=tuple([word for word in words if word in narrower()]),
        compact="".join(words),
        trigrams=trigrams,
        trigram_count=trigrams.bit_count() or 1,
        wording=Wording(said if plain != said else "", taken.text, words, all_words, taken.written, together),
    )


def _members(words: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, list[str]] = {}
    known = groups_by_word()
    for word in words:
        for group in known.get(word, ()):
            found.setdefault(group, []).append(word)
    return {group: frozenset(had) for group, had in found.items()}


def _claims(
    members: Mapping[str, frozenset[str]], words: Sequence[str], taken: quantities.Taken
) -> dict[str, frozenset[str]]:
    excluding = {group: had for group, had in members.items() if group not in OPEN_GROUPS}
    return excluding | _models(words, members.get(LINE, ()), taken) | _sizes(words) | taken.by_dimension


def _models(words: Sequence[str], lines: Collection[str], taken: quantities.Taken) -> dict[str, frozenset[str]]:
    """Line of devices → its models in ``words``: ``4`` of ``iphone 4``, ``13 pro max`` of ``iphone 13 pro max``."""
    if not lines:
        return {}
    sizes = taken.written.keys() - taken.by_dimension.get("g", frozenset())  # the ``3g`` of a device is no weight
    found: dict[str, set[str]] = {}
    for at, word in enumerate(words):
        if word in lines:
            found.setdefault(word, set()).update(_named_after(words[at + 1 :], sizes))
    return {line: frozenset(models) for line, models in found.items() if models}


def _sizes(words: Sequence[str]) -> dict[str, frozenset[str]]:
    """What a name numbers of its sizes: ``{"size": {"4"}}`` of ``nappies size 4+``."""
    if SIZES.isdisjoint(words):
        return {}
    found = {word: next_to for word, next_to in pairwise(words) if word in SIZES and is_number(next_to)}
    return {f"{word} no": frozenset([number]) for word, number in found.items()}


def _named_after(words: Iterable[str], sizes: Collection[str]) -> list[str]:
    """The models that ``words`` begin with: words with digits, with what belongs to them."""
    found: list[str] = []
    for word in words:
        if word in groups()[MODEL]:
            found[-1:] = [" ".join([*found[-1:], word])]
        elif word.isalpha() or word in sizes:
            break
        else:
            found.append(word)
    return found


def _known(words: Sequence[str], taught: Mapping[str, float]) -> dict[str, float]:
    return {word: taught[word] for word in words if word in taught}


def _trigrams(words: Iterable[str]) -> int:
    """The bits of the pieces of three letters, those that reach from one word into the next too."""
    bits, end = 0, ""
    for word in words:
        piece = end + word
        bits |= _bits(piece)
        end = piece[-2:]
    return bits


@lru_cache(maxsize=16384)
def _bits(text: str) -> int:
    bits = 0
    for at in range(len(text) - 2):
        bits |= 1 << crc32(text[at : at + 3].encode()) % TRIGRAM_BITS
    return bits
