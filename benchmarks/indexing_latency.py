"""Seconds from a product's change in its table until a query finds it, while the stream is read as Lambda reads it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.harness import Limit, Report, figure, percentile, single
from benchmarks.indexing_servers import make_catalog, servers
from tests.fakes.cloud import NOW, scraped

KEY = "SW1A1AA"
SAMPLES = 40
STREAM_PAUSE = 0.25
"""Seconds between two looks at the stream; Lambda looks four times a second ("Using Lambda with DynamoDB")."""
_LOOK = 0.02


def run(data: Path | None) -> Report:
    """Change one product after another and ask until the new price is found."""
    with servers():
        from chalicelib.search import index

        index.ensure_index()
        make_catalog(KEY)
        with _stream_read():
            taken = [_seconds_until_found(number) for number in range(SAMPLES)]
    return Report(
        figures={"until found": figure(taken, "s"), "until found, p95": single(percentile(taken, 95), "s")},
        limits={"until found, p95": Limit(at_most=3)},
        notes=[f"{SAMPLES} changes, one at a time; index refreshed once a second, stream read every {STREAM_PAUSE} s"],
    )


def _seconds_until_found(number: int) -> float:
    from chalicelib.catalog.writing import write_products
    from chalicelib.search.querying import candidates

    page = scraped(1, price=Decimal(100 + number) / 100)
    write_products(KEY, "sample", [page], NOW + timedelta(days=number))
    written = time.perf_counter()
    while time.perf_counter() - written < 60:
        found = candidates(KEY, [("r", page.product_name, Decimal(0))])["r"]
        if found and found[0].price == page.price:
            break
        time.sleep(_LOOK)
    return time.perf_counter() - written


@contextmanager
def _stream_read() -> Iterator[None]:
    """A thread reads the catalogue's stream into the indexer until the block is left."""
    done = threading.Event()
    reader = threading.Thread(target=_read, args=(done,), daemon=True)
    reader.start()
    yield
    done.set()
    reader.join()


def _read(done: threading.Event) -> None:
    import boto3

    from chalicelib.catalog.tables import stream_of
    from chalicelib.search.indexing import index_records

    streams, arn = boto3.client("dynamodbstreams"), str(stream_of(KEY))
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    first = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    position = first["ShardIterator"]
    while not done.wait(STREAM_PAUSE):
        page = streams.get_records(ShardIterator=position)
        if page["Records"]:
            index_records({"Records": [{**record, "eventSourceARN": arn} for record in page["Records"]]})
        position = page["NextShardIterator"]
