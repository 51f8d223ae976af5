"""Comparing the index with the tables of 200 catalogues of 1,000 products, a few of which differ."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.harness import Limit, Report, seconds, single
from benchmarks.indexing_servers import make_catalog, products, servers
from tests.fakes.cloud import NOW

CATALOGS, PRODUCTS = 200, 1_000
SPOILT = 50
HEAP_MEGABYTES = 1024
"""DynamoDB Local keeps 200,000 products in it."""


def run(data: Path | None) -> Report:
    """Fill tables and index alike, spoil some documents, and verify twice: once with mends, once without."""
    with servers(HEAP_MEGABYTES):
        from chalicelib.catalog import store
        from chalicelib.search import index
        from chalicelib.search.verification import Differences, verify

        index.ensure_index()
        keys = [f"K{number}" for number in range(CATALOGS)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(_fill, keys))
        index.refresh()
        _spoil(keys)
        found: list[Differences] = []
        mending = seconds(lambda: found.append(verify(keys, store)))
        clean = seconds(lambda: found.append(verify(keys, store)))
    return Report(
        figures={
            "seconds, with mends": single(mending, "s"),
            "seconds, all equal": single(clean, "s"),
            "mended": single(found[0].mended, "products"),
            "left different": single(found[1].mended + found[1].left, "products"),
        },
        limits={
            "seconds, with mends": Limit(at_most=60),
            "seconds, all equal": Limit(at_most=60),
            "mended": Limit(at_least=SPOILT, at_most=SPOILT),
            "left different": Limit(at_most=0),
        },
        notes=[f"{CATALOGS} catalogues of {PRODUCTS:,} products, {SPOILT} of them spoilt in the index before"],
    )


def _fill(key: str) -> None:
    from chalicelib.catalog import store
    from chalicelib.catalog.changes import as_product
    from chalicelib.search import bulk, index
    from chalicelib.search.documents import of_product

    make_catalog(key, streamed=False)
    made = [as_product(key, page, None, NOW) for page in products(PRODUCTS)]
    store.write(key, made)
    bulk.write([of_product(product) for product in made], index.targets())


def _spoil(keys: list[str]) -> None:
    """Some documents get other content under the version of the right one: the difference hardest to find."""
    import msgspec

    from chalicelib.catalog import store
    from chalicelib.search import bulk, index
    from chalicelib.search.documents import of_product

    for place in range(SPOILT):
        key = keys[place * 3]
        product = store.products_of(key, [f"sample-{place}"])[f"sample-{place}"]
        wrong = msgspec.structs.replace(product, content_hash="spoilt")
        bulk.write([of_product(wrong)], index.targets(), version_type="external_gte")
    index.refresh()
