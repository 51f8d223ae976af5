"""Building the index anew from the tables while the old one goes on answering.

1  a new index takes every change beside the old one; 2  the tables are copied into it; 3  it is compared with them;
4  queries move over in one step; 5  the old one goes.  Stopped anywhere, queries still have one whole index; a new run
removes what was half built and begins again.  Only one may run at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from chalicelib.errors import RetryLater
from chalicelib.models import Product
from chalicelib.search import bulk, index
from chalicelib.search.documents import of_product
from chalicelib.search.verification import Differences, Tables, verify_catalog
from chalicelib.telemetry import logger

CHUNK = 1_000
Progress = Callable[[int, int, int], None]
"""Told after each catalogue: catalogues done, catalogues in all, products copied."""


class Catalogs(Tables, Protocol):
    """The catalogue tables, as far as they are needed here."""

    def products(self, key: str) -> Iterable[Product]: ...


def rebuild(
    keys: Sequence[str], tables: Catalogs, progress: Progress, pause: Callable[[float], None] = time.sleep
) -> str:
    """Replace the index by one that holds the products of the catalogues ``keys``; gives the new index's name.

    ``RetryLater`` while OpenSearch or the tables are away: the old index then goes on as if nothing had been.
    """
    old = index.ensure_index()
    index.drop_half_built()
    new = index.create_index()
    index.write_also_to(new)
    pause(2 * index.TARGETS_KEPT)  # from now on every running indexer knows the new index
    copied = 0
    for done, key in enumerate(keys, start=1):
        copied += _copy(tables.products(key), new)
        progress(done, len(keys), copied)
    _compare(keys, tables, new)
    index.switch(old, new)
    logger().info("index rebuilt", extra={"index": new, "products": copied})
    return new


def _copy(products: Iterable[Product], name: str) -> int:
    copied = 0
    for chunk in _chunks(products):
        written = bulk.write([of_product(product) for product in chunk], [name])
        for place, reason in written.refused.items():
            facts = {"product": chunk[place].product_id, "catalog": chunk[place].postcode, "reason": reason}
            logger().error("product cannot be indexed", extra=facts)
        if written.waiting:
            raise RetryLater("OpenSearch puts off copied documents")
        copied += len(chunk)
    return copied


def _compare(keys: Sequence[str], tables: Tables, name: str) -> None:
    index.refresh()
    found = sum((verify_catalog(key, tables, name) for key in keys), start=Differences())
    logger().info("new index compared", extra={"index": name, "products": found.products, "mended": found.mended})


def _chunks(products: Iterable[Product]) -> Iterator[list[Product]]:
    iterator = iter(products)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
