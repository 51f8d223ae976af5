"""Catalogues nobody asks for go, come back, and whatever was left half done is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.catalog import registry, store, tables
from chalicelib.catalog.changes import first_version
from chalicelib.catalog.reconciling import reconcile
from chalicelib.catalog.registry import CatalogState
from chalicelib.catalog.retiring import retire, retire_unasked
from chalicelib.catalog.tables import ensure_catalog
from chalicelib.catalog.writing import finish_scrape, write_products
from chalicelib.errors import RetryLater
from tests.fakes.cloud import NOW, Cloud, Crash, cloud, scraped
from tests.fakes.dynamodb import refusal

KEY, OTHER = "SW1A1AA", "AB12CD"
DAY = timedelta(days=1)


class Documents:
    """The index, as far as retiring needs it."""

    def __init__(self) -> None:
        self.removed: dict[str, int] = {}

    def __call__(self, key: str, below_version: int) -> None:
        self.removed[key] = below_version


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(monkeypatch, CATALOG_RETIRE_DAYS="14", TABLE_QUOTA="10") as made:
        for key in (KEY, OTHER):
            ensure_catalog(key)
        yield made


@pytest.fixture
def documents() -> Documents:
    return Documents()


def attached(world: Cloud) -> set[str]:
    return {mapping["EventSourceArn"].split("_", 1)[1].split("/")[0] for mapping in world.lambda_.mappings.values()}


def test_unasked_catalogue_waits_out_its_grace(world: Cloud, documents: Documents) -> None:
    assert retire_unasked({OTHER}, NOW, documents) == []
    assert retire_unasked({OTHER}, NOW + 13 * DAY, documents) == []
    assert tables.catalog_keys() == [OTHER, KEY]
    assert retire_unasked({OTHER}, NOW + 14 * DAY, documents) == [KEY]
    assert tables.catalog_keys() == [OTHER]
    assert attached(world) == {OTHER}
    assert documents.removed == {KEY: first_version(NOW + 14 * DAY)}
    assert registry.states() == {}


def test_catalogue_asked_for_again_starts_a_new_grace(world: Cloud, documents: Documents) -> None:
    retire_unasked({OTHER}, NOW, documents)
    retire_unasked({OTHER, KEY}, NOW + 10 * DAY, documents)
    retire_unasked({OTHER}, NOW + 11 * DAY, documents)
    assert retire_unasked({OTHER}, NOW + 20 * DAY, documents) == []
    assert retire_unasked({OTHER}, NOW + 25 * DAY, documents) == [KEY]


@pytest.mark.parametrize("streams", [0, 1])
def test_table_of_the_stack_is_never_taken_away(world: Cloud, documents: Documents, streams: int) -> None:
    world.dynamodb.tables[f"ProductCatalog_{KEY}"].streams = streams  # 0: nobody ever switched its stream on
    world.dynamodb.tables[f"ProductCatalog_{KEY}"].tags = [{"Key": "aws:cloudformation:stack-name", "Value": "data"}]
    retire_unasked({OTHER}, NOW, documents)
    assert retire_unasked({OTHER}, NOW + 30 * DAY, documents) == []
    assert KEY in tables.catalog_keys()
    assert KEY in attached(world)


def test_retired_catalogue_comes_back_clean(world: Cloud, documents: Documents) -> None:
    write_products(KEY, "sample", [scraped(1)], NOW)
    finish_scrape(KEY, "sample", ["1"], NOW)
    old = store.products_of(KEY, ["sample-1"])["sample-1"]
    retire(KEY, NOW + DAY, documents)
    assert registry.last_read(KEY) == {}
    ensure_catalog(KEY)
    assert list(store.products(KEY)) == []
    write_products(KEY, "sample", [scraped(1)], NOW + 2 * DAY)
    new = store.products_of(KEY, ["sample-1"])["sample-1"]
    assert old.version < documents.removed[KEY] < new.version  # what is removed late does not hit what came back


def crash_at(number: int, moment: str) -> object:
    seen = iter(range(1, 1_000_000))

    def fault(operation: str, when: str) -> None:
        if when == moment and next(seen) == number:
            raise Crash

    return fault


@pytest.mark.parametrize("moment", ["before", "after"])
def test_retirement_that_crashed_anywhere_is_finished_by_the_next_run(
    world: Cloud, documents: Documents, moment: str
) -> None:
    crashes = 0
    for number in range(1, 100):
        world.fault(lambda operation, when: None)
        ensure_catalog(KEY, thoroughly=True)
        documents.removed.clear()
        world.fault(crash_at(number, moment))  # type: ignore[arg-type]
        try:
            retire(KEY, NOW, documents)
        except Crash:
            crashes += 1
        else:
            break
        world.fault(lambda operation, when: None)
        retired_next(world, documents)
    world.fault(lambda operation, when: None)
    assert crashes > 8
    assert tables.catalog_keys() == [OTHER]


def retired_next(world: Cloud, documents: Documents) -> None:
    """The next run ends what was begun, even if the catalogue is wanted again; nothing begun is left untouched."""
    begun = registry.state(KEY).retiring_since is not None
    retire_unasked({OTHER, KEY}, NOW, documents)
    if begun:
        assert tables.catalog_keys() == [OTHER]
        assert attached(world) == {OTHER}
        assert KEY in documents.removed
    assert registry.states() == {}


def test_catalogue_being_retired_is_not_made_beside(world: Cloud, documents: Documents) -> None:
    registry.set_state(KEY, CatalogState(retiring_since=datetime.now(UTC)))
    tables.forget(KEY)
    with pytest.raises(RetryLater, match="retired"):
        ensure_catalog(KEY)


def test_retirement_that_cannot_be_running_any_more_is_called_off(world: Cloud) -> None:
    registry.set_state(KEY, CatalogState(retiring_since=datetime.now(UTC) - timedelta(hours=1)))
    world.lambda_.mappings.clear()
    tables.forget(KEY)
    ensure_catalog(KEY)
    assert KEY in attached(world)
    assert registry.states() == {}


def test_reconciler_makes_what_is_asked_for_and_leaves_the_rest(world: Cloud, documents: Documents) -> None:
    found = reconcile({KEY, OTHER, "ZE29XX"}, NOW, documents)
    assert found.catalogs == [OTHER, KEY, "ZE29XX"]
    assert attached(world) == {KEY, OTHER, "ZE29XX"}
    assert (found.unfinished, found.retired, found.detached) == ([], [], 0)


def test_reconciler_detaches_streams_of_tables_that_are_gone(world: Cloud, documents: Documents) -> None:
    del world.dynamodb.tables[f"ProductCatalog_{KEY}"]
    assert reconcile({OTHER}, NOW, documents).detached == 1
    assert attached(world) == {OTHER}


def test_reconciler_replaces_the_mapping_of_a_tables_former_stream(world: Cloud, documents: Documents) -> None:
    former = world.dynamodb.tables[f"ProductCatalog_{KEY}"].stream_arn
    del world.dynamodb.tables[f"ProductCatalog_{KEY}"]
    found = reconcile({KEY, OTHER}, NOW, documents)
    present = world.dynamodb.tables[f"ProductCatalog_{KEY}"].stream_arn
    arns = {mapping["EventSourceArn"] for mapping in world.lambda_.mappings.values()}
    assert found.detached == 1
    assert former not in arns
    assert present in arns


def test_one_catalogue_in_trouble_does_not_hold_up_the_others(world: Cloud, documents: Documents) -> None:
    for key in (KEY, OTHER):
        world.dynamodb.tables[f"ProductCatalog_{key}"].recovery = False
    seen = iter((True, False))

    def fault(operation: str, when: str) -> None:
        if operation == "update_continuous_backups" and when == "before" and next(seen, False):
            raise refusal("LimitExceededException", operation)

    world.fault(fault)
    found = reconcile({KEY, OTHER}, NOW, documents)
    assert (found.unfinished, found.catalogs) == ([OTHER], [KEY])
    world.fault(lambda operation, when: None)
    assert reconcile({KEY, OTHER}, NOW, documents).unfinished == []


def test_mappings_are_listed_beyond_the_first_hundred(world: Cloud, documents: Documents) -> None:
    keys = {f"AB1{number}" for number in range(150)}
    reconcile({KEY, OTHER, *keys}, NOW, documents)
    assert len(world.lambda_.mappings) == 152
    found = reconcile({KEY, OTHER, *keys}, NOW, documents)
    assert len(world.lambda_.mappings) == 152
    assert found.detached == 0


@pytest.mark.parametrize(("number", "warned"), [(4, False), (5, True)])
def test_quota_is_spoken_of_before_it_hurts(
    world: Cloud, documents: Documents, caplog: pytest.LogCaptureFixture, number: int, warned: bool
) -> None:
    for extra in range(number):  # beside the pipeline table and two catalogues; the quota is ten
        ensure_catalog(f"ZZ{extra}")
    with caplog.at_level("WARNING", logger="shelfwatch"):
        assert reconcile(set(tables.catalog_keys()), NOW, documents).tables == number + 3
    assert ("table quota is nearly reached" in caplog.messages) is warned
