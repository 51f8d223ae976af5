"""Stream records become documents, or are refused with a reason."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.catalog.changes import as_missing, as_product
from chalicelib.errors import Reject
from chalicelib.items import to_item
from chalicelib.models import Availability, Product
from chalicelib.search.documents import LARGEST_VERSION, Document, of_product, product_of, unfit
from chalicelib.search.records import catalog_of, document_of
from tests.fakes.cloud import NOW, scraped

KEY = "SW1A1AA"
ARN = f"arn:aws:dynamodb:eu-west-2:123456789012:table/ProductCatalog_{KEY}/stream/2026-01-01T00:00:00.000"


def record(new: dict[str, Any] | None, old: dict[str, Any] | None = None, arn: str = ARN) -> dict[str, Any]:
    present = new if new is not None else old or {}
    change: dict[str, Any] = {"SequenceNumber": "1", "Keys": {"ProductID": present.get("ProductID")}}
    change |= {"NewImage": new} if new is not None else {}
    change |= {"OldImage": old} if old is not None else {}
    name = "REMOVE" if new is None else "INSERT"
    return {"eventName": name, "eventSourceARN": arn, "dynamodb": change | {"ApproximateCreationDateTime": 1.5}}


def read(made: dict[str, Any]) -> Document:
    return document_of(made, "ProductCatalog_")


prices = st.none() | st.decimals(min_value=Decimal("0.01"), max_value=Decimal(99999), places=2)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
products = st.builds(
    lambda name, price, was, brand, stock, missing: (as_missing if missing else lambda product, now: product)(
        as_product(
            KEY, scraped(1, product_name=name, price=price, was_price=was, brand=brand, availability=stock), None, NOW
        ),
        NOW,
    ),
    *(texts, prices, prices, st.none() | texts, st.sampled_from(Availability), st.booleans()),
)


@given(products)
def test_product_comes_through_table_stream_and_index_unchanged(product: Product) -> None:
    document = read(record(to_item(product, Discount=product.discount)))
    assert (document.key, document.product_id, document.version) == (KEY, product.product_id, product.version)
    assert product_of(msgspec.json.decode(document.body)) == msgspec.structs.replace(product, price_history=())


def test_removal_becomes_a_tombstone_one_version_above_the_removed() -> None:
    product = as_product(KEY, scraped(1), None, NOW)
    document = read(record(None, to_item(product)))
    assert document.version == product.version + 1
    assert msgspec.json.decode(document.body) == {
        "ProductID": "sample-1",
        "Postcode": KEY,
        "Version": product.version + 1,
        "Removed": True,
        "RemovedAt": datetime.fromtimestamp(1.5, UTC).isoformat().replace("+00:00", "Z"),
    }


GOOD = to_item(as_product(KEY, scraped(1), None, NOW))


@pytest.mark.parametrize(
    "bad",
    [
        {name: value for name, value in GOOD.items() if name != "Version"},
        {**GOOD, "Version": {"N": "1.5"}},
        {**GOOD, "Price": {"S": "cheap"}},
        {**GOOD, "Availability": {"S": "Sold"}},
        {**GOOD, "FirstSeen": {"S": "yesterday"}},
        {**GOOD, "ProductName": {"NULL": True}},
        {**GOOD, "ProductName": {"S": "\ud800"}},
        {**GOOD, "Postcode": {"S": "AB12CD"}},
        {**GOOD, "ProductName": {}},
        {},
    ],
)
def test_image_that_is_no_product_of_this_catalogue_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(Reject):
        read(record(bad))


@pytest.mark.parametrize(
    "bad",
    [
        {"eventName": "INSERT", "eventSourceARN": ARN},
        {"eventName": "REMOVE", "eventSourceARN": ARN, "dynamodb": {"Keys": {"ProductID": {"S": "sample-1"}}}},
        {"eventName": "MODIFY", "eventSourceARN": ARN, "dynamodb": {"SequenceNumber": "1"}},
        {"eventSourceARN": ARN, "dynamodb": {"NewImage": GOOD}},
    ],
)
def test_record_that_lacks_what_it_should_have_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(Reject):
        read(bad)


@pytest.mark.parametrize("table", ["UserRequestsTable", "ProductCatalog_", "OtherProductCatalog_SW1A1AA"])
def test_record_of_another_table_is_refused(table: str) -> None:
    with pytest.raises(Reject, match="no catalogue"):
        catalog_of({"eventSourceARN": ARN.replace(f"ProductCatalog_{KEY}", table)}, "ProductCatalog_")


def test_what_would_spoil_a_whole_call_is_known_beforehand() -> None:
    product = as_product(KEY, scraped(1), None, NOW)
    replace = msgspec.structs.replace
    assert unfit(of_product(product)) is None
    assert unfit(of_product(replace(product, version=LARGEST_VERSION - 1))) is None
    assert "version" in str(unfit(of_product(replace(product, version=LARGEST_VERSION))))
    assert "version" in str(unfit(of_product(replace(product, version=0))))
    assert "512 bytes" in str(unfit(of_product(replace(product, product_id="x" * 512))))
