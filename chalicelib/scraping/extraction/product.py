"""One product page → one ``ExtractedProduct``."""

from __future__ import annotations

from chalicelib.scraping.extraction import verdicts
from chalicelib.scraping.extraction.availability import Evidence, availability_of, evidence_of
from chalicelib.scraping.extraction.cards import is_listing
from chalicelib.scraping.extraction.categories import category_of
from chalicelib.scraping.extraction.choosing import main_product
from chalicelib.scraping.extraction.identifiers import gtin_of, mpn_of, sku_of
from chalicelib.scraping.extraction.models import ExtractedProduct, PageVerdict
from chalicelib.scraping.extraction.naming import brand_of, image_of, name_of
from chalicelib.scraping.extraction.offers import offers_of
from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.pricing import Priced, price_of
from chalicelib.scraping.extraction.quantities import read_quantity, read_unit_price
from chalicelib.scraping.extraction.reading import read_page
from chalicelib.scraping.extraction.structured import Item, items_of


def extract_product(source: str, url: str) -> ExtractedProduct:
    """What the page ``source`` (HTML; best as ``rendering.RENDERED_HTML_JS`` returns it), read from ``url`` (absolute),
    says about the product it is for.

    Never raises for bad input: a page that is no product page has another ``verdict`` and no values.
    """
    page = read_page(source, url)
    items = items_of(page)
    product = main_product(page, items)
    if product is None and (refusal := verdicts.refusal_of(page)) is not None:
        return ExtractedProduct(url=url, verdict=refusal)
    return _read(page, items, product)


def _read(page: Page, items: list[Item], product: Item | None) -> ExtractedProduct:
    offers = offers_of(product, page) if product is not None else []
    evidence = evidence_of(page)
    priced = price_of(page, offers, evidence.buy_order, evidence.sold_out >= 2)
    availability, stock_source = availability_of(page, offers, evidence, priced.amount is not None)
    name, name_source = name_of(page, product)
    sku, sku_source = sku_of(page, product)
    own = product is not None or sku_source == "label"
    if not own and is_listing(page, _order(priced), evidence.buy_order, evidence.notice_order):
        return ExtractedProduct(url=page.url, verdict=PageVerdict.LISTING)
    quantity = read_quantity(name or "")
    sources = {"name": name_source, "price": priced.source, "availability": stock_source, "sku": sku_source}
    return ExtractedProduct(
        url=page.canonical_url,
        verdict=PageVerdict.PRODUCT if name and (own or _sells(page, priced, evidence)) else PageVerdict.OTHER,
        name=name,
        brand=brand_of(page, product),
        category=category_of(page, items, product, name),
        price=priced.amount,
        was_price=priced.was,
        currency=priced.currency,
        availability=availability,
        gtin=gtin_of(page, product),
        mpn=mpn_of(page, product),
        sku=sku,
        quantity=quantity.text if quantity else None,
        unit_price=_unit_price(page),
        image_url=image_of(page, product),
        sources={field: source for field, source in sources.items() if source},
    )


def _order(priced: Priced) -> int | None:
    return priced.tag.piece.order if priced.tag else None


def _sells(page: Page, priced: Priced, evidence: Evidence) -> bool:
    """Whether anything visible shows that the page is for one product."""
    if priced.amount is not None or evidence.buy_order is not None or evidence.sold_out:
        return True
    return "product" in (page.meta("og:type") or "")


def _unit_price(page: Page) -> str | None:
    """The unit price nearest behind the headline."""
    pieces = (piece for piece in page.visible if piece.order >= page.headline_order and piece.place.zone == "main")
    texts = (piece.text for piece in pieces if len(piece.text) < _SHORT)
    return next((found for text in texts if (found := read_unit_price(text))), None)


_SHORT = 80
