"""What the shop sells, for how much in which region, and what an operator changed since it was started."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from local.shop.regions import REGIONS

DATA = Path(__file__).with_name("products.json")
AVAILABILITIES = ("InStock", "LimitedAvailability", "PreOrder", "OutOfStock", "Discontinued")
"""The schema.org terms an operator may set."""


class WrongChange(ValueError):
    """An operator's change cannot be made; ``errors`` maps each wrong field to what is wrong with it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in errors.items()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Offer:
    """What one region asks for a product, in pounds."""

    price: Decimal
    was_price: Decimal | None
    availability: str

    @property
    def sold_out(self) -> bool:
        """Whether it cannot be bought now."""
        return self.availability in ("OutOfStock", "Discontinued")


@dataclass(frozen=True, slots=True)
class Item:
    """A product of the shop; ``offers`` by region key, without the regions that do not stock it."""

    sku: str
    name: str
    brand: str
    category: str
    offers: Mapping[str, Offer]


def read_stock(path: Path = DATA) -> dict[str, Item]:
    """The items of a data file by SKU, in the order of the shelves."""
    items = [_item(entry) for entry in json.loads(path.read_text(encoding="utf-8"))["products"]]
    return {item.sku: item for item in items}


def _item(entry: Mapping[str, Any]) -> Item:
    offers = {
        region: Offer(Decimal(offer["price"]), _pounds(offer.get("was_price")), offer["availability"])
        for region, offer in entry["offers"].items()
    }
    return Item(entry["sku"], entry["name"], entry["brand"], entry["category"], offers)


def _pounds(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


class Stock:
    """The items as they are now.  Safe to use from several threads."""

    def __init__(self, items: Mapping[str, Item]) -> None:
        self._opening = dict(items)
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Undoes every change an operator made."""
        with self._lock:
            self._items = dict(self._opening)
            self._served: dict[tuple[str, str], datetime] = {}

    def get(self, sku: str) -> Item | None:
        """The item, or ``None`` where the shop has never sold it."""
        return self._items.get(sku)

    def on_shelf(self, region: str) -> list[tuple[Item, Offer]]:
        """What a region sells (sold-out items too), in the order of its pages."""
        return [(item, item.offers[region]) for item in list(self._items.values()) if region in item.offers]

    def change(self, sku: str, body: Any) -> Item:
        """Applies an operator's ``{price, was_price, availability, region}``; what is left out stays, no region is all.

        ``KeyError`` for an unknown item, ``WrongChange`` naming every wrong field.
        """
        changes, regions = _read_change(body)
        with self._lock:
            item = self._items[sku]
            offers = dict(item.offers)
            for region in regions.intersection(offers):
                offers[region] = replace(offers[region], **changes)
                self._served.pop((sku, region), None)
            changed = self._items[sku] = replace(item, offers=offers)
        return changed

    def shown(self, region: str, items: list[tuple[Item, Offer]]) -> None:
        """Notes when each item was first shown in ``region`` since it last changed."""
        now = datetime.now(UTC)
        with self._lock:
            for item, _ in items:
                self._served.setdefault((item.sku, region), now)

    def first_shown(self, sku: str) -> dict[str, str]:
        """Region → when the item, as it is now, was first shown there (ISO 8601, UTC)."""
        return {region: at.isoformat() for (shown, region), at in list(self._served.items()) if shown == sku}


def _read_change(body: Any) -> tuple[dict[str, Any], set[str]]:
    """The attributes to replace and the regions to replace them in."""
    if not isinstance(body, dict):
        raise WrongChange({"body": "must be a JSON object"})
    errors = {field: "is not known" for field in body if field not in ("price", "was_price", "availability", "region")}
    changes: dict[str, Any] = {}
    for field in ("price", "was_price"):
        if field in body:
            changes[field] = _read_price(field, body[field], errors)
    if "availability" in body:
        changes["availability"] = body["availability"]
        if body["availability"] not in AVAILABILITIES:
            errors["availability"] = f"must be one of {', '.join(AVAILABILITIES)}"
    region = body.get("region")
    if region is not None and region not in REGIONS:
        errors["region"] = f"must be one of {', '.join(REGIONS)}"
    if errors:
        raise WrongChange(errors)
    return changes, set(REGIONS) if region is None else {region}


def _read_price(field: str, value: Any, errors: dict[str, str]) -> Decimal | None:
    """A price of at least a penny, to the penny.  ``None`` takes a was-price away."""
    if value is None and field == "was_price":
        return None
    sort = (int, float, str) if not isinstance(value, bool) else ()
    try:
        price = Decimal(str(value)) if isinstance(value, sort) else Decimal("NaN")
        if price.is_finite() and 0 < price < 1_000_000 and price == round(price, 2):
            return round(price, 2)
    except InvalidOperation:
        pass
    errors[field] = "must be a price in pounds and pence, such as 24.99"
    return None
