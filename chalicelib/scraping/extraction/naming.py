"""A product's name, brand and picture."""

from __future__ import annotations

import re

from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.structured import Item, inner_items, text_of
from chalicelib.scraping.extraction.text import clean_or_none

_SITE_TAIL = re.compile(r"\s+[|–—\-:·»]\s+[^|–—·»]{1,40}$")
_BRAND_LINE = re.compile(
    r"^(?:brand|marke|marque|marca|merk|marka|značka|znacka|бренд|производитель|hersteller)\s*:?\s*(.{2,60})?$",
    re.IGNORECASE,
)
MAX_BRAND = 80


def name_of(page: Page, product: Item | None) -> tuple[str | None, str]:
    """The product's name and the rule that gave it: data, headline, OpenGraph, the title without the shop."""
    candidates = (
        ("structured", text_of(product, "name") if product else None),
        ("headline", page.headline_text),
        ("meta", page.meta("og:title", "twitter:title")),
        ("title", _SITE_TAIL.sub("", page.title)),
    )
    for source, text in candidates:
        name = clean_or_none(text)
        if name and len(name) > 1 and "://" not in name:
            return name, source
    return None, ""


def brand_of(page: Page, product: Item | None) -> str | None:
    """The maker's brand from structured data, meta tags, or a text labelled as brand."""
    stated = text_of(product, "brand", "manufacturer") if product else None
    brand = clean_or_none(stated, MAX_BRAND) or clean_or_none(
        page.meta("product:brand", "og:brand", "brand"), MAX_BRAND
    )
    if brand and "://" not in brand:
        return brand
    return _labelled_brand(page)


def _labelled_brand(page: Page) -> str | None:
    visible = page.visible
    for index, piece in enumerate(visible):
        match = _BRAND_LINE.match(piece.text) if len(piece.text) < 80 and piece.place.zone == "main" else None
        if match:
            following = visible[index + 1].text if index + 1 < len(visible) else ""
            return clean_or_none(match[1] or following, MAX_BRAND) if len(match[1] or following) <= 60 else None
    return None


def image_of(page: Page, product: Item | None, meta: bool = True) -> str | None:
    """Absolute http(s) address of the product's picture, from structured data or (with ``meta``) the page's head."""
    stated = text_of(product, "image", "thumbnailUrl") if product else None
    if product and not stated:
        stated = next(
            (address for image in inner_items(product, "image") if (address := text_of(image, "url", "contentUrl"))),
            None,
        )
    found = page.absolute(stated)
    return found or page.absolute(page.meta("og:image:secure_url", "og:image", "twitter:image") if meta else None)
