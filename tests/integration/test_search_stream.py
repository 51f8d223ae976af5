"""From a catalogue's table through its real stream into a real index: DynamoDB Local, OpenSearch, and a poller that
follows AWS's rules between them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest

from chalicelib import aws
from chalicelib.catalog import store, tables
from chalicelib.catalog.tables import ensure_catalog
from chalicelib.catalog.writing import finish_scrape, write_products
from chalicelib.search import index
from chalicelib.search.client import client
from chalicelib.search.querying import candidates
from tests.fakes.cloud import NOW, PIPELINE_TABLE, Cloud, cloud, scraped
from tests.fakes.histories import indexed, invoke, stored
from tests.fakes.poller import Poller, shards_of
from tests.fakes.search import FaultyBulk, index_at

KEY = "SW1A1AA"
DAY = timedelta(days=1)


@pytest.fixture
def world(dynamodb_local: str, opensearch_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    names = {"CATALOG_TABLE_PREFIX": "StreamCatalog_", "PIPELINE_TABLE": "StreamPipelineTable"}
    with cloud(monkeypatch, **names) as made, index_at(monkeypatch, opensearch_url):
        database = boto3.client("dynamodb", endpoint_url=dynamodb_local)
        monkeypatch.setattr(aws, "dynamodb", lambda: database)
        database.create_table(**PIPELINE_TABLE | {"TableName": "StreamPipelineTable"})
        ensure_catalog(KEY)
        yield made
        tables.remove_table(KEY)
        database.delete_table(TableName="StreamPipelineTable")


def drain(url: str, **properties: Any) -> Poller:
    """Everything the stream holds, from its beginning, goes through the indexer."""
    poller = Poller(invoke, **properties)
    for shard in shards_of(boto3.client("dynamodbstreams", endpoint_url=url), str(tables.stream_of(KEY))):
        poller.drain(shard)
    index.refresh()
    return poller


def live() -> None:
    """Products come, change, go out of stock and go away."""
    write_products(KEY, "sample", [scraped(number) for number in range(40)], NOW)
    write_products(KEY, "sample", [scraped(number, price=Decimal(7)) for number in range(20)], NOW + DAY)
    finish_scrape(KEY, "sample", [str(number) for number in range(30)], NOW + DAY)
    finish_scrape(KEY, "sample", [str(number) for number in range(30)], NOW + 30 * DAY)


def test_what_the_table_has_is_found_and_what_it_lost_is_not(world: Cloud, dynamodb_local: str) -> None:
    live()
    drain(dynamodb_local)
    assert indexed(KEY, index.read_alias()) == stored(KEY)
    # 7 after 8 is an eighth off, although the shop says it was 10
    (found,) = candidates(KEY, [("r", "oak table 7", Decimal("12.5"))], ["sample-7"])["r"]
    assert candidates(KEY, [("r", "oak table 7", Decimal("12.51"))], ["sample-7"]) == {"r": []}
    assert (found.product_name, found.price) == ("Oak Table 7", Decimal(7))
    among = [f"sample-{number}" for number in range(30, 40)]
    assert candidates(KEY, [("r", "oak table", Decimal(0))], among) == {"r": []}


def test_faults_replays_and_a_poisoned_item_leave_the_index_right(world: Cloud, dynamodb_local: str) -> None:
    live()
    poison = {"ProductID": {"S": "poison-1"}, "Version": {"N": "1"}}
    aws.dynamodb().put_item(TableName=tables.table_name(KEY), Item=poison)
    real = client().bulk
    client().bulk = FaultyBulk(real, random.Random(3), rate=0.5)
    try:
        for size in (7, 1, 100):
            assert drain(dynamodb_local, batch_size=size, retries=1_000).failures == []
    finally:
        client().bulk = real
    index.refresh()
    assert indexed(KEY, index.read_alias()) == stored(KEY)
    assert {message["Record"]["dynamodb"]["Keys"]["ProductID"]["S"] for message in world.sqs.sent} == {"poison-1"}


def test_retired_catalogue_comes_back_under_the_same_name(world: Cloud, dynamodb_local: str) -> None:
    live()
    drain(dynamodb_local)
    tables.remove_table(KEY)
    ensure_catalog(KEY)
    write_products(KEY, "sample", [scraped(3, price=Decimal(6))], NOW + 40 * DAY)
    drain(dynamodb_local)
    assert stored(KEY).items() <= indexed(KEY, index.read_alias()).items()
    assert store.products_of(KEY, ["sample-3"])["sample-3"].price == Decimal(6)
