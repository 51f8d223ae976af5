"""What a scraped product becomes in a catalogue, and whether that differs from what is there.  Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Context, Decimal

import msgspec

from chalicelib.catalog.keys import product_id
from chalicelib.catalog.pricing import discount, for_another_quantity, prior_price, with_price
from chalicelib.models import Availability, Product, ScrapedProduct

_CARRIED = tuple(name for name in ScrapedProduct.__struct_fields__ if name in Product.__struct_fields__)
"""What a product takes over from the page as it stands."""
_EXACT = Context(prec=200)


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a stored product as is needed to see whether it changed."""

    product_id: str
    version: int
    content_hash: str
    missing: bool = False


class CatalogChange(msgspec.Struct, frozen=True, kw_only=True):
    """How many products of a catalogue a scrape wrote, left alone, found missing, removed, or could not store."""

    written: int = 0
    unchanged: int = 0
    missing: int = 0
    removed: int = 0
    refused: int = 0


def content_hash(scraped: ScrapedProduct) -> str:
    """Digest of everything the page said, 8.00 being 8; equal digests mean that nothing has to be written."""
    scraped = msgspec.structs.replace(scraped, price=_plain(scraped.price), was_price=_plain(scraped.was_price))
    return hashlib.blake2b(msgspec.json.encode(scraped, order="deterministic"), digest_size=12).hexdigest()


def _plain(price: Decimal | None) -> Decimal | None:
    return None if price is None else price.normalize(_EXACT)


def is_unchanged(stamp: Stamp | None, digest: str) -> bool:
    """Whether the stored product says the same as the page with this digest, and was not thought missing."""
    return stamp is not None and stamp.content_hash == digest and not stamp.missing


def as_product(key: str, scraped: ScrapedProduct, before: Product | None, now: datetime) -> Product:
    """The product to store in catalogue ``key`` for what was read at ``now``, given what was stored before."""
    past = before.price_history if before and before.currency == scraped.currency else ()
    past = for_another_quantity(past, before.quantity if before else None, scraped.quantity)
    history = with_price(past, scraped.price, now)
    prior = prior_price(history, scraped.was_price)
    return Product(
        **{name: getattr(scraped, name) for name in _CARRIED},
        product_id=product_id(scraped.shop, scraped.shop_product_id),
        postcode=key,
        version=before.version + 1 if before else first_version(now),
        first_seen=before.first_seen if before else now,
        last_seen=now,
        prior_price=prior,
        discount=discount(scraped.price, prior),
        price_history=history,
        content_hash=content_hash(scraped),
    )


def as_missing(product: Product, now: datetime) -> Product:
    """``product`` once a complete scrape no longer listed it: out of stock since ``now``."""
    return msgspec.structs.replace(
        product, availability=Availability.OUT_OF_STOCK, missing_since=now, version=product.version + 1, last_seen=now
    )


def first_version(now: datetime) -> int:
    """Where the versions of a new product begin: milliseconds since 1970.

    A product that was removed and comes back has no memory of its versions; starting from the clock keeps it above all
    of them (and above the tombstone in the index), as long as a product changes less than once a millisecond.
    """
    return int(now.timestamp() * 1000)
