"""Whatever happens to a catalogue and its stream, the index ends up equal to the table.  On a real OpenSearch node."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.search import index
from chalicelib.search.client import client
from tests.fakes.cloud import Cloud, cloud
from tests.fakes.histories import History, indexed, poisons_put_aside, stored
from tests.fakes.search import FaultyBulk, index_at


@pytest.fixture
def world(opensearch_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(monkeypatch, CATALOG_REMOVE_DAYS="4") as made, index_at(monkeypatch, opensearch_url):
        yield made


def lived(world: Cloud, seed: int, rate: float) -> tuple[History, FaultyBulk]:
    """A catalogue after a random life with faults, its stream read to the end."""
    chance = random.Random(seed)
    history = History(world, key=uuid.uuid4().hex[:10].upper(), random=chance)
    real = client().bulk
    faulty = FaultyBulk(real, chance, rate)
    client().bulk = faulty
    try:
        history.run(steps=chance.randint(5, 40))
        history.finish()
    finally:
        client().bulk = real
    index.refresh()
    return history, faulty


@given(seed=st.integers(0, 2**32), rate=st.sampled_from([0.0, 0.2, 0.6]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_history_ends_with_the_index_equal_to_the_table(world: Cloud, seed: int, rate: float) -> None:
    history, _ = lived(world, seed, rate)
    assert indexed(history.key, index.read_alias()) == stored(history.key)


def test_histories_do_meet_every_kind_of_fault_and_put_every_poison_aside(world: Cloud) -> None:
    met: set[str] = set()
    removals = 0
    for seed in range(12):
        history, faulty = lived(world, seed, rate=0.4)
        met |= set(faulty.seen)
        removals += sum(record["eventName"] == "REMOVE" for shard in history.shards for record in shard.records)
        poisons = {f"poison-{number + 1}" for number in range(history.poisoned)}
        assert poisons_put_aside(world.sqs.sent, history.key) == poisons
    assert met == {"away", "lost", "overloaded", "partly", "silent"}
    assert removals > 0
