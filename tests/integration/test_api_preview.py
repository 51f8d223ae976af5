"""``POST /preview`` looks into the real index by the rules of matching, and stores nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from api_support import Api, api_on, make_tables

from chalicelib.models import Availability, Product
from chalicelib.pipeline.previewing import main
from chalicelib.search import bulk, index
from chalicelib.search.client import client
from chalicelib.search.documents import of_product

SEEN = datetime(2026, 11, 1, tzinfo=UTC)
WISH = {"Postcode": "sw1a1aa", "ProductName": "ground coffee 500g", "Discount": 20}


def product(product_id: str, name: str, price: str, postcode: str = "SW1A1AA") -> Product:
    paid = Decimal(price)
    return Product(
        product_id=product_id,
        product_name=name,
        store_brand="Sample shop",
        postcode=postcode,
        shop="sample",
        url="http://shop.example",
        availability=Availability.IN_STOCK,
        version=1,
        first_seen=SEEN,
        last_seen=SEEN,
        price=paid,
        was_price=Decimal(10),
        prior_price=Decimal(10),
        currency="GBP",
        discount=(10 - paid) * 10,
    )


@pytest.fixture
def api(dynamodb_local: str, opensearch_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    where = {"OPENSEARCH_ENDPOINT": opensearch_url, "OPENSEARCH_INDEX": "preview"}
    with api_on(dynamodb_local, make_tables(dynamodb_local), monkeypatch, **where) as made:
        client.cache_clear()
        index.forget_targets()
        index.ensure_index()
        shelf = [
            product("coffee", "Ground coffee, 500 g", "8.00"),
            product("dearer", "Ground coffee 500 g strong", "8.01"),
            product("large", "Ground coffee 1 kg", "5.00"),
            product("elsewhere", "Ground coffee 500 g", "5.00", postcode="M11AE"),
        ]
        bulk.write([of_product(one) for one in shelf], index.targets())
        index.refresh()
        yield made
    index.forget_targets()


def previewed(api: Api, **changes: Any) -> dict[str, Any]:
    answer = api.call("POST", "/preview", WISH | changes)
    assert answer.status_code == 200, answer.body
    found: dict[str, Any] = answer.json_body
    return found


def test_it_shows_what_would_be_texted_and_why_the_rest_would_not(api: Api) -> None:
    found = previewed(api)
    assert [one["ProductID"] for one in found["Matches"]] == ["coffee"]
    assert found["Matches"][0]["Price"] == 8
    others = {one["ProductID"]: one["Reasons"] for one in found["Others"]}
    assert set(others) == {"dearer", "large"}
    assert "19.9 % off now, 20 % wanted" in others["dearer"]


def test_less_discount_finds_more(api: Api) -> None:
    found = previewed(api, Discount=19.9)
    assert {one["ProductID"] for one in found["Matches"]} == {"coffee", "dearer"}


def test_nothing_is_stored(api: Api) -> None:
    previewed(api, PhoneNumber="07700 900123")
    assert api.listed() == {"Requests": []}


def test_every_wrong_field_is_named(api: Api) -> None:
    answer = api.call("POST", "/preview", {"Postcode": "nowhere", "Discount": 120, "Colour": "red"})
    assert answer.status_code == 400
    assert {error["Field"] for error in answer.json_body["Errors"]} == {"Postcode", "ProductName", "Discount", "Colour"}


def test_it_says_when_the_index_is_away(api: Api, monkeypatch: pytest.MonkeyPatch, dynamodb_local: str) -> None:
    with api_on(dynamodb_local, {}, monkeypatch, OPENSEARCH_ENDPOINT="http://127.0.0.1:9") as lost:
        client.cache_clear()
        answer = lost.call("POST", "/preview", WISH)
    client.cache_clear()
    assert (answer.status_code, answer.json_body["Code"]) == (503, "ServiceUnavailable")


def test_an_operator_sees_the_same_as_a_table(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["SW1A 1AA", "ground coffee 500g", "20"]) == 0
    printed = capsys.readouterr().out
    assert "would be texted: 1" in printed
    assert "Ground coffee, 500 g" in printed
    assert main(["SW1A 1AA", "ground coffee 500g"]) == 2
    assert main(["SW1A 1AA", "ground coffee 500g", "much"]) == 2
