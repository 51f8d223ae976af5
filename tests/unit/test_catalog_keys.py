"""Which catalogue a product is in, and what things are called."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.catalog.keys import (
    LONGEST_PRODUCT_ID,
    catalog_key,
    catalogs_of,
    key_of_table,
    product_id,
    table_name,
    table_of_stream,
)
from tests.fakes.cloud import stage

Switch = Callable[[str], None]


@pytest.fixture
def by_region(monkeypatch: pytest.MonkeyPatch) -> object:
    with stage(monkeypatch, CATALOG_KEYS="region"):
        yield


@pytest.fixture
def by_postcode(monkeypatch: pytest.MonkeyPatch) -> object:
    with stage(monkeypatch, CATALOG_KEYS="postcode"):
        yield


@pytest.mark.usefixtures("by_postcode")
def test_a_postcode_has_a_catalogue_of_its_own() -> None:
    assert catalog_key("SW1A 1AA", shop="sample", region="south") == "SW1A1AA"
    assert catalogs_of("SW1A 1AA", {"sample": "south", "other": "uk"}) == ("SW1A1AA",)
    assert table_name("SW1A1AA") == "ProductCatalog_SW1A1AA"


@pytest.mark.usefixtures("by_region")
def test_postcodes_of_one_region_share_a_catalogue_where_the_stage_is_set_so() -> None:
    assert catalog_key("SW1A 1AA", "sample", "south") == catalog_key("SE1 7PB", "sample", "south") == "sample-south"
    assert catalogs_of("SW1A 1AA", {"sample": "south", "other": "uk"}) == ("other-uk", "sample-south")


@pytest.mark.usefixtures("by_region")
@given(region=st.text(min_size=1, max_size=300), other=st.text(min_size=1, max_size=300))
@example(region="North East", other="North_East")
@example(region="x" * 300, other="x" * 301)
def test_any_region_makes_a_name_of_its_own_that_dynamodb_takes(region: str, other: str) -> None:
    key = catalog_key("SW1A 1AA", "sample", region)
    assert re.fullmatch(r"[A-Za-z0-9_.-]{3,120}", key)
    assert (key == catalog_key("SW1A 1AA", "sample", other)) is (region == other)


@pytest.mark.usefixtures("by_region")
def test_ten_thousand_postcodes_of_forty_regions_need_forty_tables() -> None:
    keys = {catalog_key(f"AB{number} 1CD", "sample", f"region{number % 40}") for number in range(10_000)}
    assert len(keys) == 40


@pytest.mark.parametrize("name", ["UserRequestsTable", "ProductCatalog_", "XProductCatalog_AB1"])
def test_other_tables_hold_no_catalogue(name: str) -> None:
    assert key_of_table(name) is None


def test_key_comes_back_from_table_and_stream() -> None:
    assert key_of_table(table_name("SW1A1AA")) == "SW1A1AA"
    arn = "arn:aws:dynamodb:eu-west-2:123456789012:table/ProductCatalog_SW1A1AA/stream/2026-01-01T00:00:00.000"
    assert table_of_stream(arn) == "ProductCatalog_SW1A1AA"


@given(st.text(min_size=1, max_size=400), st.text(min_size=1, max_size=400))
def test_product_ids_are_short_enough_and_as_different_as_the_shops_own(one: str, other: str) -> None:
    made = {product_id("sample", one), product_id("sample", other)}
    assert len(made) == len({one, other})
    assert all(len(each.encode()) <= LONGEST_PRODUCT_ID for each in made)
