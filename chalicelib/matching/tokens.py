"""Taking the text of a product's name apart: words, joined forms, model codes.  Pure.

Both sides of a comparison, the wish and the offer, are taken apart by the same rules, so that ``blu-ray``, ``blu ray``
and ``bluray`` can meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import chain
from typing import NamedTuple

from chalicelib.matching.words import THING, canonical_word, groups, is_filler
from chalicelib.synonyms import compared_forms, listed_things, single_words, with_compared_phrases

_INCHES = re.compile(r"(?<=\d)\s?(?:''|′′|\"|”|'(?=\s|$))")
"""Two primes are what the one sign for inches is made of (Unicode, compatibility decomposition)."""
_PACKAGING = re.compile(
    r"\b(?:(?:jewel|slim) case|case of|(?:in )?(?:retail|bulk|frustration[ -]free) packag(?:e|ing|ed))\b"
)
_NOT_INCLUDED = re.compile(r"\([^()]*\bnot included\)|\w+ not included")
_BATTERY_LIFE = re.compile(r"((?<![a-z])(?:hours?|hrs?|days?|weeks?|months?))[ -]battery\b(?: life\b)?")
_FRACTION = re.compile(r"(?<![\d/.])(?:(\d+)[ -])?([1-7])[/\u2044]([248])(?![\d/])")
CHUNK = re.compile(r"#?[a-z0-9.]+(?:[-/._'’+][a-z0-9.]+)*")
_PART = re.compile(r"\d+\.\d+|[a-z0-9]+")
_PLURAL = re.compile(r"\b(?!series\b)[a-z]{3,}(?<![siu])s\b")
_VERSION = re.compile(r"v\.?(\d+(?:\.\d+)?)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NUMBERED = re.compile(r"([a-z]{3,})(\d{1,2})")
_CODE = re.compile(r"(?=.*\d)(?:(?=.*[a-z])[a-z0-9]{4,}|\d{5,})")
LONG_CODE = 8
"""In a code of so many letters and digits, a part of one or two digits is no number, and none of two letters a thing:
``BE112230-08``, ``TV-IP422W``."""


def normalised(name: str) -> str:
    """``as_written``, and expressions in the form they are compared in."""
    return with_compared_phrases(as_written(name))


def as_written(name: str) -> str:
    """Lower case, without accents; inches, fractions, decimal points and thousands in one form."""
    text = name.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", name).lower()
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    for sign, pattern, form in _FORMS:
        if sign in text:
            text = pattern.sub(form, text)
    return text


def _as_decimal(fraction: re.Match[str]) -> str:
    whole, above, below = fraction.groups()
    return f"{int(whole or 0) + int(above) / int(below):g}"


_FORMS: tuple[tuple[str, re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (".", re.compile(r"(?<=\d)\s+\.(?=\d)"), "."),
    (",", re.compile(r"(?<=\d),(?=\d{3}\b)"), ""),
    *((sign, _FRACTION, _as_decimal) for sign in "/\u2044"),
    *((sign, _INCHES, " inch ") for sign in "'\"”′"),
    *((sign, re.compile(rf"(?<=\w)\s?{sign}(?=s\b)"), "") for sign in "'’"),
    ("&", re.compile("&"), " and "),
    ("not included", _NOT_INCLUDED, ""),
    ("battery", _BATTERY_LIFE, r"\1 batterylife"),
    *((sign, _PACKAGING, "") for sign in ("case", "packag")),
)
"""A sign, a pattern that has it, and the form that is put in its place; in this order."""


def words_of(text: str) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]], frozenset[str]]:
    """All words in order, the joined form → the words of what is written together, and the codes."""
    chunks = [_chunk(chunk) for chunk in CHUNK.findall(text)]
    words = tuple([word for chunk in chunks for word in chunk.words])
    together = {chunk.joined: chunk.forms for chunk in chunks if chunk.joined}
    return words, together, frozenset([code for chunk in chunks for code in chunk.codes])


class _Chunk(NamedTuple):
    """What is written together, without a space."""

    forms: tuple[str, ...]
    words: tuple[str, ...]
    """The forms without fillers."""
    joined: str
    """As one word; empty where it is of one part."""
    codes: tuple[str, ...]


@lru_cache(maxsize=16384)
def _chunk(chunk: str) -> _Chunk:
    forms = forms_of(chunk)
    if chunk[0] == "#":
        return _Chunk(forms, forms, "", ())
    parts = _parts(chunk)
    joined = "".join(parts)
    written = (joined, *parts) if parts == _PART.findall(chunk) else parts
    codes = tuple(code for code in written if _CODE.fullmatch(code))
    return _Chunk(forms, tuple(form for form in forms if not is_filler(form)), joined if len(parts) > 1 else "", codes)


def plurals_of(text: str) -> frozenset[str]:
    """The words, in the form they are compared in, that ``text`` has in the plural."""
    return frozenset(canonical_word(word) for word in _PLURAL.findall(text))


def numbers_of(text: str) -> frozenset[str]:
    """Every number in ``text``, within quantities and codes too."""
    return frozenset(map(_plain_number, _NUMBER.findall(text)))


def is_number(word: str) -> bool:
    """Whether a word is a plain number."""
    return _NUMBER.fullmatch(word) is not None


@lru_cache(maxsize=65536)
def forms_of(chunk: str) -> tuple[str, ...]:
    """The words of what is written together; one word where the whole is known: ``wi-fi``."""
    if chunk[0] == "#":
        return (chunk[1:],)
    version = _VERSION.fullmatch(chunk)
    parts = [version[1]] if version else _parts(chunk)
    joined = "".join(parts)
    known = compared_forms().get(joined) if len(parts) > 1 else None
    if known:
        return (known,)
    if len(joined) >= LONG_CODE and any(_CODE.fullmatch(part) for part in parts):
        parts = [part for part in parts if len(part) > 2 or (part.isalpha() and part not in groups()[THING])]
    return tuple(_form(part) for part in parts)


def _parts(chunk: str) -> list[str]:
    """The letters and digits of a chunk between its signs; the number of a listed name apart: ``watch6``."""
    parts = _PART.findall(chunk)
    numbered = [_NUMBERED.fullmatch(part) for part in parts]
    if not any(numbered):
        return parts
    apart = (
        found.groups() if found and _is_listed_name(found) else (part,)
        for part, found in zip(parts, numbered, strict=True)
    )
    return list(chain.from_iterable(apart))


def _is_listed_name(numbered: re.Match[str]) -> bool:
    """Whether what stands before a number is a listed name, and not listed with it, as ``ddr4`` is."""
    return numbered[0] not in single_words() and canonical_word(numbered[1]) in _names()


@cache
def _names() -> frozenset[str]:
    """The words of the names that are listed as of a kind."""
    return frozenset(" ".join(listed_things()).split())


def _form(part: str) -> str:
    return _plain_number(part) if _NUMBER.fullmatch(part) else canonical_word(part)


@lru_cache(maxsize=4096)
def _plain_number(number: str) -> str:
    """``7.0`` and ``07`` are ``7``; a long number is a code and stays as written."""
    return f"{float(number):g}" if len(number) < 7 else number
