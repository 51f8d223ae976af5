"""Units of quantities as they stand in product names: how much of a thing, how many, how large.  Pure.

A quantity is a dimension and a value in the dimension's base unit, so that ``0.5 l``, ``50cl`` and ``500ml`` are
equal.  Imperial units are converted (a pint is a UK pint) and rounded, because shops do too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

UNITS: dict[str, tuple[str, float]] = {}
"""Spelling → (dimension, size in the base unit)."""


def _declare(dimension: str, size: float, spellings: str) -> None:
    for spelling in spellings.split():
        UNITS[spelling] = (dimension, size)


_declare("ml", 1, "ml millilitre milliliter millilitres milliliters")
_declare("ml", 10, "cl centilitre centilitres")
_declare("ml", 1000, "l lt ltr ltrs litre litres liter liters")
_declare("ml", 568, "pt pint pints")
_declare("g", 1, "g gm gms gram grams gramme grammes")
_declare("g", 1000, "kg kgs kilo kilos kilogram kilograms")
_declare("g", 28.35, "oz ozs ounce ounces")
_declare("g", 453.6, "lb lbs pound pounds")
_declare("mg", 1, "mg milligram milligrams")
_declare("kb", 1, "kb kilobyte")
_declare("kb", 1000, "mb meg megabyte megabytes")
_declare("kb", 1000**2, "gb gig gigs gigabyte gigabytes")
_declare("kb", 1000**3, "tb terabyte terabytes")
_declare("mm", 1, "mm millimetre millimeter")
_declare("mm", 10, "cm cms centimetre centimeter")
_declare("mm", 25.4, "inch inches in ins")
_declare("mm", 304.8, "ft foot feet")
_declare("mm", 1000, "m metre metres meter meters")
_declare("w", 1, "w watt watts")
_declare("w", 1000, "kw kilowatt")
_declare("v", 1, "v volt volts")
_declare("mah", 1, "mah")
_declare("hz", 1, "hz")
_declare("hz", 1e6, "mhz")
_declare("hz", 1e9, "ghz")
_declare("mp", 1, "mp megapixel megapixels megapixals mpix")
_declare("x", 1, "x")
_declare("pack", 1, "pack packs pk pks ct count pcs pieces piece pc sheets tablets capsules rolls bags sachets pods")
_declare("pack", 1, "s")
_declare("user", 1, "user users seat seats license licence")
_declare("port", 1, "port ports")

_FEWEST, _MOST = 10, 500
"""How many ``32s`` may be: an iPhone 5s is no pack."""
_AMBIGUOUS = frozenset({"in", "m", "v", "w", "x", "pt", "pc", "piece"})
"""Units that are also words or parts of codes: read as units only straight after their number."""
_SPELLINGS = "|".join(sorted(UNITS, key=len, reverse=True))
# Beginning with the digit, not with what must not stand before it, which would be looked for at every letter.
_NUMBER = r"\d(?<![\w.#]\d)\d*"
QUANTITY = re.compile(rf"({_NUMBER}(?:\.\d+)?)(\s?-?\s?)([a-z]+)(?!\w)(?!-[a-z]*\d)")
PACK_OF = re.compile(r"\b(?:pack|set|box|case|bundle|lot) of (\d+)\b")
MULTIPLE = re.compile(rf"({_NUMBER})\s?x\s?(?=\d+(?:\.\d+)?\s?-?(?:{_SPELLINGS})(?!\w))")


def quantity(number: str, gap: str, unit: str) -> tuple[str, float] | None:
    """(dimension, value in base units) of ``number`` and ``unit``; ``None`` where it is not a quantity after all."""
    if unit not in UNITS or (gap and unit in _AMBIGUOUS and (gap != "-" or unit in ("x", "v"))):
        return None
    if unit == "s" and (gap or not _FEWEST <= float(number) <= _MOST):
        return None
    dimension, size = UNITS[unit]
    return dimension, float(number) * size


def canonical(dimension: str, value: float) -> str:
    """One word for a quantity, equal for equal quantities: ``500ml``, ``6pack``; values to three significant digits."""
    return f"{float(f'{value:.3g}'):.15g}{dimension}"


@dataclass(frozen=True, slots=True)
class Taken:
    """A text whose quantities have been taken."""

    text: str
    """With ``#`` and the canonical word in the place of each quantity."""
    by_dimension: dict[str, frozenset[str]]
    numbers: dict[str, str]
    """Canonical word → its number as written: ``24`` of ``24 inch``."""
    written: dict[str, str]
    """Canonical word → the quantity as written."""


def take_quantities(text: str) -> Taken:
    """The quantities of ``text`` (lower case)."""
    found: dict[str, set[str]] = {}
    numbers: dict[str, str] = {}
    written: dict[str, str] = {}

    def put(match: re.Match[str], dimension: str, value: float) -> str:
        word = canonical(dimension, value)
        found.setdefault(dimension, set()).add(word)
        numbers[word], written[word] = f"{float(match[1]):g}", match[0].strip()
        return f" #{word} "

    def replace(match: re.Match[str]) -> str:
        read = quantity(match[1], match[2], match[3])
        return put(match, *read) if read else match[0]

    if " of " in text:
        text = PACK_OF.sub(lambda match: put(match, "pack", float(match[1])), text)
    if "x" in text:
        text = MULTIPLE.sub(lambda match: put(match, "pack", float(match[1])), text)
    text = QUANTITY.sub(replace, text)
    return Taken(text, {dimension: frozenset(words) for dimension, words in found.items()}, numbers, written)


_AMOUNTS = ("g", "ml")


def amount_of(text: str) -> tuple[str, Decimal] | None:
    """How much a pack holds in all: ``6 x 330ml`` is ``("ml", 1980)``, ``4 pack`` is ``("pack", 4)``.

    ``None`` where ``text`` states none, or more than one.
    """
    taken = take_quantities(text.lower()).by_dimension
    measures = {dimension: words for dimension, words in taken.items() if dimension in _AMOUNTS}
    packs = taken.get("pack", frozenset({canonical("pack", 1)}))
    if len(measures) > 1 or len(packs) > 1 or not (measures or "pack" in taken):
        return None
    count = _value(packs, "pack")
    for dimension, words in measures.items():
        return (dimension, count * _value(words, dimension)) if len(words) == 1 else None
    return "pack", count


def _value(words: frozenset[str], dimension: str) -> Decimal:
    (word,) = words
    return Decimal(word.removesuffix(dimension))
