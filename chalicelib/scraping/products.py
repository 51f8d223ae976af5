"""What the extraction saw → the products a job hands on, and what kind of page it was.  Pure."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

import msgspec

from chalicelib.errors import GiveUp
from chalicelib.models import Availability, ScrapedProduct
from chalicelib.scraping.extraction import (
    CardSelectors,
    ExtractedProduct,
    PageVerdict,
    extract_listing,
    extract_product,
)
from chalicelib.scraping.pages import Page, PageFailed
from chalicelib.scraping.shops.declaration import Shop

REFUSALS = {PageVerdict.BLOCKED, PageVerdict.CAPTCHA, PageVerdict.CONSENT}
LONGEST_ID = 200


class Blocked(GiveUp):
    """The shop refuses automatic readers; the message says how.  Never worked around."""


def listed_products(page: Page, shop: Shop) -> list[ScrapedProduct]:
    """The products of a listing page, in its order; an empty list is a listing without products.

    ``Blocked`` for a refusal or captcha in its place, ``PageFailed`` for an error page.
    """
    _check_status(page)
    found = extract_listing(page.html, page.url, _cards(shop))
    if not found or not page.ready:
        _check_verdict(extract_product(page.html, page.url).verdict)
    if not page.ready:
        raise PageFailed("the page is not complete in time")
    return [product for product in (scraped(item, shop) for item in found) if product is not None]


def visited_product(page: Page, shop: Shop) -> ScrapedProduct | None:
    """The product of a product page; ``None`` when it shows none.  ``Blocked`` or ``PageFailed`` as for listings."""
    if page.status in (404, 410):
        return None
    _check_status(page)
    item = extract_product(page.html, page.url)
    _check_verdict(item.verdict)
    return scraped(item, shop) if item.verdict is PageVerdict.PRODUCT else None


def scraped(item: ExtractedProduct, shop: Shop) -> ScrapedProduct | None:
    """The product as the catalogue takes it; ``None`` when it has no name or no address to send a shopper to."""
    if not item.name or not item.url.startswith(("http://", "https://")) or urlsplit(item.url).netloc not in shop.hosts:
        return None
    fields = {name: getattr(item, name) for name in _SHARED}
    return ScrapedProduct(
        shop=shop.key,
        shop_product_id=shop_product_id(item),
        product_name=item.name,
        store_brand=shop.name,
        currency=item.currency or shop.currency,
        **fields,
    )


def merged(listed: ScrapedProduct | None, visited: ScrapedProduct | None) -> ScrapedProduct | None:
    """What a product's own page says, completed by what its listing said; the id stays the listing's."""
    if listed is None or visited is None:
        return visited or listed
    told = {name: value for name in _SHARED if (value := getattr(visited, name)) not in (None, Availability.UNKNOWN)}
    if "price" in told:
        told["was_price"] = visited.was_price
    return msgspec.structs.replace(listed, product_name=visited.product_name, **told)


_SHARED = (
    "url",
    "brand",
    "category",
    "price",
    "was_price",
    "availability",
    "sku",
    "gtin",
    "mpn",
    "image_url",
    "quantity",
    "unit_price",
)


def shop_product_id(item: ExtractedProduct) -> str:
    """The shop's stable id of a product: its SKU, else its page's path and query; a digest where that is very long."""
    parts = urlsplit(item.url)
    text = item.sku or (f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return text if len(text) <= LONGEST_ID else hashlib.sha256(text.encode()).hexdigest()


def _cards(shop: Shop) -> CardSelectors | None:
    return CardSelectors(**msgspec.structs.asdict(shop.selectors)) if shop.selectors else None


def _check_status(page: Page) -> None:
    if page.status in (401, 403, 407, 451):
        raise Blocked(f"the shop answered {page.status}")
    if page.status >= 400:
        raise PageFailed(f"the shop answered {page.status}", page.retry_after)


def _check_verdict(verdict: PageVerdict) -> None:
    if verdict in REFUSALS:
        raise Blocked(f"the shop shows a {verdict.value} page")
    if verdict in (PageVerdict.ERROR, PageVerdict.EMPTY):
        raise PageFailed(f"the shop shows an {verdict.value} page")
