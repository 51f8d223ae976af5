"""What the stages hand to each other.  Frozen, typed, no I/O.

Every model is a ``msgspec.Struct`` whose attributes are snake_case in Python and PascalCase in JSON, in
DynamoDB and in the index (``request_id`` is ``RequestID``), so that one definition serves all of them.
Times are aware UTC ``datetime``, money and percentages are ``Decimal``.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec


def attribute_name(field: str) -> str:
    """The PascalCase attribute of a Python field: ``product_id`` → ``ProductID``, ``was_price`` → ``WasPrice``."""
    return "".join("ID" if word == "id" else word.capitalize() for word in field.split("_"))


class Record(msgspec.Struct, frozen=True, kw_only=True, rename=attribute_name, omit_defaults=True):
    """Base of every model: immutable, named arguments, PascalCase outside, defaults left out when written."""


class RequestStatus(StrEnum):
    """The life of a user request; ``requests/lifecycle.py`` holds the allowed moves."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    EXPIRED = "expired"


class Availability(StrEnum):
    """Whether a shop would sell the product now, as far as its page says."""

    IN_STOCK = "InStock"
    OUT_OF_STOCK = "OutOfStock"
    UNKNOWN = "Unknown"


class UserRequest(Record, frozen=True, kw_only=True):
    """A shopper's wish: this product, in the shops that serve this postcode, at least this much off."""

    request_id: str
    postcode: str
    """Normalised with its space: ``SW1A 1AA``."""
    product_name: str
    discount: Decimal
    """Percent off, at least; 0 to 100."""
    phone_number: str
    """E.164.  Never logged unmasked."""
    status: RequestStatus
    version: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    owner: str | None = None
    """Subject of the Cognito user that made it, where the stage has users."""
    email: str | None = None
    webhook_url: str | None = None


class ScrapedProduct(Record, frozen=True, kw_only=True):
    """What one page of one shop said about one product, before it belongs to any postcode's catalogue."""

    shop: str
    """Key of the shop's declaration, e.g. ``sample``."""
    shop_product_id: str
    """The shop's own stable id of the product (SKU, or the canonical path of its page)."""
    product_name: str
    url: str
    store_brand: str
    """The shop's name as shoppers know it."""
    brand: str | None = None
    category: str | None = None
    """Where the shop files it, from the general to the special: ``Drinks > Tea``."""
    price: Decimal | None = None
    was_price: Decimal | None = None
    currency: str | None = None
    """ISO 4217."""
    availability: Availability = Availability.UNKNOWN
    sku: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    image_url: str | None = None
    quantity: str | None = None
    """As written, e.g. ``6 x 330ml``."""
    unit_price: str | None = None
    """As written, e.g. ``45p/100g``."""


class PricePoint(Record, frozen=True, kw_only=True):
    """From ``since`` on (until the next point) the product cost ``price``."""

    since: datetime
    price: Decimal


class Product(Record, frozen=True, kw_only=True):
    """A product in one postcode's catalogue, as last seen in a shop that serves it."""

    product_id: str
    """``<shop>-<stable id>``: unique within a catalogue, the same in every postcode."""
    product_name: str
    store_brand: str
    postcode: str
    """Catalogue key, as in the table's name: ``SW1A1AA``, or a shop region's code where a stage is set so."""
    shop: str
    url: str
    availability: Availability
    version: int
    """Grows by one with every change that is written; the index takes it as external version."""
    first_seen: datetime
    last_seen: datetime
    """When the content was last seen to differ from before; the catalogue's own record says when it was last read."""
    price: Decimal | None = None
    was_price: Decimal | None = None
    prior_price: Decimal | None = None
    """What the discount is measured against: the was-price, but never above the 30-day low before this price."""
    currency: str | None = None
    discount: Decimal = Decimal(0)
    """Percent off ``prior_price``, rounded down to four places; exact comparisons use the prices themselves."""
    brand: str | None = None
    category: str | None = None
    sku: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    image_url: str | None = None
    quantity: str | None = None
    unit_price: str | None = None
    price_history: tuple[PricePoint, ...] = ()
    content_hash: str = ""
    missing_since: datetime | None = None
    """Set when a complete scrape no longer lists it; removed after the grace time."""


class Match(Record, frozen=True, kw_only=True):
    """A user request and a product that satisfies it, with the reasons."""

    request_id: str
    product: Product
    score: float
    reasons: tuple[str, ...]
    """For people: ``("brand", "500 ml")`` …"""


class Previewed(Record, frozen=True, kw_only=True):
    """One product beside a wish."""

    product_id: str
    product_name: str
    store_brand: str
    url: str
    discount: Decimal
    price: Decimal | None = None
    prior_price: Decimal | None = None
    currency: str | None = None
    score: float
    """How surely it is the wanted product, 0 to 1."""
    reasons: tuple[str, ...]
    """For people: what speaks for it, or against it."""


class Preview(Record, frozen=True, kw_only=True, omit_defaults=False):
    """What a wish finds among the products of a postcode."""

    matches: tuple[Previewed, ...]
    """What its shopper would be texted, the surest first."""
    others: tuple[Previewed, ...]
    """What comes near, with what speaks against it."""
