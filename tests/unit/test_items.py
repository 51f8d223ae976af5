"""Models go into DynamoDB items and come back as they were."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.items import from_item, plain, to_item
from chalicelib.models import Availability, PricePoint, Product, attribute_name

SEEN = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


def product(**changes: object) -> Product:
    facts: dict[str, object] = {
        "product_id": "sample-1",
        "product_name": "Olive oil 500 ml",
        "store_brand": "Sample shop",
        "postcode": "SW1A1AA",
        "shop": "sample",
        "url": "http://shop.example/1",
        "availability": Availability.IN_STOCK,
        "version": 3,
        "first_seen": SEEN,
        "last_seen": SEEN,
        "price": Decimal("4.50"),
    }
    return Product(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "attribute"),
    [("product_id", "ProductID"), ("was_price", "WasPrice"), ("url", "Url"), ("postcode", "Postcode")],
)
def test_attributes_are_the_spec_s_names(field: str, attribute: str) -> None:
    assert attribute_name(field) == attribute


def test_an_item_carries_typed_attributes_and_leaves_out_what_is_not_there() -> None:
    item = to_item(product())
    assert item["ProductID"] == {"S": "sample-1"}
    assert item["Price"] == {"N": "4.50"}
    assert item["Availability"] == {"S": "InStock"}
    assert item["FirstSeen"] == {"S": "2026-11-01T09:30:00Z"}
    assert "WasPrice" not in item


def test_extra_attributes_travel_beside_the_record_and_are_passed_over_on_the_way_back() -> None:
    item = to_item(product(), ExpiresAt=1_800_000_000, Score=0.5)
    assert item["ExpiresAt"] == {"N": "1800000000"}
    assert item["Score"] == {"N": "0.5"}
    assert from_item(item, Product) == product()


@given(
    price=st.decimals(min_value=0, max_value=10**9, places=2),
    version=st.integers(min_value=1, max_value=2**53),
    name=st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable()),
)
def test_what_goes_in_comes_out(price: Decimal, version: int, name: str) -> None:
    made = product(
        price=price, version=version, product_name=name, price_history=(PricePoint(since=SEEN, price=price),)
    )
    assert from_item(to_item(made), Product) == made


def test_whole_numbers_are_int_and_others_decimal() -> None:
    assert plain({"A": {"N": "3"}, "B": {"N": "3.10"}}) == {"A": 3, "B": Decimal("3.10")}


# A number in DynamoDB has at most 38 digits; boto3 refuses to write more.
_wholes = st.integers(1 - 10**38, 10**38 - 1)
_scalars = st.none() | st.booleans() | st.text(max_size=5) | _wholes | st.decimals(-99, 99, places=3)
_values = st.recursive(
    _scalars | st.sets(st.text(min_size=1, max_size=3), min_size=1) | st.sets(_wholes, min_size=1, max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(_values)
def test_values_lose_their_tags_as_boto3_reads_them(value: object) -> None:
    tagged = TypeSerializer().serialize(value)
    assert plain({"Value": tagged}) == {"Value": TypeDeserializer().deserialize(tagged)}
