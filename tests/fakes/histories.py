"""Random lives of a catalogue: scrapes, removals, replays, shuffles and faults, and what the index shows at the end."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.catalog import store
from chalicelib.catalog.tables import ensure_catalog
from chalicelib.catalog.writing import finish_scrape, write_products
from chalicelib.errors import RetryLater
from chalicelib.search.indexing import index_records
from chalicelib.search.verification import states
from tests.fakes.cloud import NOW, Cloud, scraped
from tests.fakes.poller import Poller, Shard

PRODUCTS = 8
SHARDS = 2


def invoke(event: dict[str, Any]) -> dict[str, Any]:
    """What the indexer function does."""
    return index_records(event).report()


@dataclass
class History:
    """One catalogue, its stream in two shards, and what happens to it."""

    world: Cloud
    key: str
    random: random.Random
    now: datetime = NOW
    poisoned: int = 0
    read: int = 0
    shards: list[Shard] = field(default_factory=lambda: [Shard([]) for _ in range(SHARDS)])
    poller: Poller = field(default_factory=lambda: Poller(invoke, retries=10_000))

    def run(self, steps: int) -> None:
        """Let ``steps`` things happen, one after another."""
        ensure_catalog(self.key)
        self.poller.batch_size = self.random.choice([1, 3, 10, 100])
        happenings = [self.scrape] * 5 + [self.deliver] * 6 + [self.replay, self.shuffle, self.poison]
        for _ in range(steps):
            self.random.choice(happenings)()
            self.collect()

    def finish(self) -> None:
        """Let the stream run dry."""
        self.collect()
        for shard in self.shards:
            self.poller.drain(shard)
        assert self.poller.failures == []

    def scrape(self) -> None:
        """The shop lists some of its products at some price; what is missing goes out of stock, later away."""
        self.now += timedelta(days=self.random.choice([1, 3]))
        listed = [
            scraped(number, price=Decimal(self.random.randint(5, 8)))
            for number in range(PRODUCTS)
            if self.random.random() < 0.6
        ]
        write_products(self.key, "sample", listed, self.now)
        finish_scrape(self.key, "sample", [product.shop_product_id for product in listed], self.now)

    def deliver(self) -> None:
        """One shard is read on for a few invocations."""
        steps = self.poller.steps(self.random.choice(self.shards))
        for _ in range(self.random.randint(1, 4)):
            next(steps, None)

    def replay(self) -> None:
        """The reader was restarted and begins again at an earlier checkpoint."""
        shard = self.random.choice(self.shards)
        shard.position = self.random.randint(0, shard.position)
        shard.pending.clear()

    def shuffle(self) -> None:
        """A stray invocation with old records in any order, some twice."""
        old = [record for shard in self.shards for record in shard.records[: shard.position]]
        if old:
            stray = self.random.choices(old, k=self.random.randint(1, 10))
            try:
                index_records({"Records": stray})
            except RetryLater:
                return  # whoever sent it gives up: it was in the index before

    def poison(self) -> None:
        """Something that is no product gets into the table."""
        self.poisoned += 1
        item = {"ProductID": {"S": f"poison-{self.poisoned}"}, "Version": {"N": "1"}, "Price": {"N": "5"}}
        self.world.dynamodb.put_item(TableName=f"ProductCatalog_{self.key}", Item=item)

    def collect(self) -> None:
        """What the table's stream has new is in the shards, each product always in the same one."""
        records = self.world.dynamodb.tables[f"ProductCatalog_{self.key}"].records
        for record in records[self.read :]:
            product_id = record["dynamodb"]["Keys"]["ProductID"]["S"]
            self.shards[sum(product_id.encode()) % SHARDS].records.append(record)
        self.read = len(records)


def stored(key: str) -> dict[str, tuple[int, str]]:
    """Version and content of every product in the table."""
    found = (stamp for stamp in store.stamps(key) if not stamp.product_id.startswith("poison-"))
    return {stamp.product_id: (stamp.version, stamp.content_hash) for stamp in found}


def indexed(key: str, name: str) -> dict[str, tuple[int, str]]:
    """The same for every product the index shows; refresh it before."""
    return {found: (state.version, state.content_hash) for found, state in states(key, name) if not state.removed}


def poisons_put_aside(sent: Iterable[dict[str, Any]], key: str) -> set[str]:
    """Ids of the catalogue's records in the failure queue; each has a reason."""
    messages = [message for message in sent if f"ProductCatalog_{key}/" in message["Source"]]
    assert all(message["Reason"] for message in messages)
    return {message["Record"]["dynamodb"]["Keys"]["ProductID"]["S"] for message in messages}
