"""The reconciler and the rebuild as whole functions: DynamoDB Local, OpenSearch, Lambda's mappings in memory."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from api_support import make_tables

from chalicelib import aws
from chalicelib.catalog import store, tables
from chalicelib.catalog.mappings import all_mappings, key_of_mapping
from chalicelib.catalog.tables import catalog_keys, stream_of
from chalicelib.errors import RetryLater
from chalicelib.leases import Lease
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.pipeline.mending import RESERVE, rebuild_index, reconcile
from chalicelib.pipeline.previewing import look
from chalicelib.pipeline.scraping import tools_of
from chalicelib.requests.store import RequestStore
from chalicelib.search import index, rebuilding
from local.operating import mending
from local.trouble import Trouble
from tests.fakes.cloud import cloud, scraped
from tests.fakes.histories import invoke
from tests.fakes.poller import Poller, shards_of
from tests.fakes.search import index_at

LONDON, WESTMINSTER, LEEDS = "SW1A 1AA", "SE1 7PB", "LS1 4DY"


def a_quarter_of_an_hour() -> int:
    return 900_000


@dataclass
class Place:
    """The stage of a test; its DynamoDB is at ``url``."""

    url: str

    def asks(self, *postcodes: str) -> None:
        """Somebody waits for oak tables at each of the postcodes."""
        now = datetime.now(UTC)
        for number, postcode in enumerate(postcodes):
            request = UserRequest(
                request_id=f"00000000-0000-4000-8000-{number:012}",
                postcode=postcode,
                product_name="oak table",
                discount=Decimal(10),
                phone_number="+447700900123",
                status=RequestStatus.ACTIVE,
                version=1,
                created_at=now,
                updated_at=now,
                expires_at=now + timedelta(days=30),
            )
            RequestStore().put(request)

    def index_streams(self) -> None:
        """Every record of every catalogue's stream goes through the indexer."""
        streams = boto3.client("dynamodbstreams", endpoint_url=self.url)
        for key in catalog_keys():
            for shard in shards_of(streams, str(stream_of(key))):
                Poller(invoke).drain(shard)
        index.refresh()

    def attached(self) -> set[str]:
        """The keys of the catalogues whose streams feed the indexer."""
        return {str(key_of_mapping(mapping)) for mapping in all_mappings()}


@pytest.fixture
def place(
    request: pytest.FixtureRequest, dynamodb_local: str, opensearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    names = make_tables(dynamodb_local) | {"CATALOG_TABLE_PREFIX": "MendingCatalog_", "CATALOG_RETIRE_DAYS": "0"}
    keys = getattr(request, "param", "postcode")
    with cloud(monkeypatch, CATALOG_KEYS=keys, **names), index_at(monkeypatch, opensearch_url):
        database = boto3.client("dynamodb", endpoint_url=dynamodb_local)
        monkeypatch.setattr(aws, "dynamodb", lambda: database)
        monkeypatch.setattr(index, "TARGETS_KEPT", 0.0)
        yield Place(dynamodb_local)
        for key in catalog_keys():
            tables.remove_table(key)


def scrape(region: str, postcodes: tuple[str, ...], number: int) -> None:
    """The sample shop shows ``number`` oak tables to the postcodes of a region."""
    tools = tools_of(region)
    shown = [scraped(each) for each in range(number)]
    for postcode in postcodes:
        tools.write(postcode, "sample", shown)
        tools.finish(postcode, "sample", [product.shop_product_id for product in shown])


def test_reconciler_makes_what_is_asked_for_and_mends_the_index(place: Place) -> None:
    place.asks(LONDON, LEEDS)
    assert reconcile(a_quarter_of_an_hour)["Catalogs"] == 2
    scrape("london", (LONDON,), 7)  # no record of it reaches the indexer
    report = reconcile(a_quarter_of_an_hour)
    assert (report["Products"], report["Mended"], report["Unmendable"]) == (7, 7, 0)
    assert reconcile(a_quarter_of_an_hour)["Mended"] == 0
    assert len(look(LONDON, "oak table", Decimal(10)).matches) == 7


@pytest.mark.parametrize("place", ["region"], indirect=True)
def test_postcodes_of_a_region_share_a_catalogue_from_the_scrape_to_the_match(place: Place) -> None:
    place.asks(LONDON, WESTMINSTER, LEEDS)
    reconcile(a_quarter_of_an_hour)
    assert catalog_keys() == ["sample-london", "sample-north"]
    assert place.attached() == {"sample-london", "sample-north"}
    scrape("london", (LONDON, WESTMINSTER), 5)
    scrape("north", (LEEDS,), 2)
    place.index_streams()
    assert {product.postcode for product in store.products("sample-london")} == {"sample-london"}
    found = [len(look(postcode, "oak table", Decimal(10)).matches) for postcode in (LONDON, WESTMINSTER, LEEDS)]
    assert found == [5, 5, 2]


def test_stage_that_switches_to_regions_retires_the_catalogues_of_postcodes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.asks(LONDON, WESTMINSTER)
    reconcile(a_quarter_of_an_hour)
    assert catalog_keys() == ["SE17PB", "SW1A1AA"]
    monkeypatch.setenv("CATALOG_KEYS", "region")
    tables.settings.cache_clear()
    monkeypatch.setattr(tables, "is_own", lambda key: True)  # DynamoDB Local keeps no tags
    reports = [reconcile(a_quarter_of_an_hour) for _ in range(2)]
    assert [report["Retired"] for report in reports] == [[], ["SE17PB", "SW1A1AA"]]
    assert catalog_keys() == ["sample-london"]
    assert place.attached() == {"sample-london"}


@pytest.mark.parametrize("other", [reconcile, rebuild_index])
def test_only_one_call_at_a_time_mends(place: Place, other: Callable[[Callable[[], int]], object]) -> None:
    """Lambda calls twice, or an operator rebuilds while the schedule reconciles."""
    place.asks(LONDON)
    refused = []

    def look_at_the_clock() -> int:
        if not refused and index.half_built():  # in the middle of the rebuild
            with pytest.raises(RetryLater, match="another call"):
                other(a_quarter_of_an_hour)
            refused.append(other)
        return 900_000

    reconcile(a_quarter_of_an_hour)
    assert rebuild_index(look_at_the_clock)["Index"] == index.targets()[0]
    assert refused == [other]
    other(a_quarter_of_an_hour)


def test_call_that_was_killed_keeps_others_out_no_longer_than_it_could_run(place: Place) -> None:
    killed = Lease(tables.settings().pipeline_table, {"PK": {"S": "Mending"}, "SK": {"S": "Lease"}}, -2, RetryLater(""))
    killed.renew()
    assert reconcile(a_quarter_of_an_hour)["Catalogs"] == 0


def test_rebuild_goes_on_in_the_next_call_when_its_time_is_up(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "CATALOGS_AT_ONCE", 1)
    place.asks(LONDON, LEEDS)
    reconcile(a_quarter_of_an_hour)
    scrape("london", (LONDON,), 3)
    before = index.targets()
    ending = itertools.chain([900_000, 900_000], itertools.repeat(RESERVE - 1))
    assert rebuild_index(lambda: next(ending)) == {"Index": None, "Catalogs": 1, "Of": 2}
    assert set(index.targets()) > set(before)
    assert rebuild_index(a_quarter_of_an_hour)["Index"] not in (None, *before)
    assert len(look(LONDON, "oak table", Decimal(10)).matches) == 3


class Functions:
    """Lambda, with functions whose time is up after one catalogue; ``fails`` is what they raise instead."""

    def __init__(self, fails: str = "") -> None:
        self.calls: list[str] = []
        self._fails = fails

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        self.calls.append(FunctionName)
        if self._fails:
            error = {"errorMessage": self._fails, "errorType": "RetryLater"}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(error).encode())}
        ending = itertools.chain([900_000, 900_000], itertools.repeat(RESERVE - 1))
        return {"Payload": io.BytesIO(json.dumps(rebuild_index(lambda: next(ending))).encode())}


def test_operator_rebuilds_in_as_many_calls_as_it_takes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "CATALOGS_AT_ONCE", 1)
    place.asks(LONDON, LEEDS, WESTMINSTER)
    reconcile(a_quarter_of_an_hour)
    functions, told = Functions(), list[tuple[int, int]]()
    monkeypatch.setattr(mending, "client", lambda service, attempts: functions)
    assert (mending.reindex(lambda *progress: told.append(progress)),) == index.targets()
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert set(functions.calls) == {f"shelfwatch-{tables.settings().stage}-reindexer"}


def test_operator_is_told_in_one_line_why_nothing_is_rebuilt(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    functions = Functions(fails="another call mends or rebuilds just now; try again, in 900 s at the latest")
    monkeypatch.setattr(mending, "client", lambda service, attempts: functions)
    with pytest.raises(Trouble, match=r"^the reindexer failed: another call mends .*, in 900 s at the latest$"):
        mending.reindex(lambda *progress: None)


def test_index_of_an_earlier_mapping_is_rebuilt_by_the_reconciler(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = index.ensure_index()
    newer = {**index.MAPPING, "properties": {**index.MAPPING["properties"], "Colour": {"type": "keyword"}}}
    monkeypatch.setattr(index, "MAPPING", newer)
    reconcile(a_quarter_of_an_hour)
    assert index.ensure_index() > before
    assert index.is_current(index.ensure_index())
