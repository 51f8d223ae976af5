"""A catalogue of 20,000 products read again unchanged: writes and stream records, beside writing every product."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.harness import Limit, Report, figure, seconds, single
from benchmarks.indexing_servers import make_catalog, products, servers
from tests.fakes.cloud import NOW
from tests.fakes.poller import shards_of

PRODUCTS = 20_000
KEY = "SW1A1AA"
PAGE = 1_000
"""Products handed over at once, as a scrape does."""


def run(data: Path | None) -> Report:
    """Write a catalogue, then read it again three times; count the items sent to be written and the stream records."""
    with servers():
        from chalicelib import aws

        make_catalog(KEY)
        written: Counter[str] = Counter()
        aws.dynamodb().meta.events.register("provide-client-params.dynamodb.*", _counting(written))
        first = seconds(lambda: _scrape(0))
        sent = written[f"ProductCatalog_{KEY}"]
        again = [seconds(lambda day=day: _scrape(day)) for day in (1, 2, 3)]  # type: ignore[misc]
        more = written[f"ProductCatalog_{KEY}"] - sent
        records = _records() - PRODUCTS
    return Report(
        figures={
            "writes": single(more, "items"),
            "stream records": single(records, "records"),
            "seconds a scrape": figure(again, "s"),
            "other writes a scrape": single((written.total() - sent - more) / 4, "items"),
        },
        baseline={"writes": single(sent, "items"), "seconds a scrape": single(first, "s")},
        limits={"writes": Limit(at_most=0), "stream records": Limit(at_most=0)},
        notes=[
            f"{PRODUCTS:,} products read again unchanged, three times, on DynamoDB Local",
            "baseline: the first scrape, which writes each of them",
            "other writes: when the catalogue was last read, in the pipeline table",
        ],
    )


def _scrape(day: int) -> None:
    from chalicelib.catalog.writing import finish_scrape, write_products

    now = NOW + timedelta(days=day)
    shown = products(PRODUCTS)
    for start in range(0, PRODUCTS, PAGE):
        write_products(KEY, "sample", shown[start : start + PAGE], now)
    finish_scrape(KEY, "sample", [product.shop_product_id for product in shown], now)


def _counting(written: Counter[str]) -> Any:
    def count(params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name == "BatchWriteItem":
            for table, requests in params["RequestItems"].items():
                written[table] += len(requests)
        elif model.name in ("PutItem", "UpdateItem", "DeleteItem"):
            written[params["TableName"]] += 1

    return count


def _records() -> int:
    import boto3

    from chalicelib.catalog.tables import stream_of

    streams = boto3.client("dynamodbstreams")
    return sum(len(shard.records) for shard in shards_of(streams, str(stream_of(KEY))))
