"""Bringing a catalogue up to what a shop showed: only what changed is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from chalicelib.catalog import registry, store
from chalicelib.catalog.changes import CatalogChange, Stamp, as_missing, as_product, content_hash, is_unchanged
from chalicelib.catalog.keys import product_id
from chalicelib.models import Product, ScrapedProduct
from chalicelib.settings import settings
from chalicelib.telemetry import count, logger


def write_products(key: str, shop: str, products: Sequence[ScrapedProduct], now: datetime) -> CatalogChange:
    """Store what ``shop`` was seen to offer at ``now`` in catalogue ``key``; unchanged products cost no write.

    ``products`` may be any part of what the shop has; of one product listed twice the last counts.  Safe to repeat.
    ``RetryLater`` while DynamoDB is busy: some of the products are then written, and the same call ends the work.
    """
    seen = {product_id(shop, scraped.shop_product_id): scraped for scraped in products}
    stamps = store.stamps_of(key, seen)
    changed = {
        name: scraped for name, scraped in seen.items() if not is_unchanged(stamps.get(name), content_hash(scraped))
    }
    before = store.products_of(key, [name for name in changed if name in stamps])
    refused = store.write(key, [as_product(key, scraped, before.get(name), now) for name, scraped in changed.items()])
    change = CatalogChange(
        written=len(changed) - len(refused), unchanged=len(seen) - len(changed), refused=len(refused)
    )
    _tell(key, shop, change)
    return change


def finish_scrape(key: str, shop: str, seen_ids: Iterable[str], now: datetime) -> CatalogChange:
    """After a *complete* scrape of ``shop``: what it no longer lists goes out of stock, and is removed after the grace.

    ``seen_ids`` are the shop's own ids (``shop_product_id``) of everything it listed.  An empty scrape changes nothing.
    ``RetryLater`` while DynamoDB is busy; safe to repeat.
    """
    seen = {product_id(shop, shop_product_id) for shop_product_id in seen_ids}
    if not seen:
        logger().error("empty scrape changes nothing", extra={"catalog": key, "shop": shop})
        return CatalogChange()
    unlisted = [stamp for stamp in store.stamps_of_shop(key, shop) if stamp.product_id not in seen]
    newly = _go_missing(key, [stamp for stamp in unlisted if not stamp.missing], now)
    removed = _remove_old(key, [stamp for stamp in unlisted if stamp.missing], now)
    registry.mark_read(key, shop, now)
    change = CatalogChange(missing=newly, removed=removed)
    _tell(key, shop, change)
    return change


def _go_missing(key: str, stamps: Sequence[Stamp], now: datetime) -> int:
    found = store.products_of(key, [stamp.product_id for stamp in stamps])
    return len(found) - len(store.write(key, [as_missing(product, now) for product in found.values()]))


def _remove_old(key: str, stamps: Sequence[Stamp], now: datetime) -> int:
    found = store.products_of(key, [stamp.product_id for stamp in stamps])
    old = [product for product in found.values() if _is_over(product, now)]
    return sum(store.remove(key, product.product_id, product.version) for product in old)


def _is_over(product: Product, now: datetime) -> bool:
    grace = timedelta(days=settings().catalog_remove_days)
    return product.missing_since is not None and now - product.missing_since >= grace


def _tell(key: str, shop: str, change: CatalogChange) -> None:
    changed = change.written + change.missing + change.removed
    if changed:
        count("ProductsChanged", changed)
    logger().info(
        "catalogue written",
        extra={
            "catalog": key,
            "shop": shop,
            "written": change.written,
            "unchanged": change.unchanged,
            "missing": change.missing,
            "removed": change.removed,
            "refused": change.refused,
        },
    )
