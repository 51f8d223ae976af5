"""Requests, products and the ledger's table for tests of notifications."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from chalicelib.models import Availability, Match, Product, RequestStatus, UserRequest

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
PHONE = "+447911000001"
"""A number of the United Kingdom's mobile plan."""


INDEXES = {"OpenByDue": ("OpenShard", "DueAt"), "WatchedByShop": ("Watch", "PK")}
"""Partition and sort attribute of the table's indexes."""


def request(number: int = 1, **changes: Any) -> UserRequest:
    """An active request at SW1A 1AA, its phone different for each ``number``."""
    values: dict[str, Any] = {
        "request_id": f"request-{number}",
        "postcode": "SW1A 1AA",
        "product_name": "baked beans",
        "discount": Decimal(20),
        "phone_number": f"+4479110{number:05d}",
        "status": RequestStatus.ACTIVE,
        "version": 1,
        "created_at": NOON,
        "updated_at": NOON,
        "expires_at": NOON + timedelta(days=365),
    }
    return UserRequest(**(values | changes))


def product(product_id: str = "sample-1", price: str = "1.20", prior: str = "2.00", **changes: Any) -> Product:
    """A product in stock at ``price``, its discount against ``prior`` rounded down to four places."""
    off = (Decimal(prior) - Decimal(price)) / Decimal(prior) * 100
    values: dict[str, Any] = {
        "product_id": product_id,
        "product_name": f"Beans {product_id} 415g",
        "store_brand": "Sample",
        "postcode": "SW1A1AA",
        "shop": product_id.split("-")[0],
        "url": f"https://shop.example/p/{product_id}",
        "availability": Availability.IN_STOCK,
        "version": 1,
        "first_seen": NOON,
        "last_seen": NOON,
        "price": Decimal(price),
        "was_price": Decimal(prior),
        "prior_price": Decimal(prior),
        "currency": "GBP",
        "discount": max(off, Decimal(0)).quantize(Decimal("0.0001"), rounding="ROUND_DOWN"),
    }
    return Product(**(values | changes))


def match(wish: UserRequest, offer: Product) -> Match:
    """``offer`` satisfies ``wish``."""
    return Match(request_id=wish.request_id, product=offer, score=1.0, reasons=())


def table_definition(name: str = "NotificationsTable") -> dict[str, Any]:
    """The ledger's table as ``.chalice/resources.yaml`` declares it, in the form ``create_table`` takes."""
    path = Path(__file__).parents[2] / ".chalice" / "resources.yaml"
    declared = yaml.load(path.read_text(), Loader=_Template)["Resources"]["NotificationsTable"]["Properties"]
    kept = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    return {"TableName": name} | {part: declared[part] for part in kept}


class _Template(yaml.SafeLoader):
    """Reads a CloudFormation template; its functions become ``None``."""


_Template.add_multi_constructor("!", lambda loader, suffix, node: None)
