"""Reading a product's name: words, joined forms, quantities, model codes.  Pure, and cached per name.

Both sides of a comparison, the wish and the offer, are read by the same rules, so that ``500 ml``, ``500ml`` and
``0.5 l`` are one word and ``blu-ray``, ``blu ray`` and ``bluray`` can meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import pairwise
from operator import or_
from typing import NamedTuple
from zlib import crc32

from chalicelib import quantities
from chalicelib.matching.words import OPEN_GROUPS, canonical_word, groups, is_filler, vocabulary, weight
from chalicelib.synonyms import compared_forms, with_compared_phrases

_DETACHED_POINT = re.compile(r"(?<=\d)\s+\.(?=\d)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_INCHES = re.compile(r"(?<=\d)\s?(?:''|\"|”|″|'(?=\s|$))")
_PACKAGING = re.compile(r"\b(?:\d|all) in (?:1|one)\b|\bjewel case\b|\bretail packaging\b|\bbulk packaged\b")
_FRACTION = re.compile(r"(?<![\d/.])(?:(\d+)[ -])?([1-7])[/\u2044]([248])(?![\d/])")
_POSSESSIVE = re.compile(r"(?<=\w)\s?['’](?=s\b)")
_CHUNK = re.compile(r"#?[a-z0-9.]+(?:[-/._'’+][a-z0-9.]+)*")
_PART = re.compile(r"\d+\.\d+|[a-z0-9]+")
_PLURAL = re.compile(r"\b[a-z]{3,}(?<![siu])s\b")
_NUMBER_SIGN = re.compile(r"\bno\.? ?(?=#?\d)")
_TOKEN = re.compile(rf"{_CHUNK.pattern}|[,;:()\[\]|]|(?<=\s)[-–—](?=\s)")
_PURPOSE = frozenset(["for", "fits", "replaces"])
_INCLUDED = frozenset(["with", "w", "in", "includes", "including", "incl", "featuring", "bundle"])
_LACKED = frozenset(["no", "less", "without", "zero", "reduced"])
_VERSION = re.compile(r"v\.?(\d+(?:\.\d+)?)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CODE = re.compile(r"(?=.*\d)(?:(?=.*[a-z])[a-z0-9]{4,}|\d{5,})")
INGREDIENT = 2
"""Words after ``in`` or ``no``: ``in spring water``, ``no added sugar``."""
LONG_CODE = 8
"""In a code of so many letters and digits, a part of one or two digits is no number: ``BE112230-08``."""
TRIGRAM_BITS = 1024


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
    taught: dict[str, float]
    """What the vocabulary learnt of words that both names have, of those it knows."""
    by_weight: tuple[str, ...]
    """The words, the most telling first."""
    joins: dict[str, tuple[str, ...]]
    """Joined form → the words it is made of: ``cushtop`` → ``("cush", "top")``."""
    places: dict[str, int]
    """Word → where it stands."""
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
    """Where another word is another thing: dimension → quantities, and ``members`` of groups that exclude."""
    compact: str
    """The words without spaces."""
    trigrams: int
    """Three-letter pieces of ``compact``, each setting one of ``TRIGRAM_BITS`` bits."""
    trigram_count: int
    pieces: dict[str, int]
    """Word → its three-letter pieces, as bits in the same way."""


def normalised(name: str) -> str:
    """Lower case, without accents; inches, fractions, decimal points, thousands and phrases in one form."""
    text = name.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", name).lower()
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = _THOUSANDS.sub("", _DETACHED_POINT.sub(".", text))
    text = _FRACTION.sub(_as_decimal, text)
    return with_compared_phrases(_POSSESSIVE.sub("", _INCHES.sub(" inch ", text)).replace("&", " and "))


def _as_decimal(fraction: re.Match[str]) -> str:
    whole, above, below = fraction.groups()
    return f"{int(whole or 0) + int(above) / int(below):g}"


@lru_cache(maxsize=65536)
def read_title(name: str) -> Title:
    """``name`` taken apart."""
    plain = normalised(name)
    taken = quantities.take_quantities(plain)
    words, joins, codes = _words(taken.text)
    asides = _asides(_NUMBER_SIGN.sub("", _PACKAGING.sub("", taken.text)).replace("compatible with", "for"))
    weights, common = {word: weight(word) for word in words}, vocabulary().common
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
        taught={word: common[word] for word in words if word in common},
        by_weight=tuple(sorted(words, key=weights.__getitem__, reverse=True)),
        joins=joins,
        places={word: at for at, word in enumerate(words)},
        following=dict(zip(words, (*words[1:], "$"), strict=True)) if words else {},
        preceding=dict(zip(words, ("^", *words[:-1]), strict=True)) if words else {},
        purpose=asides.purpose,
        included=asides.included,
        plurals=frozenset(canonical_word(word) for word in _PLURAL.findall(taken.text)),
        next_to=asides.next_to,
        codes=codes,
        numbers=frozenset(word for word in words if _NUMBER.fullmatch(word)),
        all_numbers=frozenset(_plain_number(number) for number in _NUMBER.findall(plain)),
        quantities=taken.by_dimension,
        bare=taken.numbers,
        written=taken.written,
        members=members,
        claims={group: had for group, had in members.items() if group not in OPEN_GROUPS} | taken.by_dimension,
        compact=compact,
        trigrams=trigrams,
        trigram_count=trigrams.bit_count() or 1,
        pieces={word: _pieces(word) for word in words},
    )


def _words(text: str) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]], frozenset[str]]:
    """The words in order, the joined forms of what was written together or stands side by side, and the codes."""
    words: list[str] = []
    joins: dict[str, tuple[str, ...]] = {}
    codes: set[str] = set()
    for chunk in _CHUNK.findall(text):
        if chunk[0] == "#":
            words.append(chunk[1:])
            continue
        forms = _forms(chunk)
        parts = _PART.findall(chunk)
        words.extend(form for form in forms if not is_filler(form))
        if len(parts) > 1:
            joins["".join(parts)] = forms
        codes.update(code for code in ("".join(parts), *parts) if _CODE.fullmatch(code))
    unique = tuple(dict.fromkeys(words))
    for pair in pairwise(unique):
        joins.setdefault("".join(pair), pair)
    return unique, joins, frozenset(codes)


class _Asides(NamedTuple):
    purpose: frozenset[str]
    included: frozenset[str]
    next_to: dict[str, str]


def _asides(text: str) -> _Asides:
    """The words that stand only after ``for`` and the like, and only after ``with`` and the like.

    A comma, a dash or a bracket ends such an aside; what a thing lies in takes no more than ``INGREDIENT`` words, and
    ends at the animal it is for: ``tuna in jelly cat food``.
    """
    main: set[str] = set()
    purpose: set[str] = set()
    included: set[str] = set()
    next_to: dict[str, str] = {}
    place, before = main, ""
    left = 0
    for token in _TOKEN.findall(text):
        if token in _PURPOSE or (token in _INCLUDED | _LACKED and place is not purpose):
            place, before = purpose if token in _PURPOSE else included, ""
            left = INGREDIENT if token == "in" or token in _LACKED else len(text)
            continue
        if not token[0].isalnum() and token[0] != "#":
            place, before = main, ""
            continue
        for form in _forms(token):
            place = place if left and form not in groups()["version"] else main
            left -= 1
            place.add(form)
            next_to.setdefault(before, form)
            before = form
    return _Asides(frozenset(purpose - main), frozenset(included - main - purpose), next_to)


@lru_cache(maxsize=65536)
def _forms(chunk: str) -> tuple[str, ...]:
    """The words of what is written together; one word where the whole is known: ``wi-fi``."""
    if chunk[0] == "#":
        return (chunk[1:],)
    version = _VERSION.fullmatch(chunk)
    parts = [version[1]] if version else _PART.findall(chunk)
    joined = "".join(parts)
    known = compared_forms().get(joined) if len(parts) > 1 else None
    if known:
        return (known,)
    if len(joined) >= LONG_CODE and any(_CODE.fullmatch(part) for part in parts):
        parts = [part for part in parts if len(part) > 2 or part.isalpha()]
    return tuple(_form(part) for part in parts)


def _form(part: str) -> str:
    return _plain_number(part) if _NUMBER.fullmatch(part) else canonical_word(part)


def _plain_number(number: str) -> str:
    """``7.0`` and ``07`` are ``7``; a long number is a code and stays as written."""
    return f"{float(number):g}" if len(number) < 7 else number


@lru_cache(maxsize=65536)
def _pieces(word: str) -> int:
    """Three-letter pieces of a word, its start and its end among them, as bits like those of ``Title.trigrams``."""
    padded = f" {word} "
    return _bits(padded[at : at + 3] for at in range(len(word)))


def _bits(found: Iterable[str]) -> int:
    return reduce(or_, map(_bit, found), 0)


@lru_cache(maxsize=65536)
def _bit(piece: str) -> int:
    return 1 << crc32(piece.encode()) % TRIGRAM_BITS
