"""Stream records to documents: products a second through the indexer, beside one index call for each record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness import Limit, Report, figure, seconds, single
from benchmarks.indexing_servers import counted_bulk_calls, records, servers

BATCH = 500
"""Records in one call of the indexer function, as the event source mappings are set."""
PRODUCTS = 10_000
ALONE = 600
"""Products of the baseline, which is slow."""
ROUNDS = 5


def run(data: Path | None) -> Report:
    """Index new products in batches and one by one, in turn; both are searchable when the clock stops."""
    with servers():
        from chalicelib.search import index

        index.ensure_index()
        rates: dict[str, list[float]] = {"batches": [], "alone": []}
        with counted_bulk_calls() as calls:
            _in_batches(records("WARMUP", 4 * BATCH))
        for turn in range(ROUNDS):
            many, few = records(f"MANY{turn}", PRODUCTS), records(f"FEW{turn}", ALONE)
            rates["batches"].append(PRODUCTS / seconds(lambda many=many: _in_batches(many)))  # type: ignore[misc]
            rates["alone"].append(ALONE / seconds(lambda few=few: _alone(few)))  # type: ignore[misc]
        size = _bytes_each()
    measured, beside = figure(rates["batches"], "products/s"), figure(rates["alone"], "products/s")
    return Report(
        figures={
            "products a second": measured,
            "times the baseline": measured,
            "index calls": single(len(calls) / (4 * BATCH) * 1000, "for 1,000 products"),
            "index size": size,
        },
        baseline={"times the baseline": beside},
        limits={"products a second": Limit(at_least=3000), "times the baseline": Limit(at_least=10, ratio=True)},
        notes=[
            f"{PRODUCTS:,} new products in batches of {BATCH}, {ROUNDS} times; until they can be found",
            "baseline: one index call for each record, the same conversion and connection",
            "index size: megabytes for a million products, one copy, merged",
        ],
    )


def _in_batches(many: Sequence[dict[str, Any]]) -> None:
    from chalicelib.search import index
    from chalicelib.search.indexing import index_records

    for start in range(0, len(many), BATCH):
        outcome = index_records({"Records": many[start : start + BATCH]})
        assert outcome.failed == []
    index.refresh()


def _alone(few: Sequence[dict[str, Any]]) -> None:
    from chalicelib.search import index
    from chalicelib.search.client import client
    from chalicelib.search.records import document_of

    for record in few:
        document = document_of(record, "ProductCatalog_")
        versions = {"version": document.version, "version_type": "external"}
        client().index(
            index=index.targets()[0], id=document.id, body=document.body, routing=document.key, params=versions
        )
    index.refresh()


def _bytes_each() -> Any:
    from chalicelib.search import index
    from chalicelib.search.client import client

    name = index.targets()[0]
    client().indices.forcemerge(index=name, max_num_segments=1, params={"request_timeout": 300})
    index.refresh()
    stats = client().indices.stats(index=name)["indices"][name]["primaries"]
    return single(stats["store"]["size_in_bytes"] / stats["docs"]["count"], "MB/million")
