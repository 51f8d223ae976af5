"""A thousand random lives of a catalogue with faults and replays: differences between table and index at the end."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.harness import Limit, Report, single, tell
from benchmarks.indexing_servers import servers
from tests.fakes.cloud import Cloud, cloud
from tests.fakes.histories import History, indexed, poisons_put_aside, stored
from tests.fakes.search import FaultyBulk

HISTORIES = 1_000
STEPS = 20
TOLD_EVERY = 100


def run(data: Path | None) -> Report:
    """Let each catalogue live and its stream run dry; then compare every table with the index, without mending."""
    met: Counter[str] = Counter()
    with servers(), pytest.MonkeyPatch.context() as patch, cloud(patch, CATALOG_REMOVE_DAYS="4") as world:
        from chalicelib.search import index
        from chalicelib.search.client import client

        index.ensure_index()
        # Each call would wait for the disk; what a crash of OpenSearch loses is another test's question.
        client().indices.put_settings(index=index.write_alias(), body={"index.translog.durability": "async"})
        histories = [_lived(world, seed, met) for seed in range(HISTORIES)]
        index.refresh()
        different = [history.key for history in histories if not _equal(history)]
        poisons = sum(history.poisoned for history in histories)
        aside = sum(len(poisons_put_aside(world.sqs.sent, history.key)) for history in histories)
        records = sum(len(shard.records) for history in histories for shard in history.shards)
    return Report(
        figures={
            "histories that differ": single(len(different), "histories"),
            "poisoned records lost": single(poisons - aside, "records"),
            "faults met": single(met.total(), "faults"),
            "stream records": single(records, "records"),
        },
        limits={"histories that differ": Limit(at_most=0), "poisoned records lost": Limit(at_most=0)},
        notes=[
            f"{HISTORIES:,} histories of about {STEPS} steps; OpenSearch is real, tables and stream stand-ins",
            "faults: " + ", ".join(f"{name} {number}" for name, number in sorted(met.items())),
        ],
    )


def _lived(world: Cloud, seed: int, met: Counter[str]) -> History:
    from chalicelib.search.client import client

    chance = random.Random(seed)
    history = History(world, key=f"H{seed}", random=chance)
    real = client().bulk
    faulty = FaultyBulk(real, chance, rate=chance.choice([0.1, 0.3, 0.6]))
    client().bulk = faulty
    try:
        history.run(steps=chance.randint(STEPS // 2, STEPS * 3 // 2))
        history.finish()
    finally:
        client().bulk = real
    met.update(faulty.seen)
    if (seed + 1) % TOLD_EVERY == 0:
        tell(f"{seed + 1} of {HISTORIES} histories lived")
    return history


def _equal(history: History) -> bool:
    from chalicelib.search import index

    return indexed(history.key, index.read_alias()) == stored(history.key)
