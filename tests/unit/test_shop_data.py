"""The sample shop's stock and the sample requests are what the end-to-end runs and the README promise."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.harness import SHARED_DATA
from local.shop import make_data
from local.shop.naming import shop_name
from local.shop.regions import REGIONS, region_of
from local.shop.stock import DATA, Item, read_stock

STOCK = read_stock()
REQUESTS: list[dict[str, Any]] = json.loads(
    (DATA.parent.parent / "sample_requests.json").read_text(encoding="utf-8")
)["requests"]  # fmt: skip
BODIES = pytest.mark.parametrize("body", REQUESTS, ids=[body["product_name"] for body in REQUESTS])


def percent_off(item: Item, region: str) -> Decimal:
    offer = item.offers[region]
    return (1 - offer.price / offer.was_price) * 100 if offer.was_price else Decimal(0)


def test_the_data_names_its_source_and_stays_small() -> None:
    text = DATA.read_text(encoding="utf-8")
    assert "Magellan" in json.loads(text)["source"]
    assert len(text.encode()) < 1_000_000


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_sells_about_400_products_of_which_two_in_five_are_reduced(region: str) -> None:
    offers = [item.offers[region] for item in STOCK.values() if region in item.offers]
    reduced = [offer for offer in offers if offer.was_price]
    assert 390 <= len(offers) <= 425
    assert 0.35 <= len(reduced) / len(offers) <= 0.5
    assert 10 <= sum(offer.sold_out for offer in offers) <= 40


def test_reductions_are_real_and_between_5_and_60_percent() -> None:
    off = [
        percent_off(item, region) for item in STOCK.values() for region, offer in item.offers.items() if offer.was_price
    ]
    assert min(off) > Decimal("4.5")
    assert max(off) < Decimal("60.5")


def test_regions_differ_in_stock_and_in_prices() -> None:
    stocked = [frozenset(item.offers) for item in STOCK.values()]
    prices = [{offer.price for offer in item.offers.values()} for item in STOCK.values()]
    assert sum(len(regions) < len(REGIONS) for regions in stocked) > 20
    assert sum(len(different) > 1 for different in prices) > 100


def test_names_are_printable_and_fit_the_field_of_a_request() -> None:
    assert all(item.name.isprintable() and 2 <= len(item.name) <= 130 and item.brand for item in STOCK.values())
    assert any("×" in item.name for item in STOCK.values())
    assert any("–" in item.name for item in STOCK.values())


def test_requests_come_from_three_postcodes_in_three_regions() -> None:
    postcodes = {body["postcode"] for body in REQUESTS}
    assert postcodes == {"SW1A 1AA", "M1 1AE", "EH1 1YZ"}
    assert {region_of(postcode) for postcode in postcodes} == {"london", "north", "scotland"}


def test_some_wishes_come_true_and_some_must_not() -> None:
    assert sum(bool(body["expect"]) for body in REQUESTS) >= 8
    assert sum(not body["expect"] for body in REQUESTS) >= 4


def test_phones_are_reserved_for_drama_and_differ() -> None:
    phones = [body["phone_number"] for body in REQUESTS]
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("07700 900") and len(phone) == 12 for phone in phones)


@BODIES
def test_what_is_expected_is_in_stock_and_reduced_enough_there(body: dict[str, Any]) -> None:
    region = region_of(body["postcode"])
    for sku in body["expect"]:
        assert percent_off(STOCK[sku], region) >= Decimal(body["discount"])
        assert not STOCK[sku].offers[region].sold_out


def test_one_wish_lies_exactly_on_its_threshold_and_one_a_hair_below() -> None:
    exact = [
        body["product_name"]
        for body in REQUESTS
        for sku in body["expect"]
        if percent_off(STOCK[sku], region_of(body["postcode"])) == Decimal(body["discount"])
    ]
    assert exact == ["canon cli-226 black ink tank"]
    (extender,) = (item for item in STOCK.values() if item.name == "Netgear Universal Wi-Fi Range Extender WN3000RP")
    assert Decimal("29.9") < percent_off(extender, "london") < 30


@pytest.mark.skipif(
    not (SHARED_DATA / "product-pairs").is_dir(), reason="the source of the data is not on this machine"
)
def test_the_data_is_what_its_script_makes_of_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    monkeypatch.setattr(make_data, "HERE", shop)
    make_data.main(SHARED_DATA / "product-pairs")
    for made in (shop / "products.json", tmp_path / "sample_requests.json"):
        kept = DATA.parent.parent / made.relative_to(tmp_path)
        assert made.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("hp 56 black ink c6656an - 2 x 5 ml", "HP 56 Black Ink C6656AN – 2 × 5 ml"),
        ("case for iphone 4 with wi-fi", "Case for iPhone 4 with Wi-Fi"),
        ("the 8-port usb switch", "The 8-port USB Switch"),
        ("- d-link dgs-1005g .", "D-Link DGS-1005G"),
    ],
)
def test_titles_become_names_as_a_shop_prints_them(title: str, name: str) -> None:
    assert shop_name(title) == name


def test_an_exact_reduction_is_exact_and_others_are_to_the_penny() -> None:
    assert make_data.reduced(Decimal("13.97"), "exactly 25") == {
        "price": "10.50", "was_price": "14", "availability": "InStock",
    }  # fmt: skip
    assert make_data.reduced(Decimal("69.66"), "29.99")["price"] == "48.77"
    assert "was_price" not in make_data.reduced(Decimal("10.00"), "0")
    assert make_data.reduced(Decimal("10.00"), make_data.SOLD_OUT)["availability"] == "OutOfStock"
