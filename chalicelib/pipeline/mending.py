"""Finding and mending what is half done, from the tables to the index.  One function at a time does it."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from chalicelib.catalog import store
from chalicelib.catalog.changes import first_version
from chalicelib.catalog.reconciling import reconcile as reconcile_catalogs
from chalicelib.catalog.tables import catalog_keys, has_table
from chalicelib.errors import RetryLater
from chalicelib.leases import Lease, held
from chalicelib.pipeline import Report
from chalicelib.pipeline.places import catalogs_serving
from chalicelib.requests.store import RequestStore
from chalicelib.search.index import ensure_index, is_current
from chalicelib.search.rebuilding import rebuild
from chalicelib.search.removing import remove_catalog, sweep
from chalicelib.search.verification import verify
from chalicelib.settings import settings
from chalicelib.telemetry import logger, observed

RESERVE = 240_000
"""Milliseconds before the function's end after which nothing long is begun; what was begun fits into them."""
TimeLeft = Callable[[], int]
"""Milliseconds until the function is ended, as Lambda's context tells them."""


@observed
def reconcile(milliseconds_left: TimeLeft) -> Report:
    """Mend tables, streams and mappings, retire catalogues nobody asks for, make the index equal the tables.

    An index with the mapping of an earlier version of the code is built anew first.
    ``RetryLater`` when AWS was too busy for some of it, or the time too short: what could be done is done, and calling
    again does the rest; also while another call is at it.
    """
    with _alone(milliseconds_left):
        if not is_current(ensure_index()) and not _rebuild(milliseconds_left)["Index"]:
            raise RetryLater("the index is not built anew yet; run the reconciler again")
        report = _reconcile(milliseconds_left)
    logger().info("reconciled", extra=report)
    return report


@observed
def rebuild_index(milliseconds_left: TimeLeft) -> Report:
    """Build the index anew from all tables while the old one goes on answering.

    ``Index`` is the new index; ``None`` when the time was too short: calling again goes on.  ``Catalogs`` of ``Of``
    are copied.  ``RetryLater`` while another call mends or rebuilds.
    """
    with _alone(milliseconds_left):
        return _rebuild(milliseconds_left)


def _alone(milliseconds_left: TimeLeft) -> AbstractContextManager[Lease]:
    """Only one call at a time mends: retiring, sweeping and rebuilding would undo each other's work.

    Nobody else begins before this call has ended or its function must have been.
    """
    key = {"PK": {"S": "Mending"}, "SK": {"S": "Lease"}}
    seconds = milliseconds_left() // 1000 + 1
    refusal = RetryLater(f"another call mends or rebuilds just now; try again, in {seconds} s at the latest")
    return held(Lease(settings().pipeline_table, key, seconds, refusal))


def _reconcile(milliseconds_left: TimeLeft) -> Report:
    now = datetime.now(UTC)
    asked_for = {key for postcode in RequestStore().active_postcodes() for key in catalogs_serving(postcode)}
    found = reconcile_catalogs(asked_for, now, remove_catalog)
    sweep(has_table, first_version(now), now)
    # In any order: catalogues for which no time was left come to their turn in another run.
    shuffled = random.sample(found.catalogs, len(found.catalogs))
    differences = verify(shuffled, store, time_is_up=lambda: milliseconds_left() < RESERVE)
    if found.unfinished:
        raise RetryLater(f"AWS is busy with {len(found.unfinished)} catalogues; run the reconciler again")
    return {
        "Catalogs": len(found.catalogs),
        "Detached": found.detached,
        "Retired": found.retired,
        "Products": differences.products,
        "Mended": differences.mended,
        "Unmendable": differences.unmendable,
    }


def _rebuild(milliseconds_left: TimeLeft) -> Report:
    copied: Report = {}

    def tell(done: int, total: int) -> None:
        copied.update(Catalogs=done, Of=total)
        logger().info("index is rebuilt", extra={"catalogs": done, "of": total})

    name = rebuild(catalog_keys(), store, tell, time_is_up=lambda: milliseconds_left() < RESERVE)
    return {"Index": name, **copied}
