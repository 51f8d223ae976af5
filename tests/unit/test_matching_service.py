"""Requests × candidates → matches."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.discount import offers_at_least
from chalicelib.matching.service import match
from chalicelib.models import Availability, Product, RequestStatus, UserRequest

NOW = datetime(2026, 1, 5, tzinfo=UTC)
HEADSET = Product(
    product_id="sample-1",
    product_name="Motorola H17 Bluetooth Headset Black",
    store_brand="Sample",
    postcode="SW1A1AA",
    shop="sample",
    url="https://shop.example/1",
    availability=Availability.IN_STOCK,
    version=1,
    first_seen=NOW,
    last_seen=NOW,
    price=Decimal("80"),
    prior_price=Decimal("100"),
)


def asking(name: str = "bluetooth headset", discount: str = "20", request_id: str = "r1") -> UserRequest:
    return UserRequest(
        request_id=request_id,
        postcode="SW1A 1AA",
        product_name=name,
        discount=Decimal(discount),
        phone_number="+447700900123",
        status=RequestStatus.ACTIVE,
        version=1,
        created_at=NOW,
        updated_at=NOW,
        expires_at=NOW,
    )


def priced(price: str, prior: str | None = "100", **changes: object) -> Product:
    prior_price = Decimal(prior) if prior else None
    return msgspec.structs.replace(HEADSET, price=Decimal(price), prior_price=prior_price, **changes)


def test_twenty_percent_asked_and_twenty_offered_match() -> None:
    (found,) = match([asking()], {"r1": [HEADSET]})
    assert (found.request_id, found.product) == ("r1", HEADSET)
    assert found.reasons


def test_a_hair_less_than_asked_does_not() -> None:
    assert match([asking()], {"r1": [priced("80.01")]}) == []


def test_thirds_are_exact() -> None:
    assert offers_at_least(priced("66.67", "100.005"), Decimal("33.33"))
    assert not offers_at_least(priced("2", "3"), Decimal("33.34"))
    assert offers_at_least(priced("2", "3"), Decimal("33.33"))


@pytest.mark.parametrize(
    "product",
    [
        priced("80", None),
        priced("120"),
        priced("0"),
        msgspec.structs.replace(HEADSET, price=None),
        priced("50", availability=Availability.OUT_OF_STOCK),
        priced("50", availability=Availability.UNKNOWN),
    ],
)
def test_what_offers_no_discount_matches_nobody_who_asks_for_one(product: Product) -> None:
    assert match([asking(discount="1")], {"r1": [product]}) == []


def test_without_a_discount_asked_any_price_in_stock_will_do() -> None:
    assert offers_at_least(priced("80", None), Decimal(0))
    assert offers_at_least(priced("120"), Decimal(0))
    assert not offers_at_least(priced("80", availability=Availability.OUT_OF_STOCK), Decimal(0))


money = st.decimals("0.01", "9999.99", places=2)
percents = st.decimals("0", "100", places=2)


@given(money, money, percents, percents)
def test_who_gets_more_than_asked_gets_less_too(price: Decimal, prior: Decimal, one: Decimal, other: Decimal) -> None:
    product = priced(str(price), str(prior))
    if offers_at_least(product, max(one, other)):
        assert offers_at_least(product, min(one, other))


@given(money, percents)
def test_the_boundary_itself_is_offered(prior: Decimal, percent: Decimal) -> None:
    price = prior * (100 - percent) / 100
    if price > 0:
        assert offers_at_least(priced(str(price), str(prior)), percent)
        dearer = priced(str(price + Decimal("0.0000001")), str(prior))
        assert offers_at_least(dearer, percent) == (percent == 0)


def test_matches_come_by_request_the_surest_first_and_the_same_every_time() -> None:
    plain = msgspec.structs.replace(HEADSET, product_id="sample-2", product_name="Nokia Bluetooth Headset")
    other = msgspec.structs.replace(HEADSET, product_id="sample-3", product_name="Wooden Spoon")
    requests = [asking(request_id="r2"), asking(request_id="r1")]
    candidates = {"r1": [other, plain, HEADSET], "r2": [HEADSET, other, plain]}
    found = match(requests, candidates)
    assert [(one.request_id, one.product.product_id) for one in found] == [
        ("r2", "sample-2"),  # says less besides
        ("r2", "sample-1"),
        ("r1", "sample-2"),
        ("r1", "sample-1"),
    ]
    assert found == match(requests, {key: list(reversed(products)) for key, products in candidates.items()})


def test_a_request_without_candidates_matches_nothing() -> None:
    assert match([asking()], {}) == []
