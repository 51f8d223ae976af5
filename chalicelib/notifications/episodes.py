"""When a product is news to a request: episodes and their re-arming.  Pure.

An episode begins when a match is claimed for a notification.  It ends when the product was above the request's
threshold or out of stock in two good scrapes one after the other; a further fall of ten points begins the next one at
once.  A scrape that failed, was blocked or shrank is not an observation and changes nothing.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from chalicelib.models import Product, Record

FURTHER_FALL = 10
"""Points of discount that make the same offer news again (specification, "Notify")."""
MISSES_TO_END = 2
"""Good scrapes in a row without the offer that end an episode (specification, "Notify")."""


class Phase(StrEnum):
    """Whether the offer counts as told."""

    OPEN = "open"
    ENDED = "ended"


class Terms(Record, frozen=True, kw_only=True):
    """What a shopper was told of an offer; ``discount`` in percent of ``prior_price``."""

    price: Decimal | None = None
    prior_price: Decimal | None = None
    currency: str | None = None
    discount: Decimal = Decimal(0)


class Episode(Terms, frozen=True, kw_only=True):
    """What the ledger knows of one product for one request; its terms are those told, or about to be told."""

    request_id: str
    product_id: str
    episode: int
    phase: Phase
    notification_id: str
    shop: str
    misses: int = 0
    last_run: str = ""


def is_news(episode: Episode | None, product: Product) -> bool:
    """Whether a match of ``product`` begins an episode, given the one before."""
    if episode is None or episode.phase is Phase.ENDED:
        return True
    return fell_further(episode, product)


def terms_of(offer: Terms | Product) -> Terms:
    """The terms alone."""
    return Terms(price=offer.price, prior_price=offer.prior_price, currency=offer.currency, discount=offer.discount)


def fell_further(told: Terms, product: Product) -> bool:
    """Whether ``product`` is cheaper than told, by ten points of discount or more.

    Points are compared exactly, from the prices where both are known.  A raised was-price alone is no fall.
    """
    if told.currency != product.currency:
        return False
    if told.price is not None and product.price is not None and product.price >= told.price:
        return False
    told_part, told_whole = _paid_of(told.price, told.prior_price, told.discount)
    part, whole = _paid_of(product.price, product.prior_price, product.discount)
    # told_part/told_whole - part/whole >= 10/100, multiplied out so that nothing is rounded.
    return 100 * (told_part * whole - part * told_whole) >= FURTHER_FALL * told_whole * whole


def _paid_of(price: Decimal | None, prior: Decimal | None, discount: Decimal) -> tuple[Decimal, Decimal]:
    """The share of the prior price that is asked now, as a fraction."""
    if price is None or prior is None or prior <= 0:
        return 100 - discount, Decimal(100)
    return min(price, prior), prior


def after_scrape(episode: Episode, satisfied: bool) -> tuple[Phase, int]:
    """Phase and number of misses of an open ``episode`` after one more good scrape of its shop."""
    if satisfied:
        return Phase.OPEN, 0
    misses = episode.misses + 1
    return (Phase.ENDED if misses >= MISSES_TO_END else Phase.OPEN), misses
