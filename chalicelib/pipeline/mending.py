"""Finding and mending what is half done, from the tables to the index."""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib.catalog import store
from chalicelib.catalog.reconciling import reconcile as reconcile_catalogs
from chalicelib.catalog.tables import catalog_keys, stream_of
from chalicelib.errors import RetryLater
from chalicelib.pipeline import Report
from chalicelib.pipeline.places import catalogs_serving
from chalicelib.requests.store import RequestStore
from chalicelib.search.index import ensure_index, is_current
from chalicelib.search.rebuilding import rebuild
from chalicelib.search.removing import remove_catalog, sweep
from chalicelib.search.verification import verify
from chalicelib.telemetry import logger, observed


@observed
def reconcile() -> Report:
    """Mend tables, streams and mappings, retire catalogues nobody asks for, make the index equal the tables.

    An index with the mapping of an earlier version of the code is built anew first.
    ``RetryLater`` when AWS was too busy for some of it: what could be done is done, and calling again does the rest.
    """
    if not is_current(ensure_index()):
        _rebuild()
    asked_for = {key for postcode in RequestStore().active_postcodes() for key in catalogs_serving(postcode)}
    found = reconcile_catalogs(asked_for, datetime.now(UTC), remove_catalog)
    differences = verify(found.catalogs, store)
    sweep(lambda key: stream_of(key) is not None, datetime.now(UTC))
    report = {
        "Catalogs": len(found.catalogs),
        "Detached": found.detached,
        "Retired": found.retired,
        "Products": differences.products,
        "Mended": differences.mended,
        "Unmendable": differences.unmendable,
    }
    logger().info("reconciled", extra=report)
    if found.unfinished:
        raise RetryLater(f"AWS is busy with {len(found.unfinished)} catalogues; run the reconciler again")
    return report


@observed
def rebuild_index() -> Report:
    """Build the index anew from all tables while the old one goes on answering.  Only one may run at a time."""
    return {"Index": _rebuild()}


def _rebuild() -> str:
    def tell(done: int, total: int, products: int) -> None:
        logger().info("index is rebuilt", extra={"catalogs": done, "of": total, "products": products})

    return rebuild(catalog_keys(), store, tell)
