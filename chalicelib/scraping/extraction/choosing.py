"""Which of a page's structured products is the one the page is for."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.structured import Item, inner_items, path_of, products_of, text_of
from chalicelib.scraping.extraction.text import folded


def main_product(page: Page, items: list[Item]) -> Item | None:
    """The product that shares its address or its name with the page; ``None`` where the page only lists others.

    Several products of one name (a variant each) count as one: the one whose id or address the page's address holds,
    else the first.
    """
    products = products_of(items)
    scored = [(_likeness(page, product), -index, product) for index, product in enumerate(products)]
    best = max(scored, key=lambda entry: entry[:2], default=None)
    if best is None or (best[0] < 1 and len(products) > 1):
        return None
    name = folded(text_of(best[2], "name") or "")
    siblings = [
        product
        for product in products
        if name and product is not best[2] and folded(text_of(product, "name") or "") == name
    ]
    if not siblings:
        return _chosen_variant(page, best[2])
    return best[2] | {"offers": [offer for product in (best[2], *siblings) for offer in product.get("offers", [])]}


def _chosen_variant(page: Page, product: Item) -> Item:
    """``product`` as the variant that the page's address asks for in its query; as it is, where none does."""
    query = urlsplit(page.url).query
    asked_for = [variant for variant in inner_items(product, "hasVariant") if query and query in _addresses(variant)]
    return product | asked_for[0] | {"hasVariant": []} if len(asked_for) == 1 else product


def _addresses(variant: Item) -> set[str]:
    """The queries of the addresses that a variant and its offers have."""
    stated = [text_of(item, name) for item in (variant, *inner_items(variant, "offers")) for name in ("url", "@id")]
    return {urlsplit(address).query for address in stated if address}


def _likeness(page: Page, product: Item) -> float:
    """What speaks for ``product``: its address 3, its id in the page's address 1, its name up to 2, an offer 0.5."""
    score = 0.0
    address = text_of(product, "url", "@id")
    if address and path_of(address) and path_of(address) == path_of(page.url):
        score += 3
        query = urlsplit(address).query
        score += 0.5 if query and query in page.url else 0
    identifier = text_of(product, "sku", "productID")
    if identifier and len(identifier) > 3 and identifier.lower() in page.url.lower():
        score += 1
    score += 2 * likeness_of_names(text_of(product, "name") or "", page.headline_text or page.title)
    return score + (0.5 if inner_items(product, "offers") else 0)


def likeness_of_names(one: str, other: str) -> float:
    """Shared words of two names, 0 to 1, counted against the shorter."""
    first, second = set(re.findall(r"\w+", folded(one))), set(re.findall(r"\w+", folded(other)))
    if not first or not second:
        return 0.0
    return len(first & second) / min(len(first), len(second))
