"""Comparing index and tables and mending what differs, and building the index anew.  On a real OpenSearch node."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from opensearchpy.exceptions import ConnectionError as UnreachableError

from chalicelib.catalog import store
from chalicelib.catalog.changes import first_version
from chalicelib.catalog.tables import ensure_catalog, remove_table
from chalicelib.catalog.writing import finish_scrape, write_products
from chalicelib.errors import RetryLater
from chalicelib.search import bulk, index, rebuilding
from chalicelib.search.client import client
from chalicelib.search.documents import document_id, of_product, of_removal
from chalicelib.search.indexing import index_records
from chalicelib.search.querying import candidates
from chalicelib.search.rebuilding import rebuild
from chalicelib.search.removing import remove_catalog
from chalicelib.search.verification import Differences, verify
from tests.fakes.cloud import NOW, Cloud, cloud, scraped
from tests.fakes.histories import indexed, stored
from tests.fakes.search import index_at

KEY, OTHER = "SW1A1AA", "AB12CD"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def one_catalogue_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "CATALOGS_AT_ONCE", 1)


@pytest.fixture
def world(opensearch_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(monkeypatch) as made, index_at(monkeypatch, opensearch_url):
        for key in (KEY, OTHER):
            ensure_catalog(key)
            write_products(key, "sample", [scraped(number) for number in range(12)], NOW)
        deliver(made)
        yield made


def records(world: Cloud, key: str) -> list[dict[str, Any]]:
    return world.dynamodb.tables[f"ProductCatalog_{key}"].records


def deliver(world: Cloud) -> None:
    for key in (KEY, OTHER):
        index_records({"Records": records(world, key)})


def equal(key: str = KEY) -> bool:
    index.refresh()
    return indexed(key, index.read_alias()) == stored(key)


def test_equal_index_is_left_alone(world: Cloud) -> None:
    assert verify([KEY, OTHER], store) == Differences(catalogs=2, products=24)


def test_lost_records_are_made_up_for(world: Cloud) -> None:
    """A change, an insert, a product out of stock and a removal, none of which reached the indexer."""
    write_products(KEY, "sample", [scraped(1, price=Decimal(5)), scraped(99)], NOW + DAY)
    store.remove(KEY, "sample-2", store.products_of(KEY, ["sample-2"])["sample-2"].version)
    finish_scrape(KEY, "sample", [str(number) for number in (*range(11), 99)], NOW + DAY)
    assert not equal()
    assert verify([KEY, OTHER], store).mended == 4
    assert equal()
    assert verify([KEY, OTHER], store).mended == 0


def test_stray_documents_are_buried_so_that_they_stay_away(world: Cloud) -> None:
    stray = msgspec.structs.replace(store.products_of(KEY, ["sample-1"])["sample-1"], product_id="sample-77")
    bulk.write([of_product(stray)], index.targets())
    assert verify([KEY], store).mended == 1
    assert bulk.write([of_product(stray)], index.targets()).changed == frozenset()
    assert equal()


def test_other_content_under_the_same_version_is_replaced(world: Cloud) -> None:
    wrong = msgspec.structs.replace(store.products_of(KEY, ["sample-1"])["sample-1"], content_hash="other")
    bulk.write([of_product(wrong)], index.targets(), version_type="external_gte")
    assert verify([KEY], store).mended == 1
    assert equal()


def test_table_behind_the_index_is_lifted_above_it(world: Cloud) -> None:
    """As after restoring a table from a backup: its products are older than what the index has."""
    product = store.products_of(KEY, ["sample-1"])["sample-1"]
    newer = msgspec.structs.replace(product, version=product.version + 5, content_hash="lost")
    buried = of_removal(KEY, "sample-2", product.version + 7, NOW)
    bulk.write([of_product(newer), buried], index.targets())
    assert verify([KEY], store).mended == 2
    assert equal()
    assert store.products_of(KEY, ["sample-1"])["sample-1"].version == product.version + 6
    assert store.products_of(KEY, ["sample-2"])["sample-2"].version == product.version + 9
    deliver(world)
    assert equal()


def test_change_made_while_comparing_is_no_difference(world: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is read; then a product changes, one comes and one goes, and the indexer is faster than we are."""
    real = store.stamps

    def read_then_overtaken(key: str) -> Any:
        stamps = list(real(key))
        write_products(key, "sample", [scraped(1, price=Decimal(5)), scraped(50)], NOW + DAY)
        store.remove(key, "sample-3", store.products_of(key, ["sample-3"])["sample-3"].version)
        deliver(world)
        index.refresh()
        return stamps

    monkeypatch.setattr(store, "stamps", read_then_overtaken)
    verify([KEY], store)
    monkeypatch.setattr(store, "stamps", real)
    assert equal()
    assert "sample-50" in indexed(KEY, index.read_alias())
    assert "sample-3" not in indexed(KEY, index.read_alias())


def test_product_the_index_refuses_is_counted_and_the_others_mended(world: Cloud) -> None:
    too_dear = {"N": "9" * 38}
    items = world.dynamodb.tables[f"ProductCatalog_{KEY}"].items
    items[("sample-1",)] = items[("sample-1",)] | {"Version": too_dear}
    write_products(KEY, "sample", [scraped(2, price=Decimal(5))], NOW + DAY)
    found = verify([KEY], store)
    assert (found.mended, found.unmendable) == (1, 1)


def test_catalogue_that_cannot_be_read_does_not_hold_up_the_others(world: Cloud) -> None:
    put = write_products(OTHER, "sample", [scraped(99)], NOW + DAY)
    assert put.written == 1
    remove_table(KEY)
    with pytest.raises(RetryLater, match="no table"):
        verify([KEY, OTHER], store)
    assert equal(OTHER)


def test_verification_without_time_left_says_so(world: Cloud) -> None:
    with pytest.raises(RetryLater, match="no time"):
        verify([KEY, OTHER], store, time_is_up=lambda: True)


def test_document_that_is_no_product_does_not_stop_the_comparison(world: Cloud) -> None:
    client().index(index=index.targets()[0], id="stray", body={"Postcode": KEY}, routing=KEY)
    assert verify([KEY, OTHER], store) == Differences(catalogs=2, products=24)


def test_node_that_is_away_means_later(world: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**request: Any) -> Any:
        raise UnreachableError("N/A", "refused", ConnectionRefusedError())

    monkeypatch.setattr(client(), "search", away)
    with pytest.raises(RetryLater):
        verify([KEY], store)


# Building anew --------------------------------------------------------------------------------------------------------


def test_rebuilt_index_equals_the_tables_and_the_old_one_is_gone(world: Cloud) -> None:
    old = index.targets()[0]
    told: list[tuple[int, int]] = []
    new = rebuild([KEY, OTHER], store, lambda *progress: told.append(progress), pause=lambda seconds: None)
    assert new != old
    assert index.targets() == (new,)
    assert not client().indices.exists(index=old)
    assert equal(KEY)
    assert equal(OTHER)
    assert told == [(1, 2), (2, 2)]


def test_changes_during_a_rebuild_reach_both_indices(world: Cloud) -> None:
    old = index.targets()[0]

    def change(done: int, total: int) -> None:
        key = KEY if done == 1 else OTHER  # one that is copied already, one just so
        write_products(key, "sample", [scraped(1, price=Decimal(5)), scraped(70)], NOW + DAY)
        store.remove(key, "sample-3", store.products_of(key, ["sample-3"])["sample-3"].version)
        deliver(world)
        index.refresh()
        assert indexed(key, old) == stored(key)

    new = rebuild([KEY, OTHER], store, change, pause=lambda seconds: None)
    index.refresh()
    assert indexed(KEY, new) == stored(KEY)
    assert indexed(OTHER, new) == stored(OTHER)


def test_queries_are_answered_all_through_a_rebuild(world: Cloud) -> None:
    answers: list[int] = []

    def ask(*progress: int) -> None:
        index.refresh()
        answers.append(len(candidates(KEY, [("r", "oak table", Decimal(0))])["r"]))

    rebuild([KEY, OTHER], store, ask, pause=lambda seconds: ask())
    ask()
    assert answers == [12, 12, 12, 12]


def test_index_of_an_earlier_mapping_is_known_and_replaced(world: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = {**index.MAPPING, "properties": {**index.MAPPING["properties"], "Colour": {"type": "keyword"}}}
    monkeypatch.setattr(index, "MAPPING", newer)
    assert not index.is_current(index.ensure_index())
    new = rebuild([KEY, OTHER], store, lambda *progress: None, pause=lambda seconds: None)
    assert index.is_current(new)
    assert equal(KEY)


class Stop(Exception):
    """The rebuild is interrupted here."""


def interrupted(world: Cloud) -> str:
    """A rebuild was killed after it had copied the first of two catalogues; gives the index it had begun."""

    def stop(*progress: int) -> None:
        raise Stop

    before = all_indices()
    with pytest.raises(Stop):
        rebuild([KEY, OTHER], store, stop, pause=lambda seconds: None)
    (new,) = all_indices() - before
    return new


def all_indices() -> set[str]:
    return set(client().indices.get(index=f"{index.read_alias()}-*"))


def test_killed_rebuild_leaves_the_old_index_and_the_next_one_goes_on(world: Cloud) -> None:
    begun = interrupted(world)
    write_products(OTHER, "sample", [scraped(1, price=Decimal(5))], NOW + DAY)  # OTHER comes first and is copied
    deliver(world)
    assert equal(OTHER)
    told: list[tuple[int, int]] = []
    new = rebuild([KEY, OTHER], store, lambda *progress: told.append(progress), pause=lambda seconds: None)
    assert (new, told) == (begun, [(2, 2)])
    assert all_indices() == {begun}
    assert equal(KEY)
    assert equal(OTHER)


def test_rebuild_without_time_left_goes_on_in_the_next_call(world: Cloud) -> None:
    old, looks = index.targets()[0], iter([False, True])
    first = rebuild(
        [KEY, OTHER], store, lambda *progress: None, time_is_up=lambda: next(looks), pause=lambda seconds: None
    )
    assert first is None
    assert set(client().indices.get_alias(name=index.read_alias())) == {old}
    second = rebuild([KEY, OTHER], store, lambda *progress: None, pause=lambda seconds: None)
    assert all_indices() == {second}
    assert equal(KEY)
    assert equal(OTHER)


def test_rebuild_begun_with_an_earlier_mapping_is_begun_again(world: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = interrupted(world)
    newer = {**index.MAPPING, "properties": {**index.MAPPING["properties"], "Colour": {"type": "keyword"}}}
    monkeypatch.setattr(index, "MAPPING", newer)
    new = rebuild([KEY, OTHER], store, lambda *progress: None, pause=lambda seconds: None)
    assert new != begun
    assert all_indices() == {new}
    assert equal(KEY)


def test_catalogue_retired_during_a_rebuild_is_left_out_by_the_next_call(world: Cloud) -> None:
    def retired(*progress: int) -> None:
        remove_table(KEY)
        remove_catalog(KEY, first_version(NOW + DAY))

    with pytest.raises(RetryLater):
        rebuild([KEY, OTHER], store, retired, pause=lambda seconds: None)
    rebuild([OTHER], store, lambda *progress: None, pause=lambda seconds: None)
    assert equal(OTHER)
    assert indexed(KEY, index.read_alias()) == {}


def test_document_deleted_by_hand_comes_back(world: Cloud) -> None:
    client().indices.put_settings(index=index.targets()[0], body={"index.gc_deletes": "0s"})
    client().delete(index=index.read_alias(), id=document_id(KEY, "sample-1"), routing=KEY)
    deadline = time.monotonic() + 20  # OpenSearch forgets a deleted version some moments after it may
    while verify([KEY], store).left and time.monotonic() < deadline:
        pass
    assert equal()
