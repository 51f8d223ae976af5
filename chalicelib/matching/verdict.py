"""Is this offer the product that was wanted?  A pure verdict with a score and its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from chalicelib.matching.features import NAMES, Side, compare
from chalicelib.matching.text import read_title
from chalicelib.models import Product


@dataclass(frozen=True, slots=True)
class Offer:
    """What a shop offers, or what a shopper wants, as far as it is known."""

    name: str
    brand: str | None = None
    price: Decimal | float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the offer is the wanted product, how sure that is (0 to 1), and why, for people."""

    accepted: bool
    score: float
    reasons: tuple[str, ...]


def judge(wanted: str | Offer, offer: Offer | Product) -> Verdict:
    """Whether ``offer`` is what ``wanted`` describes."""
    row = dict(zip(NAMES, compare(_side(wanted), _side(offer)), strict=True))
    conflict = row["quantities_conflict"] or (row["codes_conflict"] and not row["codes_shared"])
    score = min(row["wanted_soft"], 0.3 if conflict else 1.0)
    return Verdict(score >= 0.8, score, (f"covered {row['wanted_soft']:.0%} of the wish",))


def _side(offer: str | Offer | Product) -> Side:
    if isinstance(offer, str):
        return Side(read_title(offer))
    name = offer.product_name if isinstance(offer, Product) else offer.name
    brand = read_title(offer.brand) if offer.brand else None
    return Side(read_title(name), brand, float(offer.price) if offer.price else None)
