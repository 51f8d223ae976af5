"""Reading a product's name: words, joined forms, quantities, model codes.  Pure, and cached per name.

Both sides of a comparison, the wish and the offer, are read by the same rules, so that ``500 ml``, ``500ml`` and
``0.5 l`` are one word and ``blu-ray``, ``blu ray`` and ``bluray`` can meet.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.matching import quantities
from chalicelib.matching.words import canonical_word, is_filler, weight

_DETACHED_POINT = re.compile(r"(?<=\d)\s+\.(?=\d)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_INCHES = re.compile(r"(?<=\d)\s?(?:''|\"|”|″|'(?=\s|$))")
_APOSTROPHE = re.compile(r"(?<=\w)\s?['’](?=s\b)")
_CHUNK = re.compile(r"[a-z0-9]+(?:[-/._'’+][a-z0-9]+)*")
_PART = re.compile(r"\d+\.\d+|[a-z0-9]+")
_VERSION = re.compile(r"v\.?(\d+(?:\.\d+)?)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CODE = re.compile(r"(?=.*\d)(?:(?=.*[a-z])[a-z0-9]{4,}|\d{5,})")


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
    joins: dict[str, tuple[str, ...]]
    """Joined form → the words it is made of: ``cushtop`` → ``("cush", "top")``."""
    codes: frozenset[str]
    """Model and part numbers in joined form: ``dscw150``."""
    numbers: frozenset[str]
    """Plain numbers that are no part of a quantity, and versions."""
    quantities: dict[str, frozenset[str]]
    """Dimension → canonical quantities."""
    trigrams: frozenset[str]
    positions: dict[str, int]
    all_numbers: frozenset[str]


def normalised(name: str) -> str:
    """Lower case, without accents; inches, detached decimal points and thousands in one form."""
    text = unicodedata.normalize("NFKD", name).lower()
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = _THOUSANDS.sub("", _DETACHED_POINT.sub(".", text))
    return _APOSTROPHE.sub("", _INCHES.sub(" inch ", text)).replace("&", " and ")


@lru_cache(maxsize=65536)
def read_title(name: str) -> Title:
    """``name`` taken apart."""
    text, found = _take_quantities(normalised(name))
    words: list[str] = []
    joins: dict[str, tuple[str, ...]] = {}
    codes: set[str] = set()
    for chunk in text.split():
        if chunk[0] == "#":
            words.append(chunk[1:])
            continue
        for piece in _CHUNK.findall(chunk):
            _take_chunk(piece, words, joins, codes)
    words = list(dict.fromkeys(words))
    for before, after in zip(words, words[1:], strict=False):
        joins.setdefault(before + after, (before, after))
    weights = {word: weight(word) for word in words}
    compact = "".join(words)
    return Title(
        name=name,
        words=tuple(words),
        word_set=frozenset(words),
        weights=weights,
        total=sum(weights.values()),
        joins=joins,
        codes=frozenset(codes),
        numbers=frozenset(word for word in words if _NUMBER.fullmatch(word)),
        quantities={dimension: frozenset(values) for dimension, values in found.items()},
        trigrams=frozenset(compact[at : at + 3] for at in range(len(compact) - 2)),
        positions={word: at for at, word in enumerate(words)},
        all_numbers=frozenset(f"{float(n):g}" for n in _NUMBER.findall(normalised(name))),
    )


def _take_quantities(text: str) -> tuple[str, dict[str, set[str]]]:
    """The text with each quantity replaced by ``#`` and its canonical word, and the quantities by dimension."""
    found: dict[str, set[str]] = {}

    def put(dimension: str, value: float) -> str:
        word = quantities.canonical(dimension, value)
        found.setdefault(dimension, set()).add(word)
        return f" #{word} "

    def replace(match: re.Match[str]) -> str:
        read = quantities.quantity(match[1], match[2], match[3])
        return put(*read) if read else match[0]

    text = quantities.PACK_OF.sub(lambda match: put("pack", float(match[1])), text)
    text = quantities.MULTIPLE.sub(lambda match: put("pack", float(match[1])), text)
    return quantities.QUANTITY.sub(replace, text), found


def _take_chunk(chunk: str, words: list[str], joins: dict[str, tuple[str, ...]], codes: set[str]) -> None:
    version = _VERSION.fullmatch(chunk)
    parts = [version[1]] if version else _PART.findall(chunk)
    forms = tuple(form for form in (_form(part) for part in parts) if form)
    words.extend(form for form in forms if not is_filler(form))
    joined = "".join(parts)
    if len(parts) > 1:
        joins[joined] = forms
    for code in (joined, *parts) if len(parts) > 1 else (joined,):
        if _CODE.fullmatch(code):
            codes.add(code)


def _form(part: str) -> str:
    if _NUMBER.fullmatch(part):
        return f"{float(part):g}" if len(part) < 7 else part
    return canonical_word(part)
