"""What scraping a catalogue of 20,000 products costs: units, stream records and bulk calls, unchanged and changed."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.harness import Figure, Limit, Report, seconds, single
from benchmarks.indexing_servers import counted_bulk_calls, make_catalog, products, servers
from chalicelib.models import ScrapedProduct
from tests.fakes.cloud import NOW
from tests.fakes.histories import invoke
from tests.fakes.poller import Poller, shards_of

PRODUCTS = 20_000
CHANGED = 1_000
KEY = "SW1A1AA"
PAGE = 1_000
"""Products handed over at once, as a scrape does."""
BILLED = {
    "write units": ("BatchWriteItem", "PutItem", "UpdateItem", "DeleteItem"),
    "read units": ("BatchGetItem", "Scan"),
}
Costs = dict[str, float]


def run(data: Path | None) -> Report:
    """Scrape a catalogue for the first time, again unchanged, and again with some prices cut; count what each costs."""
    with servers():
        from chalicelib.search import index

        index.ensure_index()
        make_catalog(KEY)
        shown = products(PRODUCTS)
        cut = [msgspec.structs.replace(each, price=Decimal("0.50")) for each in shown[:CHANGED]] + shown[CHANGED:]
        stream = _Stream()
        first, unchanged, changed = (_costs(day, pages, stream) for day, pages in enumerate((shown, shown, cut)))
    return Report(
        figures=_figures("unchanged", unchanged) | _figures("changed", changed),
        baseline=_figures("unchanged", first) | _figures("changed", first),
        limits={"unchanged: write units": Limit(at_most=0), "unchanged: stream records": Limit(at_most=0)},
        notes=[
            f"{PRODUCTS:,} products on DynamoDB Local, which tells the units of each call as AWS does",
            f"changed: {CHANGED:,} prices were cut; baseline: the first scrape, which writes every product",
            "bulk calls: the stream in batches of 500 through the indexer, as the event source mappings are set",
        ],
    )


def _costs(day: int, shown: list[ScrapedProduct], stream: _Stream) -> Costs:
    """What one scrape costs on DynamoDB, in its stream and at OpenSearch."""
    from chalicelib import aws

    events, bill = aws.dynamodb().meta.events, _Bill()
    events.register("provide-client-params.dynamodb.*", bill.ask)
    events.register("after-call.dynamodb.*", bill.add)
    taken = seconds(lambda: _scrape(day, shown))
    events.unregister("after-call.dynamodb.*", bill.add)
    with counted_bulk_calls() as calls:
        records = stream.index()
    return bill.units | {"stream records": records, "bulk calls": len(calls), "seconds": taken}


class _Bill:
    """Adds up the units that DynamoDB says the calls to the catalogue's table used."""

    def __init__(self) -> None:
        self.units: Costs = dict.fromkeys(BILLED, 0.0)

    def ask(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if any(model.name in operations for operations in BILLED.values()):
            params["ReturnConsumedCapacity"] = "TOTAL"

    def add(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        used = parsed.get("ConsumedCapacity", [])
        for each in used if isinstance(used, list) else [used]:
            for kind, operations in BILLED.items():
                if model.name in operations and each["TableName"] == f"ProductCatalog_{KEY}":
                    self.units[kind] += each["CapacityUnits"]


def _scrape(day: int, shown: list[ScrapedProduct]) -> None:
    from chalicelib.catalog.writing import finish_scrape, write_products

    now = NOW + timedelta(days=day)
    for start in range(0, PRODUCTS, PAGE):
        write_products(KEY, "sample", shown[start : start + PAGE], now)
    finish_scrape(KEY, "sample", [product.shop_product_id for product in shown], now)


class _Stream:
    """The catalogue's stream, read on from where it was left."""

    def __init__(self) -> None:
        self._done: Counter[int] = Counter()

    def index(self) -> int:
        """Put what is new through the indexer; gives the number of records."""
        import boto3

        from chalicelib.catalog.tables import stream_of

        before = self._done.total()
        for number, shard in enumerate(shards_of(boto3.client("dynamodbstreams"), str(stream_of(KEY)))):
            shard.position = self._done[number]
            Poller(invoke, batch_size=500).drain(shard)
            self._done[number] = shard.position
        return self._done.total() - before


def _figures(scrape: str, costs: Costs) -> dict[str, Figure]:
    return {f"{scrape}: {name}": single(value, name) for name, value in costs.items()}
