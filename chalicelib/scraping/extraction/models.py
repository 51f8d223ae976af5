"""What the extraction hands on.  Frozen, typed, no I/O."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from chalicelib.models import Availability, Record


class PageVerdict(StrEnum):
    """What kind of page was read; only ``product`` and ``listing`` pages may change a catalogue."""

    PRODUCT = "product"
    LISTING = "listing"
    BLOCKED = "blocked"
    """The shop refuses automatic readers (access denied, too many requests)."""
    CAPTCHA = "captcha"
    CONSENT = "consent"
    """A cookie, age or region question stands in the place of the page."""
    ERROR = "error"
    """Not found, a server error or maintenance."""
    EMPTY = "empty"
    OTHER = "other"
    """A readable page that sells nothing: an article, a home page."""


class ExtractedProduct(Record, frozen=True, kw_only=True):
    """One product as one page shows it.  Texts are cleaned and bounded; what a page does not say is ``None``."""

    url: str
    """Canonical address of the product's page, absolute."""
    verdict: PageVerdict = PageVerdict.PRODUCT
    name: str | None = None
    brand: str | None = None
    category: str | None = None
    """From the general to the special: ``Drinks > Tea``."""
    price: Decimal | None = None
    """What anybody pays now for one; never zero, a range, a member's, a multi-buy or a unit price."""
    was_price: Decimal | None = None
    """The crossed-out or "was" price, only when above ``price``."""
    currency: str | None = None
    """ISO 4217."""
    availability: Availability = Availability.UNKNOWN
    gtin: str | None = None
    """8, 12, 13 or 14 digits with a right check digit."""
    mpn: str | None = None
    sku: str | None = None
    quantity: str | None = None
    """As written, e.g. ``6 x 330ml``."""
    unit_price: str | None = None
    """As written, e.g. ``45p/100g``."""
    image_url: str | None = None
    sources: dict[str, str] = msgspec.field(default_factory=dict)
    """For people: which rule gave a field, e.g. ``{"price": "json-ld"}``."""


class CardSelectors(Record, frozen=True, kw_only=True):
    """CSS selectors of a listing's cards, from a shop's declaration, where structured data does not say enough.

    A selector of a field is looked up inside the card; ``None`` leaves the field to the general rules.
    """

    card: str
    name: str | None = None
    price: str | None = None
    was_price: str | None = None
    link: str | None = None
    sku: str | None = None
    brand: str | None = None
    sold_out: str | None = None
    """An element whose presence says that the product is sold out."""
