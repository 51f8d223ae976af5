"""Taking things out of the index for good: catalogues that were retired, tombstones nobody needs any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from chalicelib.errors import RetryLater
from chalicelib.search.client import client, understood
from chalicelib.search.index import read_alias, write_alias
from chalicelib.telemetry import logger

TOMBSTONES_KEPT = timedelta(days=15)
"""Longer than anything can still be under way: a stream keeps its records for a day, a queue for 14."""


def remove_catalog(key: str, below_version: int) -> None:
    """Remove every document of catalogue ``key`` whose version is lower.  ``RetryLater`` unless all are gone."""
    filters: list[dict[str, Any]] = [{"term": {"Postcode": key}}, {"range": {"Version": {"lt": below_version}}}]
    removed = _remove(filters, routing=key)
    logger().info("documents removed", extra={"catalog": key, "documents": removed})


def remove_tombstones(now: datetime) -> int:
    """Remove the tombstones that are old enough; gives their number."""
    oldest = (now - TOMBSTONES_KEPT).isoformat()
    return _remove([{"term": {"Removed": True}}, {"range": {"RemovedAt": {"lt": oldest}}}])


def sweep(has_table: Callable[[str], bool], below_version: int, now: datetime) -> int:
    """Remove what belongs to no catalogue any more: documents of catalogues without a table, and old tombstones.

    A catalogue that is made meanwhile keeps its documents: their versions are not below ``below_version``.
    Gives the number of catalogues whose documents went.  ``RetryLater`` while OpenSearch is away or busy.
    """
    strays = [key for key in sorted(indexed_catalogs()) if not has_table(key)]
    for key in strays:
        remove_catalog(key, below_version)
    remove_tombstones(now)
    return len(strays)


def indexed_catalogs() -> set[str]:
    """The keys of all catalogues the index has documents of, to find those that have no table any more."""
    keys: set[str] = set()
    pages: dict[str, Any] = {"size": 1000, "sources": [{"key": {"terms": {"field": "Postcode"}}}]}
    while True:
        with understood():
            body = {"size": 0, "aggs": {"keys": {"composite": pages}}}
            answer = client().search(index=read_alias(), body=body)["aggregations"]["keys"]
        keys |= {bucket["key"]["key"] for bucket in answer["buckets"]}
        if "after_key" not in answer:
            return keys
        pages["after"] = answer["after_key"]


def _remove(filters: list[dict[str, Any]], **parameters: Any) -> int:
    with understood():
        client().indices.refresh(index=write_alias())
        answer = client().delete_by_query(
            index=write_alias(),
            body={"query": {"bool": {"filter": filters}}},
            params={"conflicts": "proceed", "refresh": "true", "request_timeout": 120} | parameters,
        )
    if answer["failures"] or answer["version_conflicts"]:
        raise RetryLater("some documents could not be removed yet")
    return int(answer["deleted"])
