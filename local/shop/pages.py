"""The rules of what a page says: paging, prices as text, structured data, pictures.  Pure."""

from __future__ import annotations

import colorsys
import hashlib
import re
import unicodedata
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from html import escape
from typing import Any

from local.shop.stock import Item, Offer

PER_PAGE = 40
SHOP_NAME = "Larkfield & Sons"
_AVAILABILITY_TEXT = {
    "InStock": "In stock",
    "LimitedAvailability": "Only a few left",
    "PreOrder": "Pre-order",
    "OutOfStock": "Sold out",
    "Discontinued": "No longer sold",
}


def page_count(entries: int) -> int:
    """How many pages ``entries`` cards fill; an empty shop has one empty page."""
    return max(1, -(-entries // PER_PAGE))


def pounds(amount: Decimal) -> str:
    """``1234.5`` → ``£1,234.50``."""
    return f"£{amount:,.2f}"


def percent_off(offer: Offer) -> int | None:
    """Whole percent off, rounded down, as the badge shows it; ``None`` where nothing is off."""
    if offer.was_price is None or offer.was_price <= offer.price:
        return None
    return int(((offer.was_price - offer.price) * 100 / offer.was_price).to_integral_value(ROUND_DOWN)) or None


def promotion(item: Item, offer: Offer) -> str | None:
    """A line beside some prices that is not the price: a multi-buy or a monthly rate."""
    drawn = hashlib.sha256(item.sku.encode()).digest()[0]
    if drawn < 16 and offer.price < 40:
        return f"Any 2 for {pounds((offer.price * Decimal('1.8')).quantize(Decimal('0.01'), ROUND_HALF_UP))}"
    if offer.price >= 300:
        return f"or {pounds((offer.price / 12).quantize(Decimal('0.01'), ROUND_HALF_UP))} a month for 12 months"
    return None


def path_of(item: Item) -> str:
    """The address of the item's page: ``/p/S204817/hp-56-black-ink-cartridge``.  Only the number counts."""
    plain = unicodedata.normalize("NFKD", item.name).encode("ascii", "ignore").decode().lower()
    return f"/p/{item.sku}/{re.sub('[^a-z0-9]+', '-', plain).strip('-')[:60].strip('-')}"


def card(item: Item, offer: Offer) -> dict[str, Any]:
    """One entry of the listing as the page's script gets it."""
    return {
        "sku": item.sku,
        "name": item.name,
        "brand": item.brand,
        "url": path_of(item),
        "image": f"/images/{item.sku}.svg",
        "price": str(offer.price),
        "price_text": pounds(offer.price),
        "was_price": None if offer.was_price is None else str(offer.was_price),
        "was_text": None if offer.was_price is None else pounds(offer.was_price),
        "percent_off": percent_off(offer),
        "promotion": promotion(item, offer),
        "availability": offer.availability,
        "availability_text": _AVAILABILITY_TEXT[offer.availability],
    }


def structured_data(item: Item, offer: Offer, origin: str) -> dict[str, Any]:
    """The item as a schema.org ``Product`` with its ``Offer``, for ``application/ld+json``."""
    priced: dict[str, Any] = {
        "@type": "Offer",
        "url": origin + path_of(item),
        "price": str(offer.price),
        "priceCurrency": "GBP",
        "availability": f"https://schema.org/{offer.availability}",
        "itemCondition": "https://schema.org/NewCondition",
        "seller": {"@type": "Organization", "name": SHOP_NAME},
    }
    if offer.was_price is not None:
        priced["priceSpecification"] = {
            "@type": "UnitPriceSpecification",
            "priceType": "https://schema.org/StrikethroughPrice",
            "price": str(offer.was_price),
            "priceCurrency": "GBP",
        }
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": item.name,
        "sku": item.sku,
        "brand": {"@type": "Brand", "name": item.brand},
        "category": item.category,
        "image": f"{origin}/images/{item.sku}.svg",
        "offers": priced,
    }


def picture(item: Item) -> str:
    """A drawing for an item (SVG): its department's shape in a colour of its own."""
    digest = hashlib.sha256(item.sku.encode()).digest()
    tint, deep = (_colour(digest[0] / 255, light, rich) for light, rich in ((0.93, 0.35), (0.42, 0.38)))
    initials = "".join(word[0] for word in re.findall(r"\w+", item.brand)[:2]).upper()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 180" role="img" '
        f'aria-label="{escape(item.name)}"><rect width="240" height="180" fill="{tint}"/>'
        f'<g fill="none" stroke="{deep}" stroke-width="4" stroke-linejoin="round">{_shape(item.category)}</g>'
        f'<text x="228" y="168" text-anchor="end" font-size="20" fill="{deep}">{escape(initials)}</text>'
        "</svg>"
    )


def _colour(hue: float, light: float, rich: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, light, rich))


_SHAPES = {
    "Ink & toner": '<path d="M75 70h90v60H75zM85 70V52h70v18M90 95h60M90 110h40"/>',
    "Bags & cases": '<path d="M65 75h110v65H65zM95 75c0-40 50-40 50 0M65 100h110"/>',
    "Audio": '<path d="M80 110c0-80 80-80 80 0M70 105h20v35H70zM150 105h20v35h-20z"/>',
    "Storage": '<path d="M70 55h100v80H70zM82 115h55"/><circle cx="152" cy="115" r="5"/>',
    "Networking": '<path d="M65 105h110v30H65zM90 105V60M150 105V60M85 120h4M105 120h4M125 120h4"/>',
    "Cameras": '<path d="M65 70h30l10-16h30l10 16h30v66H65z"/><circle cx="120" cy="102" r="22"/>',
    "TV & projection": '<path d="M55 50h130v75H55zM95 140h50M120 125v15"/>',
    "Computing": '<path d="M75 50h90v60H75zM60 130h120l-12-20H72z"/>',
    "Office": '<path d="M85 45h50l22 22v75H85zM135 45v22h22M97 90h48M97 107h48M97 124h30"/>',
}


def _shape(category: str) -> str:
    return _SHAPES.get(category, '<path d="M75 70l45-20 45 20v55l-45 20-45-20zM75 70l45 20 45-20M120 90v55"/>')
