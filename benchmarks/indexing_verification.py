"""Comparing the index with the tables of 200 catalogues of 1,000 products, some of which differ."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from benchmarks.harness import Limit, Report, seconds, single, tell
from benchmarks.indexing_filling import KEY, fill
from benchmarks.indexing_servers import products, servers
from chalicelib.catalog.changes import as_product
from tests.fakes.cloud import NOW

CATALOGS, PRODUCTS = int(os.environ.get("VERIFIED_CATALOGS", "200")), 1_000
SPOILT = 10
"""Catalogues with one difference of each kind."""
KINDS = 4
HEAP_MEGABYTES = 1024
"""DynamoDB Local keeps 200,000 products in it."""


def run(data: Path | None) -> Report:
    """Fill tables and index alike, spoil some of both, and verify twice: once with mends, once without."""
    with servers(HEAP_MEGABYTES):
        from chalicelib.catalog import store
        from chalicelib.search import index
        from chalicelib.search.verification import Differences, verify

        index.ensure_index()
        keys = [f"K{number}" for number in range(CATALOGS)]
        fill(keys, [as_product(KEY, page, None, NOW) for page in products(PRODUCTS)])
        for key in keys[:: max(1, CATALOGS // SPOILT)][:SPOILT]:
            _spoil(key)
        found: list[Differences] = []
        tell("comparing")
        mending = seconds(lambda: found.append(verify(keys, store)))
        clean = seconds(lambda: found.append(verify(keys, store)))
    spoilt = SPOILT * KINDS
    return Report(
        figures={
            "seconds, with mends": single(mending, "s"),
            "seconds, all equal": single(clean, "s"),
            "compared": single(found[0].products, "products"),
            "mended": single(found[0].mended, "products"),
            "left different": single(found[1].mended + found[1].left, "products"),
        },
        limits={
            "seconds, with mends": Limit(at_most=60),
            "seconds, all equal": Limit(at_most=60),
            "mended": Limit(at_least=spoilt, at_most=spoilt),
            "left different": Limit(at_most=0),
        },
        notes=[
            f"{CATALOGS} catalogues of {PRODUCTS:,} products on DynamoDB Local; filling them is not in the figures",
            f"{SPOILT} catalogues lack a document, have one of an earlier version, one of a product that is gone, and",
            "one of the right version with other content",
        ],
    )


def _spoil(key: str) -> None:
    """One difference of each kind between the catalogue and the index."""
    from chalicelib.catalog import store
    from chalicelib.search import bulk, index
    from chalicelib.search.documents import of_product

    lacking, gone = (as_product(key, page, None, NOW) for page in products(PRODUCTS + 2)[PRODUCTS:])
    known = store.products_of(key, ["sample-0", "sample-1"])
    stale = msgspec.structs.replace(known["sample-0"], version=known["sample-0"].version + 1, content_hash="newer")
    wrong = msgspec.structs.replace(known["sample-1"], content_hash="spoilt")
    store.write(key, [lacking, stale])
    bulk.write([of_product(product) for product in (gone, wrong)], index.targets(), version_type="external_gte")
