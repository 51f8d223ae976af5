"""Taking the text of a product's name apart: words, joined forms, model codes, asides.  Pure.

Both sides of a comparison, the wish and the offer, are taken apart by the same rules, so that ``blu-ray``, ``blu ray``
and ``bluray`` can meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from functools import cache, lru_cache
from itertools import chain, takewhile
from typing import NamedTuple

from chalicelib.matching.words import (
    ACCESSORY,
    ATTACHMENT,
    COLOUR,
    DEVICE,
    LINE,
    PLAYS,
    THING,
    VERSION,
    canonical_word,
    groups,
    is_filler,
    joined_groups,
)
from chalicelib.synonyms import compared_forms, narrower, single_words, with_compared_phrases

_INCHES = re.compile(r"(?<=\d)\s?(?:''|′′|\"|”|'(?=\s|$))")
"""Two primes are what the one sign for inches is made of (Unicode, compatibility decomposition)."""
_ALL_IN_ONE = re.compile(r"\b(?:\d|all) in (?:1|one)\b")
_PACKAGING = re.compile(
    r"\b(?:(?:jewel|slim) case|case of|(?:in )?(?:retail|bulk|frustration[ -]free) packag(?:e|ing|ed))\b"
)
_NOT_INCLUDED = re.compile(r"\([^()]*\bnot included\)|\w+ not included")
_FRACTION = re.compile(r"(?<![\d/.])(?:(\d+)[ -])?([1-7])[/\u2044]([248])(?![\d/])")
_CHUNK = re.compile(r"#?[a-z0-9.]+(?:[-/._'’+][a-z0-9.]+)*")
_PART = re.compile(r"\d+\.\d+|[a-z0-9]+")
_PLURAL = re.compile(r"\b(?!series\b)[a-z]{3,}(?<![siu])s\b")
_NUMBER_SIGN = re.compile(r"\bno\.? ?(?=#?\d)")
_TOKEN = re.compile(rf"{_CHUNK.pattern}|[,;:()\[\]|]|(?<=\s)[-–—+](?=\s)")
_AMOUNT = re.compile(r"#[\d.]+(?:g|ml)")
_PURPOSE = frozenset(["for", "fits", "replaces"])
_INCLUDED = frozenset(["with", "w", "in", "includes", "including", "incl", "incl.", "featuring", "bundle", "+"])
_LACKED = frozenset(["no", "less", "without", "zero", "reduced"])
_VERSION = re.compile(r"v\.?(\d+(?:\.\d+)?)")
_MODEL = re.compile(r"[a-z]{1,3}\d{1,4}[a-z]?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NUMBERED = re.compile(r"([a-z]{3,})(\d{1,2})")
_CODE = re.compile(r"(?=.*\d)(?:(?=.*[a-z])[a-z0-9]{4,}|\d{5,})")
INGREDIENT = 2
"""Words after ``in``: ``in spring water``; what a thing lacks is one: ``no added sugar``."""
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
    *((sign, _PACKAGING, "") for sign in ("case", "packag")),
)
"""A sign, a pattern that has it, and the form that is put in its place; in this order."""


def words_of(text: str) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]], frozenset[str]]:
    """All words in order, the joined form → the words of what is written together, and the codes."""
    chunks = [_chunk(chunk) for chunk in _CHUNK.findall(text)]
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
    forms = _forms(chunk)
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


class Asides(NamedTuple):
    """Words by where they stand."""

    purpose: frozenset[str]
    """Those that only say what the thing is for."""
    included: frozenset[str]
    """Those that only say what comes with it, is in it or is not."""
    adjacent: frozenset[tuple[str, str]]
    """Two words that stand side by side, with nothing between."""
    opening: frozenset[str]
    """Those before the first comma, dash or bracket: what follows tells of the thing."""


def asides_of(text: str) -> Asides:
    """The words that stand only after ``for`` and the like, and only after ``with`` and the like.

    A comma, a dash or a bracket ends such an aside; what a thing lies in takes no more than ``INGREDIENT`` words, and
    ends at the animal it is for: ``tuna in jelly cat food``.  Who a thing is for makes another version of it.
    """
    text = _NUMBER_SIGN.sub("", _ALL_IN_ONE.sub("", text)).replace("compatible with", "for")
    main: set[str] = set()
    opening: frozenset[str] | None = None
    purpose: set[str] = set()
    included: set[str] = set()
    adjacent: set[tuple[str, str]] = set()
    place, before = main, ""
    left = 0
    tokens = _TOKEN.findall(text)
    for at, token in enumerate(tokens):
        if token in _PURPOSE or (token in _INCLUDED | _LACKED and place is not purpose):
            place, before = purpose if token in _PURPOSE else included, ""
            left = INGREDIENT if token == "in" else 1 if token in _LACKED else len(text)
            continue
        if not token[0].isalnum() and token[0] != "#":
            opening = opening or frozenset(main | purpose | included)
            is_list = token == "," and place is not main
            goes_on = is_list and _goes_on(tokens[at + 1 :], purpose if place is purpose else None)
            place, before = place if goes_on else main, ""
            continue
        if place is purpose and _AMOUNT.fullmatch(token) and any(map(str.isalpha, purpose)):
            place = main  # ``cleaner for screens 200 ml``
        for form in _forms(token):
            is_version = form in groups()[VERSION]
            if not left or (place is included and is_version):
                place = main
            left -= form != "added"
            (main if is_version else place).add(form)
            adjacent.add((before, form))
            before = form
    opening = opening or frozenset(main | purpose | included)
    return Asides(frozenset(purpose - main), frozenset(included - main - purpose), frozenset(adjacent), opening)


def _goes_on(tokens: Sequence[str], purpose: Collection[str] | None) -> bool:
    """Whether a comma only parts a list: ``for iphone 14, samsung s23``, ``with battery, charger and case``.

    That is where a device, or what comes with one, is named before the next.  Where ``purpose``, what the thing is for
    so far, has a device, any single word goes on with it; ``None`` where the list is of what is included.
    """
    piece = list(takewhile(lambda one: one[0].isalnum(), tokens))
    if purpose is None:
        return bool(piece) and not joined_groups(ACCESSORY, ATTACHMENT).isdisjoint(_forms(piece[-1]))
    if len(piece) == 1 and not _devices().isdisjoint(purpose):
        return groups()[COLOUR].isdisjoint(_forms(piece[0]))
    return any(_MODEL.fullmatch(token) or not _devices().isdisjoint(_forms(token)) for token in piece)


@cache
def _devices() -> frozenset[str]:
    """Words for devices, their lines and makes."""
    known = joined_groups(DEVICE, LINE, PLAYS)
    return known.union(*(name.split() for kind in known & narrower().keys() for name in narrower()[kind]))


@lru_cache(maxsize=65536)
def _forms(chunk: str) -> tuple[str, ...]:
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
    return frozenset(" ".join(chain.from_iterable(narrower().values())).split())


def _form(part: str) -> str:
    return _plain_number(part) if _NUMBER.fullmatch(part) else canonical_word(part)


@lru_cache(maxsize=4096)
def _plain_number(number: str) -> str:
    """``7.0`` and ``07`` are ``7``; a long number is a code and stays as written."""
    return f"{float(number):g}" if len(number) < 7 else number
