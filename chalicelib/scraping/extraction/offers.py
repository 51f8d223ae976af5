"""What the offers of a structured product say: amounts, currency, availability."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from chalicelib.models import Availability
from chalicelib.scraping.extraction.currencies import WITHOUT_DECIMALS, currency_code
from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.prices import read_amount, read_price
from chalicelib.scraping.extraction.structured import Item, inner_items, path_of, text_of

MAX_OFFERS = 200
_LIST_PRICE_TYPES = ("listprice", "strikethroughprice", "msrp", "srp", "regularprice", "rrp")

_VALUES = {
    Availability.IN_STOCK: (
        "instock onlineonly limitedavailability presale preorder backorder madetoorder available true instorepickup"
    ),
    Availability.OUT_OF_STOCK: "outofstock soldout discontinued reserved unavailable instoreonly oos false",
}
_AVAILABILITY = {value: state for state, values in _VALUES.items() for value in values.split()}
"""schema.org's ItemAvailability, OpenGraph's and common loose values; what can be ordered now is in stock."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer: what it costs, what it cost, in which currency (ISO 4217), whether it can be had."""

    amount: Decimal | None
    currency: str | None
    was: Decimal | None
    availability: Availability
    identifier: str | None = None
    address: str | None = None


def availability_value(text: str | None) -> Availability:
    """The state a structured ``availability`` value names, a schema.org address or a word."""
    word = re.sub(r"[\s_-]", "", (text or "").rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1].lower())
    return _AVAILABILITY.get(word, Availability.UNKNOWN)


def offers_of(product: Item, page: Page) -> list[Offer]:
    """The offers of ``product``, those of its variants included, those for other addresses left out."""
    raw = list(_flatten(product))[:MAX_OFFERS]
    offers = [_offer(item, page) for item in raw]
    if not offers and product.get("price"):
        offers = [_offer(product, page)]
    return _of_this_page(offers, page)


def _flatten(item: Item, depth: int = 0) -> list[Item]:
    found: list[Item] = []
    for offer in inner_items(item, "offers", "offer"):
        inner = inner_items(offer, "offers", "offer")
        found.extend(inner or [offer])
    if depth < 2:
        for variant in inner_items(item, "hasVariant", "model"):
            found.extend(_flatten(variant, depth + 1))
    return found


def _offer(item: Item, page: Page) -> Offer:
    low, high = _amount(item, "lowPrice", page), _amount(item, "highPrice", page)
    amount = _amount(item, "price", page)
    was: Decimal | None = None
    for specification in inner_items(item, "priceSpecification"):
        stated = _amount(specification, "price", page)
        if (text_of(specification, "priceType") or "").rsplit("/", 1)[-1].lower() in _LIST_PRICE_TYPES:
            was = stated
        elif amount is None and not inner_items(specification, "referenceQuantity", "eligibleQuantity"):
            amount = stated
    if amount is None and (high is None or low == high):
        amount = low
    currency = text_of(item, "priceCurrency") or next(
        (code for inner in inner_items(item, "priceSpecification") if (code := text_of(inner, "priceCurrency"))), None
    )
    return Offer(
        amount,
        currency_code(currency, page.url),
        was,
        availability_value(text_of(item, "availability")),
        text_of(item, "sku", "@id", "productID"),
        text_of(item, "url"),
    )


def _amount(item: Item, name: str, page: Page) -> Decimal | None:
    """A structured amount: plain as the standard asks (a point before the decimals), or as shops write it.

    ``24.990`` is 24.99 in euros but 24,990 in Chilean pesos, which have no decimals.
    """
    text = text_of(item, name)
    if text is None:
        return None
    whole = currency_code(text_of(item, "priceCurrency"), page.url) in WITHOUT_DECIMALS
    plain = read_amount(text, 3 if text.count(".") == 1 and "," not in text and not whole else None)
    if plain is not None:
        return plain
    price = read_price(text, page.url)
    return price.amount if price else None


def _of_this_page(offers: list[Offer], page: Page) -> list[Offer]:
    """Where some offers have this very address (query included) and others do not, only the former."""
    if len(offers) < 2:
        return offers
    query = page.url.partition("?")[2].partition("#")[0]
    exact = [offer for offer in offers if query and offer.address and query in offer.address]
    if exact and len(exact) < len(offers):
        return exact
    own = [offer for offer in offers if offer.address and path_of(offer.address) == path_of(page.url)]
    foreign = [offer for offer in offers if offer.address and path_of(offer.address) != path_of(page.url)]
    return own if own and foreign else offers
