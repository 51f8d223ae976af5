"""Only changes are written; what a shop no longer lists goes out of stock, then away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chalicelib.catalog import registry, store
from chalicelib.catalog.changes import CatalogChange
from chalicelib.catalog.tables import ensure_catalog
from chalicelib.catalog.writing import finish_scrape, write_products
from chalicelib.errors import RetryLater
from chalicelib.models import Availability
from tests.fakes.cloud import NOW, Cloud, cloud, scraped
from tests.fakes.dynamodb import refusal

KEY = "SW1A1AA"
DAY = timedelta(days=1)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(monkeypatch, CATALOG_REMOVE_DAYS="14") as made:
        ensure_catalog(KEY)
        yield made


def records(world: Cloud) -> list[dict[str, Any]]:
    return world.dynamodb.tables[f"ProductCatalog_{KEY}"].records


def test_product_is_stored_with_what_the_page_said_and_its_discount(world: Cloud) -> None:
    write_products(KEY, "sample", [scraped(1, brand="Larkfield", quantity="500 ml")], NOW)
    (product,) = store.products(KEY)
    assert (product.product_id, product.postcode, product.shop) == ("sample-1", KEY, "sample")
    assert (product.price, product.was_price, product.prior_price) == (Decimal(8), Decimal(10), Decimal(10))
    assert product.discount == Decimal(20)
    assert (product.brand, product.quantity, product.availability) == ("Larkfield", "500 ml", Availability.IN_STOCK)
    assert product.first_seen == product.last_seen == NOW


def test_attributes_are_named_as_others_read_them(world: Cloud) -> None:
    write_products(KEY, "sample", [scraped(1, was_price=None)], NOW)
    (item,) = world.dynamodb.tables[f"ProductCatalog_{KEY}"].items.values()
    assert item["ProductID"] == {"S": "sample-1"}
    assert item["Discount"] == {"N": "0"}
    assert item["Price"] == {"N": "8.00"} or item["Price"] == {"N": "8"}
    assert item["Availability"] == {"S": "InStock"}
    assert set(item) >= {"ProductName", "StoreBrand", "Currency", "Url", "Postcode", "Version", "FirstSeen", "LastSeen"}


def test_unchanged_products_cost_no_write_and_make_no_record(world: Cloud) -> None:
    products = [scraped(number) for number in range(120)]
    assert write_products(KEY, "sample", products, NOW) == CatalogChange(written=120)
    written, made = world.writes(KEY), len(records(world))
    assert write_products(KEY, "sample", products, NOW + DAY) == CatalogChange(unchanged=120)
    finish_scrape(KEY, "sample", [product.shop_product_id for product in products], NOW + DAY)
    assert (world.writes(KEY), len(records(world))) == (written, made) == (120, 120)


def test_when_a_catalogue_was_last_read_is_known_without_writing_its_products(world: Cloud) -> None:
    write_products(KEY, "sample", [scraped(1)], NOW)
    finish_scrape(KEY, "sample", ["1"], NOW)
    finish_scrape(KEY, "sample", ["1"], NOW + DAY)
    assert registry.last_read(KEY) == {"sample": NOW + DAY}
    assert world.writes(KEY) == 1


def test_only_the_changed_one_is_written_with_the_next_version(world: Cloud) -> None:
    write_products(KEY, "sample", [scraped(number) for number in range(30)], NOW)
    before = store.products_of(KEY, ["sample-7"])["sample-7"]
    changed = [scraped(number, price=Decimal(6) if number == 7 else Decimal(8)) for number in range(30)]
    assert write_products(KEY, "sample", changed, NOW + DAY) == CatalogChange(written=1, unchanged=29)
    after = store.products_of(KEY, ["sample-7"])["sample-7"]
    assert after.version == before.version + 1
    assert (after.first_seen, after.last_seen) == (NOW, NOW + DAY)
    assert after.prior_price == Decimal(8)  # the low of the 30 days before, not the 10 the shop names
    assert after.discount == Decimal(25)


def test_price_in_another_currency_begins_a_history_of_its_own(world: Cloud) -> None:
    write_products(KEY, "sample", [scraped(1, price=Decimal(2), currency="EUR")], NOW)
    write_products(KEY, "sample", [scraped(1, price=Decimal(8), currency="GBP")], NOW + DAY)
    (product,) = store.products(KEY)
    assert product.prior_price == Decimal(10)


def test_product_listed_twice_is_stored_as_it_was_listed_last(world: Cloud) -> None:
    change = write_products(KEY, "sample", [scraped(1), scraped(2), scraped(1, price=Decimal(7))], NOW)
    assert change == CatalogChange(written=2)
    assert store.products_of(KEY, ["sample-1"])["sample-1"].price == Decimal(7)


def test_overlong_id_of_a_shop_is_cut_and_stays_unique(world: Cloud) -> None:
    ids = ["x" * 3000 + "1", "x" * 3000 + "2"]
    write_products(KEY, "sample", [scraped(number) for number in ids], NOW)
    stored = {product.product_id for product in store.products(KEY)}
    assert len(stored) == 2
    assert max(len(product_id.encode()) for product_id in stored) <= 200
    assert write_products(KEY, "sample", [scraped(number) for number in ids], NOW).unchanged == 2


def test_product_no_table_can_hold_is_put_aside_alone(world: Cloud) -> None:
    products = [scraped(1), scraped(2, price=Decimal("1." + "1" * 40)), scraped(3, url="x" * 500_000), scraped(4)]
    assert write_products(KEY, "sample", products, NOW) == CatalogChange(written=2, refused=2)
    assert {product.product_id for product in store.products(KEY)} == {"sample-1", "sample-4"}


def test_missing_products_go_out_of_stock_then_away(world: Cloud) -> None:
    write_products(KEY, "sample", [scraped(1), scraped(2)], NOW)
    first = store.products_of(KEY, ["sample-2"])["sample-2"]
    assert finish_scrape(KEY, "sample", ["1"], NOW + DAY).missing == 1
    gone = store.products_of(KEY, ["sample-2"])["sample-2"]
    assert (gone.availability, gone.missing_since) == (Availability.OUT_OF_STOCK, NOW + DAY)
    assert gone.version == first.version + 1
    assert finish_scrape(KEY, "sample", ["1"], NOW + 14 * DAY) == CatalogChange()
    assert finish_scrape(KEY, "sample", ["1"], NOW + 15 * DAY).removed == 1
    assert {product.product_id for product in store.products(KEY)} == {"sample-1"}


def test_product_that_comes_back_in_time_is_in_stock_again(world: Cloud) -> None:
    write_products(KEY, "sample", [scraped(1), scraped(2)], NOW)
    finish_scrape(KEY, "sample", ["1"], NOW + DAY)
    assert write_products(KEY, "sample", [scraped(2)], NOW + 2 * DAY).written == 1
    back = store.products_of(KEY, ["sample-2"])["sample-2"]
    assert (back.availability, back.missing_since, back.first_seen) == (Availability.IN_STOCK, None, NOW)


def test_product_that_comes_back_after_removal_has_a_higher_version_than_ever(world: Cloud) -> None:
    write_products(KEY, "sample", [scraped(1), scraped(2)], NOW)
    finish_scrape(KEY, "sample", ["1"], NOW)
    last = store.products_of(KEY, ["sample-2"])["sample-2"].version
    finish_scrape(KEY, "sample", ["1"], NOW + 14 * DAY)
    write_products(KEY, "sample", [scraped(2)], NOW + 15 * DAY)
    assert store.products_of(KEY, ["sample-2"])["sample-2"].version > last + 1  # last + 1 is the tombstone's


def test_another_shops_products_are_none_of_this_scrapes_business(world: Cloud) -> None:
    write_products(KEY, "other", [scraped(9, shop="other")], NOW)
    write_products(KEY, "sample", [scraped(1)], NOW)
    assert finish_scrape(KEY, "sample", ["1"], NOW).missing == 0
    assert store.products_of(KEY, ["other-9"])["other-9"].availability is Availability.IN_STOCK


def test_empty_scrape_changes_nothing(world: Cloud) -> None:
    write_products(KEY, "sample", [scraped(1)], NOW)
    assert finish_scrape(KEY, "sample", [], NOW + DAY) == CatalogChange()
    assert registry.last_read(KEY) == {}


def test_items_dynamodb_puts_off_are_sent_again(world: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = world.dynamodb.batch_write_item
    asked: list[int] = []

    def slow(RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803
        ((name, requests),) = RequestItems.items()
        asked.append(len(requests))
        whole(RequestItems={name: requests[:10]})
        return {"UnprocessedItems": {name: requests[10:]} if requests[10:] else {}}

    monkeypatch.setitem(world.dynamodb.__dict__, "batch_write_item", slow)
    assert write_products(KEY, "sample", [scraped(number) for number in range(25)], NOW).written == 25
    assert asked == [25, 15, 5]
    assert len(list(store.products(KEY))) == 25


def test_removed_table_means_later_and_the_next_look_makes_it_again(world: Cloud) -> None:
    del world.dynamodb.tables[f"ProductCatalog_{KEY}"]
    with pytest.raises(RetryLater, match="ProductCatalog_SW1A1AA"):
        write_products(KEY, "sample", [scraped(1)], NOW)
    ensure_catalog(KEY)
    assert write_products(KEY, "sample", [scraped(1)], NOW).written == 1


Page = list[tuple[int, int]]
"""Product numbers with a price each."""
pages: st.SearchStrategy[Page] = st.lists(st.tuples(st.integers(1, 6), st.integers(5, 9)), max_size=6)


@given(scrapes=st.lists(pages, min_size=1, max_size=6), faults=st.sets(st.integers(1, 60), max_size=4))
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_run_of_scrapes_with_faults_ends_as_the_last_one_showed(scrapes: list[Page], faults: set[int]) -> None:
    with pytest.MonkeyPatch.context() as patch, cloud(patch, CATALOG_REMOVE_DAYS="2") as world:
        ensure_catalog(KEY)
        calls = iter(range(1, 1_000_000))

        def fault(operation: str, when: str) -> None:
            if next(calls) in faults:
                raise refusal("ThrottlingException", operation)

        world.fault(fault)
        versions: dict[str, int] = {}
        for day, page in enumerate(scrapes):
            retried(lambda page=page, day=day: scrape(page, day))  # type: ignore[misc]
            for stamp in store.stamps(KEY) if not faults else ():
                assert stamp.version >= versions.get(stamp.product_id, 0)
                versions[stamp.product_id] = stamp.version
        world.fault(lambda operation, when: None)
        assert_shows(scrapes)


def retried(work: Any) -> None:
    for _ in range(10):
        try:
            return work()
        except RetryLater:
            continue
    raise AssertionError("never done")


def scrape(page: Page, day: int) -> None:
    now = NOW + day * DAY
    write_products(KEY, "sample", [scraped(number, price=Decimal(price)) for number, price in page], now)
    finish_scrape(KEY, "sample", [str(number) for number, _ in page], now)


def assert_shows(scrapes: list[Page]) -> None:
    """In stock is what the last scrape that was not empty listed, at the price it was last listed at."""
    last = next((dict(page) for page in reversed(scrapes) if page), {})
    stock = {p.product_id: p.price for p in store.products(KEY) if p.availability is Availability.IN_STOCK}
    assert stock == {f"sample-{number}": Decimal(price) for number, price in last.items()}
