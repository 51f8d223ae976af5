"""The sample shop behaves like a shop, and an operator can change it."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from local.shop import pages
from local.shop.regions import NotServed, normalise, region_of
from local.shop.stock import Item, Offer, Stock, read_stock
from local.shop.web import create_app

KETTLE = Item("S1", "Kettle <2 L> & “Lid”", "Larkfield", "Computing", {
    "london": Offer(Decimal("15.00"), Decimal("20.00"), "InStock"),
    "north": Offer(Decimal("18.00"), None, "OutOfStock"),
})  # fmt: skip


@pytest.fixture
def stock() -> Stock:
    return Stock(read_stock() | {KETTLE.sku: KETTLE})


@pytest.fixture
def visitor(stock: Stock) -> FlaskClient:
    return create_app(stock).test_client()


def settle(visitor: FlaskClient, postcode: str) -> None:
    assert visitor.post("/postcode", data={"postcode": postcode}).status_code == 303


def listed(visitor: FlaskClient) -> dict[str, dict[str, Any]]:
    """Every card of every page by SKU."""
    first = visitor.get("/api/products").json
    assert first
    answers = [first] + [visitor.get(f"/api/products?page={page}").json for page in range(2, first["pages"] + 1)]
    return {card["sku"]: card for answer in answers if answer for card in answer["products"]}


@pytest.mark.parametrize("path", ["/products", "/products?page=2", "/p/S1/kettle"])
def test_a_stranger_is_asked_for_a_postcode_and_then_gets_where_they_wanted(visitor: FlaskClient, path: str) -> None:
    asked = visitor.get(path)
    assert asked.status_code == 303
    form = visitor.get(asked.location).text
    following = re.search(r'name="next" value="([^"]*)"', form)
    assert following
    answer = visitor.post("/postcode", data={"postcode": "sw1a1aa", "next": following[1]})
    assert answer.location == path
    assert visitor.get(path).status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "/\\example.com", "products", ""])
def test_the_form_never_leads_out_of_the_shop(visitor: FlaskClient, elsewhere: str) -> None:
    assert visitor.post("/postcode", data={"postcode": "M1 1AE", "next": elsewhere}).location == "/products"


@pytest.mark.parametrize("typed", ["", "12345", "BT1 1AA", "SW1A", "<b>"])
def test_a_postcode_that_is_not_served_is_explained(visitor: FlaskClient, typed: str) -> None:
    answer = visitor.post("/postcode", data={"postcode": typed})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize(
    ("postcode", "region"),
    [("SW1A 1AA", "london"), ("e17aa", "london"), ("M1 1AE", "north"), ("EH1 1YZ", "scotland"), ("CF10 1EP", "south")],
)
def test_regions_go_by_the_letters_of_the_postcode(postcode: str, region: str) -> None:
    assert region_of(postcode) == region


@given(st.text(max_size=12))
def test_any_text_is_a_postcode_or_is_not_served(typed: str) -> None:
    with suppress(NotServed):
        assert normalise(normalise(typed)) == normalise(typed)


def test_pages_hold_40_cards_and_lead_from_one_to_the_next(visitor: FlaskClient) -> None:
    settle(visitor, "SW1A 1AA")
    seen: list[str] = []
    path = "/products?page=1"
    while path:
        assert visitor.get(path).status_code == 200
        answer: dict[str, Any] = visitor.get("/api" + path).get_json()
        assert len(answer["products"]) == 40 or not answer["next"]
        seen += [card["sku"] for card in answer["products"]]
        path = answer["next"]
    assert len(seen) == len(set(seen)) == answer["total"]
    assert answer["page"] == answer["pages"]


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "²", "1e3", "9999999"])
def test_pages_that_are_not_there_are_not_found(visitor: FlaskClient, page: str) -> None:
    settle(visitor, "SW1A 1AA")
    assert visitor.get("/api/products", query_string={"page": page}).status_code == 404


def test_the_listing_call_needs_a_postcode_too(visitor: FlaskClient) -> None:
    assert visitor.get("/api/products").status_code == 403


def test_a_card_says_what_the_product_costs_here(visitor: FlaskClient) -> None:
    settle(visitor, "SW1A 1AA")
    card = listed(visitor)["S1"]
    assert (card["price_text"], card["was_text"], card["percent_off"]) == ("£15.00", "£20.00", 25)
    settle(visitor, "M1 1AE")
    card = listed(visitor)["S1"]
    assert (card["price"], card["was_price"], card["availability_text"]) == ("18.00", None, "Sold out")
    settle(visitor, "EH1 1YZ")
    assert "S1" not in listed(visitor)


def test_a_product_page_tells_machines_what_it_tells_people(visitor: FlaskClient) -> None:
    settle(visitor, "SW1A 1AA")
    page = visitor.get("/p/S1").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert found
    data = json.loads(found[1])
    assert data["name"] == KETTLE.name
    assert (data["offers"]["price"], data["offers"]["priceCurrency"]) == ("15.00", "GBP")
    assert data["offers"]["availability"] == "https://schema.org/InStock"
    assert data["offers"]["priceSpecification"]["price"] == "20.00"
    assert "<s class=" in page
    assert "<2 L>" not in page.replace(found[0], "")


def test_a_product_of_other_regions_has_a_page_without_a_price(visitor: FlaskClient) -> None:
    settle(visitor, "EH1 1YZ")
    answer = visitor.get("/p/S1")
    assert answer.status_code == 404
    assert "Not stocked in Scotland" in answer.text
    assert "ld+json" not in answer.text


def test_robots_and_sitemap_are_there(visitor: FlaskClient) -> None:
    robots = visitor.get("/robots.txt").text
    assert "Disallow: /admin/" in robots
    sitemap = re.search(r"Sitemap: http://localhost(\S+)", robots)
    assert sitemap
    assert visitor.get(sitemap[1]).text.count("<loc>") == len(read_stock()) + 1


def test_pictures_are_drawn_for_every_product(visitor: FlaskClient) -> None:
    answer = visitor.get("/images/S1.svg")
    assert answer.mimetype == "image/svg+xml"
    assert "Kettle &lt;2 L&gt;" in answer.text
    assert visitor.get("/images/S0.svg").status_code == 404


def test_an_operator_changes_a_price_in_one_region_and_takes_it_back(visitor: FlaskClient) -> None:
    settle(visitor, "SW1A 1AA")
    changed = visitor.post("/admin/products/S1", json={"price": 9.99, "was_price": "20", "region": "london"}).json
    assert changed
    assert changed["offers"]["london"]["price"] == "9.99"
    assert changed["offers"]["north"]["price"] == "18.00"
    assert listed(visitor)["S1"]["percent_off"] == 50
    assert visitor.post("/admin/reset").status_code == 200
    assert listed(visitor)["S1"]["price"] == "15.00"


def test_an_operator_sells_an_item_out_everywhere(visitor: FlaskClient) -> None:
    changed = visitor.post("/admin/products/S1", json={"availability": "OutOfStock"}).json
    assert changed
    assert {offer["availability"] for offer in changed["offers"].values()} == {"OutOfStock"}
    assert changed["offers"]["london"]["was_price"] == "20.00", "what is not named stays"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"price": "free", "region": "moon"}, {"price", "region"}),
        ({"price": 0, "was_price": -1}, {"price", "was_price"}),
        ({"price": True}, {"price"}),
        ({"price": 1.005}, {"price"}),
        ({"price": None}, {"price"}),
        ({"price": "NaN"}, {"price"}),
        ({"availability": "Perhaps", "colour": "red"}, {"availability", "colour"}),
        ([], {"body"}),
    ],
)
def test_a_wrong_change_names_every_wrong_field_and_changes_nothing(
    visitor: FlaskClient, stock: Stock, body: Any, fields: set[str]
) -> None:
    answer = visitor.post("/admin/products/S1", json=body)
    assert answer.status_code == 400
    assert answer.json
    assert set(answer.json["errors"]) == fields
    assert stock.get("S1") == KETTLE


def test_an_unknown_item_cannot_be_changed(visitor: FlaskClient) -> None:
    assert visitor.post("/admin/products/S0", json={"price": 1}).status_code == 404


def test_the_shop_tells_when_a_changed_price_was_first_shown(visitor: FlaskClient) -> None:
    settle(visitor, "SW1A 1AA")
    visitor.get("/p/S1")
    before = visitor.get("/admin/products/S1").json
    changed = visitor.post("/admin/products/S1", json={"price": 9}).json
    assert before
    assert changed
    assert set(before["first_shown"]) == {"london"}
    assert changed["first_shown"] == {}, "nobody has seen the new price yet"
    listed(visitor)
    after = visitor.get("/admin/products/S1").json
    assert after
    assert after["first_shown"]["london"] > before["first_shown"]["london"]


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [("unavailable", 503, "resting"), ("blocked", 403, "human"), ("empty", 200, '"total":0')],
)
def test_bad_days_last_as_long_as_ordered(visitor: FlaskClient, kind: str, status: int, words: str) -> None:
    settle(visitor, "SW1A 1AA")
    assert visitor.post("/admin/faults", json={"kind": kind, "count": 2}).status_code == 200
    answers = [visitor.get("/api/products") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert words in answers[1].text.replace(" ", "") or words in answers[1].text
    assert answers[2].json
    assert answers[2].json["total"] > 390
    assert (answers[0].headers.get("Retry-After") == "2") is (kind == "unavailable")


def test_an_unknown_bad_day_is_refused(visitor: FlaskClient) -> None:
    answer = visitor.post("/admin/faults", json={"kind": "flood", "count": -1})
    assert answer.status_code == 400
    assert answer.json
    assert set(answer.json["errors"]) == {"kind", "count"}


@pytest.mark.parametrize(("entries", "expected"), [(0, 1), (1, 1), (40, 1), (41, 2), (400, 10)])
def test_page_counts(entries: int, expected: int) -> None:
    assert pages.page_count(entries) == expected


@pytest.mark.parametrize(
    ("price", "was", "expected"),
    [("75", "100", 25), ("70.01", "100", 29), ("100", "100", None), ("99.99", "100", None)],
)
def test_the_badge_never_promises_more_than_is_off(price: str, was: str, expected: int | None) -> None:
    assert pages.percent_off(Offer(Decimal(price), Decimal(was), "InStock")) == expected
