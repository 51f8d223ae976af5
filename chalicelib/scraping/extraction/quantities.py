"""Reading how much is in a pack (``6 x 330ml``, ``4 pack``, ``1.5 kg``) and what a unit costs (``45p/100g``).

Small grammars of groceries by hand: libraries of physical units read neither multipacks nor "each".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from chalicelib.scraping.extraction.prices import Kind, read_mentions
from chalicelib.scraping.extraction.text import clean, plain_digits

_UNITS = {
    "g": {"1000": "kg kilo кг", "1": "g gr г", "453.59237": "lb lbs", "28.349523125": "oz"},
    "ml": {
        "1000": "l ltr litre litres liter liters л",
        "100": "dl",
        "10": "cl",
        "1": "ml мл",
        "568.26125": "pint pints pt",
    },
}
"""Base unit → factor → names.  Milligrams are a dose, never a pack.  Pints are imperial (568 ml), as on British
shelves; ounces and pounds avoirdupois."""
_SCALE = {
    name: (base, Decimal(factor))
    for base, factors in _UNITS.items()
    for factor, names in factors.items()
    for name in names.split()
}
_PIECES = (
    r"(?:packs?|pk|pcs?|pieces?|pieza?s?|st(?:ü|u)ck|stk|szt|count|ct|rolls?|sheets?|tablets?|capsules?|caps|bags?"
    r"|teabags|cans?|bottles?|units?|wash(?:es)?|pods?|шт|uds?|ks|er[- ]pack|er)"
)
_MEASURE = "|".join(sorted(map(re.escape, _SCALE), key=len, reverse=True))
_NUMBER = r"\d{1,5}(?:[.,]\d{1,3})?"
_QUANTITY = re.compile(
    rf"(?<![\w.,£$€])(?:(?P<count>\d{{1,4}})\s?(?:{_PIECES}\s?)?[x×*]\s?(?P<each>{_NUMBER})\s?(?P<unit>{_MEASURE})"
    rf"|(?P<each2>{_NUMBER})\s?(?P<unit2>{_MEASURE})\s?[x×*]\s?(?P<count2>\d{{1,4}})(?!\s?(?:{_MEASURE})\b)"
    rf"|(?P<single>{_NUMBER})\s?(?P<unit3>{_MEASURE})"
    rf"|(?:pack of|box of|set of|case of|confezione da|lot de|paquete de)\s(?P<count3>\d{{1,4}})"
    rf"|(?P<count4>\d{{1,4}})[\s-]?{_PIECES})(?![\w²³])(?!/\s?(?:m|h|day|kg|l|100)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a pack holds: ``count`` pieces of ``each`` base units (``g`` or ``ml``; ``piece`` where only counted)."""

    count: int
    each: Decimal
    unit: str
    text: str
    """As written."""

    @property
    def total(self) -> Decimal:
        """Base units in the whole pack."""
        return self.count * self.each


def read_quantity(text: str) -> Quantity | None:
    """The first pack size in ``text`` (a name, a size label); ``None`` where there is none or it is zero.

    A multipack (``6 x 330ml``) wins over the size of one that may stand before it.
    """
    found = [quantity for match in _QUANTITY.finditer(plain_digits(text[:400])) if (quantity := _quantity(match))]
    return max(found, key=lambda quantity: (quantity.unit != "piece", quantity.count > 1), default=None)


def _quantity(match: re.Match[str]) -> Quantity | None:
    groups = match.groupdict()
    count = int(groups["count"] or groups["count2"] or groups["count3"] or groups["count4"] or 1)
    unit = groups["unit"] or groups["unit2"] or groups["unit3"]
    each = groups["each"] or groups["each2"] or groups["single"]
    base, factor = _SCALE[unit.lower()] if unit else ("piece", Decimal(1))
    amount = _amount(each, base if factor == 1 else "") * factor if each else Decimal(1)
    if count < 1 or amount <= 0 or match[0].upper() in _MOBILE_NETWORKS:
        return None
    return Quantity(
        count,
        amount.normalize() if amount != amount.to_integral() else amount.quantize(Decimal(1)),
        base,
        clean(match[0], 40),
    )


_MOBILE_NETWORKS = ("3G", "4G", "5G", "6G")


def _amount(number: str, small_unit: str) -> Decimal:
    """``1,5`` is one and a half, but ``1,000 g`` a thousand: nobody weighs a gram to three decimals."""
    grouped = small_unit and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", number)
    return Decimal(re.sub("[.,]", "", number) if grouped else number.replace(",", "."))


_UNIT_TAIL = re.compile(
    r"^\s*\)?\s*(?:/|per|pro|je|al|au|par|por|za|за|=|p\.)\s*(?:\d+(?:[.,]\d+)?\s?)?[\w²³]{1,10}", re.IGNORECASE
)


def read_unit_price(text: str) -> str | None:
    """The unit price in ``text`` as written (``45p/100g``, ``£3.50 per kg``); ``None`` where there is none."""
    text = clean(plain_digits(text), 300)
    for mention in read_mentions(text):
        tail = _UNIT_TAIL.match(text[mention.end :])
        if mention.kind is Kind.UNIT and mention.has_sign and tail:
            return clean(text[mention.start : mention.end] + tail[0], 40)
    return None
