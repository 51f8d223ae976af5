"""Listing pages → their products: structured lists, a shop's declared cards, or cards found by their repetition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec
from cssselect import HTMLTranslator, SelectorError
from lxml import etree, html

from chalicelib.errors import Reject
from chalicelib.models import Availability
from chalicelib.scraping.extraction import cards as found_cards
from chalicelib.scraping.extraction.categories import category_of
from chalicelib.scraping.extraction.identifiers import address_ids, gtin_of, mpn_of, structured_sku
from chalicelib.scraping.extraction.models import CardSelectors, ExtractedProduct, PageVerdict
from chalicelib.scraping.extraction.naming import image_of
from chalicelib.scraping.extraction.offers import offers_of
from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.pricing import single_price
from chalicelib.scraping.extraction.quantities import read_quantity
from chalicelib.scraping.extraction.reading import read_page
from chalicelib.scraping.extraction.structured import Item, inner_items, is_product, items_of, text_of
from chalicelib.scraping.extraction.text import clean_or_none

MAX_PRODUCTS = 1_000
_LISTS = frozenset(("itemlist", "offercatalog", "collectionpage", "searchresultspage"))


def extract_listing(source: str, url: str, cards: CardSelectors | None = None) -> list[ExtractedProduct]:
    """The products of the listing page ``source`` read from ``url``, in the page's order, each address once.

    ``cards`` (from a shop's declaration) says where the cards are; without it structured lists are read, and where
    there are none, cards that repeat.  A listing without products is an empty list.  Raises ``Reject`` for a selector
    that is no CSS.
    """
    page = read_page(source, url)
    items = items_of(page)
    products = _declared(page, cards) if cards else _structured(page, items) or found_cards.products_of(page)
    return _filed(page, items, _once(products)[:MAX_PRODUCTS])


def _filed(page: Page, items: Sequence[Item], products: Sequence[ExtractedProduct]) -> list[ExtractedProduct]:
    """The products, those without a category of their own in that of the page."""
    category = category_of(page, items)
    if category is None:
        return list(products)
    return [msgspec.structs.replace(product, category=product.category or category) for product in products]


def _once(products: Iterator[ExtractedProduct] | list[ExtractedProduct]) -> list[ExtractedProduct]:
    unique: dict[tuple[str, str | None], ExtractedProduct] = {}
    for product in products:
        unique.setdefault((product.url, product.sku if product.url == "" else None), product)
    return list(unique.values())


# Structured lists ---------------------------------------------------------------------------------------------------


def _structured(page: Page, items: Sequence[Item]) -> list[ExtractedProduct]:
    listed = [inner for item in items for inner in _listed(item)]
    listed = listed or [item for item in items if is_product(item)]
    return [product for item in listed if (product := _from_item(page, item)) is not None]


def _listed(item: Item, depth: int = 0) -> Iterator[Item]:
    """The products in a list item, through ``ListItem``, nested catalogues and offers of products."""
    if depth > 4:
        return
    for inner in inner_items(item, "itemListElement", "item", "mainEntity", "itemOffered", "hasPart", "offers"):
        if is_product(inner):
            yield inner
        elif _is_list(inner) or (depth == 0 and _is_list(item)) or "ListItem" in inner.get("@type", []):
            yield from _listed(inner, depth + 1)


def _is_list(item: Item) -> bool:
    return any(kind.lower() in _LISTS for kind in item.get("@type", []))


def _from_item(page: Page, item: Item) -> ExtractedProduct | None:
    name = clean_or_none(text_of(item, "name"))
    address = page.absolute(text_of(item, "url", "@id"))
    if name is None or (address is None and text_of(item, "sku", "productID", "gtin13") is None):
        return None
    offers = offers_of(item, page)
    priced = single_price(offers, page)
    states = [offer.availability for offer in offers if offer.availability is not Availability.UNKNOWN]
    quantity = read_quantity(name)
    return ExtractedProduct(
        url=address or page.url,
        verdict=PageVerdict.LISTING,
        name=name,
        brand=clean_or_none(text_of(item, "brand", "manufacturer"), 80),
        category=category_of(page, (), item, name),
        price=priced.amount,
        was_price=priced.was,
        currency=priced.currency,
        availability=Availability.IN_STOCK
        if Availability.IN_STOCK in states
        else (states[0] if states else Availability.UNKNOWN),
        gtin=gtin_of(page, item, labels=False),
        mpn=mpn_of(page, item, labels=False),
        sku=structured_sku(item) or next(address_ids(address or ""), None),
        quantity=quantity.text if quantity else None,
        image_url=image_of(page, item, meta=False),
        sources={"product": "structured"},
    )


# Declared cards -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _compiled(selector: str) -> etree.XPath:
    try:
        return etree.XPath(HTMLTranslator().css_to_xpath(selector))
    except (SelectorError, etree.XPathError) as error:
        raise Reject(f"{selector!r} is not a CSS selector: {error}") from None


def _select(element: html.HtmlElement, selector: str | None) -> html.HtmlElement | None:
    found = _compiled(selector)(element) if selector else []
    return found[0] if isinstance(found, list) and found and isinstance(found[0], html.HtmlElement) else None


def _declared(page: Page, cards: CardSelectors) -> list[ExtractedProduct]:
    elements = _compiled(cards.card)(page.root)
    if not isinstance(elements, list):
        return []
    products = (
        _card(page, element, cards) for element in elements[:MAX_PRODUCTS] if isinstance(element, html.HtmlElement)
    )
    return [product for product in products if product is not None]


def _card(page: Page, card: html.HtmlElement, cards: CardSelectors) -> ExtractedProduct | None:
    parts = found_cards.Parts(
        card,
        name=_select(card, cards.name),
        price=_select(card, cards.price),
        was=_select(card, cards.was_price),
        link=_select(card, cards.link),
        sku=_select(card, cards.sku),
        brand=_select(card, cards.brand),
        sold_out=_select(card, cards.sold_out) is not None,
    )
    return found_cards.product_of(page, parts)
