"""Finding and mending what is half done, from the tables to the index."""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib.catalog import store
from chalicelib.catalog.reconciling import reconcile as reconcile_catalogs
from chalicelib.catalog.tables import stream_of
from chalicelib.errors import RetryLater
from chalicelib.pipeline import Report
from chalicelib.pipeline.places import catalogs_serving
from chalicelib.requests.store import RequestStore
from chalicelib.search.index import ensure_index
from chalicelib.search.removing import remove_catalog, sweep
from chalicelib.search.verification import verify
from chalicelib.telemetry import logger, observed


@observed
def reconcile() -> Report:
    """Mend tables, streams and mappings, retire catalogues nobody asks for, make the index equal the tables.

    ``RetryLater`` when AWS was too busy for some of it: what could be done is done, and calling again does the rest.
    """
    ensure_index()
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
