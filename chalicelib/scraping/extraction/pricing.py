"""Settling a page's price between what its structured data and its visible text say.

Structured data is exact but may be stale, for another variant or before the discount; visible text is what the shopper
sees but stands among other amounts.  Where both agree the price is certain; where they differ, what is seen wins if it
is seen clearly.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from chalicelib.models import Availability
from chalicelib.scraping.extraction.currencies import currency_code, currency_of_url
from chalicelib.scraping.extraction.offers import Offer
from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.prices import Kind, believable, read_amount, read_price
from chalicelib.scraping.extraction.tags import Tag, scored, tags_of

CLEAR = 1.5
"""Score from which a visible tag is a price though nothing structured supports it."""
SOLD_OUT = 1.0
"""So much more has to speak for it where the page says that the product is sold out."""
STRONG = 2.5
"""Score from which a visible tag overrules a structured price that is not to be seen at all."""
MAX_WAS_FACTOR = 20
"""A "before" price beyond this many times the price is a mistake."""
_NEAR = 25


@dataclass(frozen=True, slots=True)
class Priced:
    """A page's price, what it was before, its ISO 4217 currency, which rule gave it, and the tag it is seen in."""

    amount: Decimal | None = None
    was: Decimal | None = None
    currency: str | None = None
    source: str = ""
    tag: Tag | None = None


def price_of(page: Page, offers: list[Offer], buy_order: int | None, sold_out: bool = False) -> Priced:
    """The price of the product of ``page``; without amount where none can be told or it is a range or a "from".

    ``buy_order``: the place of the buy button.  Pages of ``sold_out`` products often show no price but those of
    others, so that more has to speak for an amount there.
    """
    tags = tags_of(page)
    stated, was, currency, source = _stated(page, offers)
    ranked = scored(page, tags, stated, buy_order)
    amount, source, tag = _settle(stated, source, ranked, tags, CLEAR + (SOLD_OUT if sold_out else 0))
    if amount is None:
        return Priced(currency=currency)
    if tag is not None and tag.mention.currency and source == "visible":
        currency = tag.mention.currency
    currency = currency or _seen_currency(amount, tags) or currency_of_url(page.url)
    return Priced(amount, _was(amount, was, tag, tags), currency, source, tag)


def single_price(offers: list[Offer], page: Page) -> Priced:
    """The one price that ``offers`` agree on; without amount where they differ."""
    amounts = {offer.amount for offer in offers if offer.amount is not None}
    currency = next((offer.currency for offer in offers if offer.currency), None) or currency_of_url(page.url)
    if len(amounts) != 1:
        return Priced(currency=currency)
    amount = next(iter(amounts))
    was = max((offer.was for offer in offers if offer.was is not None), default=None)
    return Priced(amount, _was(amount, was, None, []), currency, "structured")


def _stated(page: Page, offers: list[Offer]) -> tuple[set[Decimal], Decimal | None, str | None, str]:
    """Amounts that the page's data states, the list price and currency with them, and which data it was."""
    buyable = [offer for offer in offers if offer.availability is Availability.IN_STOCK] or offers
    amounts = {offer.amount for offer in buyable if offer.amount is not None}
    if amounts:
        was = max((offer.was for offer in offers if offer.was is not None), default=None)
        return amounts, was, next((offer.currency for offer in offers if offer.currency), None), "structured"
    sale = _meta_amount(page, "product:sale_price:amount", "product:sale_price")
    price = _meta_amount(page, "product:price:amount", "og:price:amount", "product:price", "og:price", "price")
    currency = currency_code(
        page.meta("product:price:currency", "og:price:currency", "product:sale_price:currency"), page.url
    )
    original = _meta_amount(page, "product:original_price:amount") or price
    if sale is not None:
        return {sale}, original, currency, "meta"
    return ({price} if price is not None else set()), None, currency, "meta"


def _meta_amount(page: Page, *names: str) -> Decimal | None:
    text = page.meta(*names)
    if text is None:
        return None
    amount = read_amount(text)
    if amount is not None:
        return amount
    price = read_price(text, page.url)
    return believable(price.amount) if price else None


def _settle(
    stated: set[Decimal], source: str, ranked: list[tuple[float, Tag]], tags: list[Tag], clear: float
) -> tuple[Decimal | None, str, Tag | None]:
    """The amount, where it comes from, and the tag that shows it.

    A "from" amount counts only where the data states an offer of just that amount: somebody can buy at it.  The lowest
    of several sellers' offers counts where nothing else is likelier: the shop sells the product at no price of its own.
    """
    best_score, best = ranked[0] if ranked else (-99.0, None)
    plain = best if best is not None and best.kind is Kind.PLAIN else None
    shown = next(
        (
            tag
            for _, tag in ranked
            if tag.kind is not Kind.RANGE and tag.amount in stated and tag.piece.place.zone == "main"
        ),
        None,
    )
    crossed = any(tag.amount in stated and tag.kind is Kind.WAS for tag in tags)
    if len(stated) == 1:
        only = next(iter(stated))
        if shown is not None and not crossed:
            return only, source, shown
        if plain is not None and best_score >= (clear if crossed else STRONG) and (not crossed or plain.amount < only):
            return plain.amount, "visible", plain
        return only, source, shown
    if stated and shown is not None:
        return shown.amount, source, shown
    if plain is not None and best_score >= (STRONG if stated else clear):
        return plain.amount, "visible", plain
    sellers = next((tag for _, tag in ranked if tag.kind is Kind.SELLERS and tag.piece.place.zone == "main"), None)
    if sellers is not None and best is sellers and not stated:
        return sellers.amount, "sellers", sellers
    return None, "", None


def _seen_currency(amount: Decimal, tags: list[Tag]) -> str | None:
    return next((tag.mention.currency for tag in tags if tag.amount == amount and tag.mention.currency), None)


def _was(amount: Decimal, stated: Decimal | None, tag: Tag | None, tags: list[Tag]) -> Decimal | None:
    """The highest crossed-out amount beside the price's tag, else what the data states; only when above ``amount``."""
    beside = [
        other.amount
        for other in tags
        if tag is not None and other.kind is Kind.WAS and abs(other.piece.order - tag.piece.order) <= _NEAR
    ]
    candidates = [
        before for before in [*beside, stated] if before is not None and amount < before <= amount * MAX_WAS_FACTOR
    ]
    return candidates[0] if candidates else None
