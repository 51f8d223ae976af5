"""Reading prices out of text: which amounts are there, and what each of them is.

A shop's text names many amounts that are not the price: per 100 g, per month, for two, for members, saved, before,
from, delivery.  Every amount is given its kind from the words beside it; only ``PLAIN`` is a price.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache

from chalicelib.scraping.extraction import currencies, price_words
from chalicelib.scraping.extraction.text import plain_digits

MAX_PRICE = Decimal(1_000_000_000)
"""Above this an amount is a telephone number or a joke, in every currency."""
MAX_TEXT = 600
_DIGIT_RUN = 12


class Kind(Enum):
    """What an amount in a shop's text is."""

    PLAIN = "plain"
    WAS = "was"
    UNIT = "unit"
    MULTIBUY = "multi-buy"
    SELLERS = "sellers"
    """The lowest of several sellers' offers of one product, with their number: ``New & used (7) from £9``."""
    FROM = "from"
    RANGE = "range"
    MEMBER = "member"
    INSTALMENT = "instalment"
    SAVING = "saving"
    OTHER = "other"
    """Delivery, thresholds, gift cards, deposits, trade-ins."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One amount in a text: how much, in which currency (``None``: not said or shared by countries), what it is."""

    amount: Decimal
    currency: str | None
    kind: Kind
    start: int
    end: int
    has_sign: bool
    """Whether a currency sign or code stands beside it."""


_NUMBER = (
    r"(?:\d{1,3}(?:(?P<group>[,.'’ \u00a0\u202f])\d{3})(?:(?P=group)\d{3})*(?:[.,]\d{1,2})?(?!\d)"
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,2})?(?!\d)"
    r"|\d+(?:[.,]\d{1,3})?(?!\d))"
)
_MINOR = r"(?:p|pence|¢|cents?)"
_ENDING = r"(?:[.,][-–—]+)?"
_UNSPACED = r"\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af"
"""Kana, Han and Hangul, which are written without spaces: a number may follow a word at once (``税込1,980円``)."""
_PRICE = re.compile(
    rf"(?P<before>{currencies.PATTERN})?\s{{0,2}}:?\s?(?<![\w.,](?<![{_UNSPACED}]))(?P<number>{_NUMBER}){_ENDING}"
    rf"(?(before)(?:\s?(?P<code>(?-i:{'|'.join(sorted(currencies.CODES))}))(?!\w))?"
    rf"|(?:[^\S\n]{{0,2}}(?P<after>{currencies.PATTERN})|\s?(?P<minor>{_MINOR})(?![\w]))?)",
    re.IGNORECASE,
)
_SIGN_AS_POINT = re.compile(r"(?<![\d.,])(\d{1,5})€(\d{2})(?![\w.,€])")
"""``12€50``, as French shops write it."""
_LOOSE_SPACE = re.compile(r"[^\S\n]+")


def read_amount(text: str, decimals: int | None = None) -> Decimal | None:
    """The number a price is written as: ``1 234,50``, ``1.234,50``, ``1,234.5``, ``1'234.–``; ``None`` when there is
    none, more than one, or it is zero, negative or absurd.

    A single group of three digits after one sign is thousands (``1.234`` = 1234) unless a zero stands before it or
    the currency has three ``decimals``.
    """
    text = plain_digits(text[:40]).strip()
    found = _AMOUNT.fullmatch(text)
    if not found:
        return None
    return believable(_decimal(found.group(1), decimals))


_AMOUNT = re.compile(rf"({_NUMBER}){_ENDING}")


def _decimal(number: str, decimals: int | None = None) -> Decimal | None:
    number = re.sub(r"[\s'’]", "", number)
    if len(re.sub(r"\D", "", number)) > _DIGIT_RUN:
        return None
    point, comma = number.rfind("."), number.rfind(",")
    last, marks = max(point, comma), number.count(".") + number.count(",")
    if last < 0:
        return Decimal(number)
    digits_after = len(number) - last - 1
    both = point >= 0 and comma >= 0
    three_are_decimals = decimals == 3 or number[:last].strip("0") == ""
    is_decimal = (
        digits_after != 3 or (three_are_decimals and marks == 1) if not both else digits_after != 3 or decimals == 3
    )
    if marks > 1 and not both:
        is_decimal = False
    whole, fraction = (number[:last], number[last + 1 :]) if is_decimal else (number, "")
    return Decimal(f"{re.sub('[.,]', '', whole) or '0'}.{fraction or '0'}")


def believable(amount: Decimal | None) -> Decimal | None:
    """``amount`` when it can be a price: above zero, not astronomic, no stand-in of nines; trailing zeros kept off."""
    if amount is None or not amount.is_finite() or not 0 < amount < MAX_PRICE:
        return None
    whole = str(int(amount))
    if len(whole) >= 6 and set(whole) == {"9"}:
        return None
    return _tidy(amount)


def _tidy(amount: Decimal) -> Decimal:
    """At most four decimals, none that say nothing: 12.50 stays, 12.000 becomes 12."""
    if amount == amount.to_integral_value():
        return amount.quantize(Decimal(1))
    return (
        amount.quantize(Decimal("0.01"))
        if amount == amount.quantize(Decimal("0.01"))
        else amount.quantize(Decimal("0.0001"))
    )


@lru_cache(maxsize=8192)
def read_mentions(text: str, url: str = "") -> tuple[Mention, ...]:
    """Every amount of ``text`` that can be money, in order, each with its kind; words behind a line break say nothing
    of the amount before it.

    ``url`` settles signs that countries share (``$``).  A bare number is a mention without sign: the caller decides
    whether the place it stands in makes it a price.
    """
    text = _SIGN_AS_POINT.sub(r"\1,\2 €", _LOOSE_SPACE.sub(" ", plain_digits(text[:MAX_TEXT])))
    found: list[Mention] = []
    spent = 0
    for match in _PRICE.finditer(text):
        mention, spent = _mention(match, text, url, spent)
        if mention is not None:
            found.append(mention)
    return tuple(_mark_ranges(found, text))


def _mention(match: re.Match[str], text: str, url: str, spent: int) -> tuple[Mention | None, int]:
    """The amount of ``match`` if it can be money, and where the words that belong to it end; those up to ``spent``
    belong to the amount before."""
    sign = match["code"] or match["before"] or match["after"]
    amount = believable(_decimal(match["number"], 3 if (sign or "").upper() in THREE_DECIMALS else None))
    if amount is None or _negative(match, text) or _PERCENT.match(text, match.end()):
        return None, spent
    currency = currencies.currency_code(sign, url) if sign else None
    if match["minor"] and not sign:
        amount, currency = _tidy(amount / 100), _minor_currency(match["minor"], url)
    start = match.start("before") if match["before"] else match.start("number")
    after = text[match.end() : match.end() + 40].partition("\n")[0]
    kind, told = price_words.kind_of(text[max(spent, start - 60) : start], after)
    mention = Mention(amount, currency, Kind(kind), start, match.end(), bool(sign or match["minor"]))
    return mention, (match.end() + told if mention.has_sign else spent)


THREE_DECIMALS = ("KWD", "BHD", "OMR")


def _minor_currency(minor: str, url: str) -> str | None:
    if minor.lower() in ("p", "pence"):
        return "GBP"
    return currencies.currency_of_url(url)


def _negative(match: re.Match[str], text: str) -> bool:
    """A minus that belongs to the number (``-£5``, ``£-5``), not the dash of a range or a list."""
    start = match.start("before") if match["before"] else match.start("number")
    return bool(_MINUS.search(text[:start]))


_PERCENT = re.compile(r"\s?%")
_MINUS = re.compile(rf"(?:(?:^|[\s(])[-–]|(?:{currencies.PATTERN})\s?[-–])$", re.IGNORECASE)


_BETWEEN = re.compile(r"\s*(?:[-–—~]|to|bis|à|a|do|до|hasta)\s*", re.IGNORECASE)


def _mark_ranges(mentions: list[Mention], text: str) -> list[Mention]:
    marked = list(mentions)
    for index in range(len(marked) - 1):
        low, high = marked[index], marked[index + 1]
        if (
            (low.has_sign or high.has_sign)
            and low.amount < high.amount
            and _BETWEEN.fullmatch(text[low.end : high.start])
        ):
            marked[index], marked[index + 1] = _as(low, Kind.RANGE), _as(high, Kind.RANGE)
    return marked


def _as(mention: Mention, kind: Kind) -> Mention:
    return Mention(mention.amount, mention.currency, kind, mention.start, mention.end, mention.has_sign)


@dataclass(frozen=True, slots=True)
class Price:
    """What a short price text says: the price now, the price before where both are given, the currency if told."""

    amount: Decimal
    currency: str | None = None
    was: Decimal | None = None


def read_price(text: str, url: str = "") -> Price | None:
    """The one price that ``text`` (a price tag, not a paragraph) states for one piece, paid now by anybody.

    ``None`` where there is none or where it is not that: ``2 for £3``, ``45p/100g``, ``from £9``, ``£5 – £9``, a
    member's price, two different plain prices without a word that tells which.
    """
    bare = read_amount(text)
    if bare is not None:
        return Price(bare)
    signed = [mention for mention in read_mentions(text, url) if mention.has_sign]
    plain = [mention for mention in signed if mention.kind is Kind.PLAIN]
    if not plain or len({mention.amount for mention in plain}) > 1:
        return None
    was = max((mention.amount for mention in signed if mention.kind is Kind.WAS), default=None)
    now = plain[0]
    return Price(now.amount, now.currency, was if was and was > now.amount else None)
