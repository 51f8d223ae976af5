"""Building the index anew from the tables while the old one goes on answering.

1  a new index takes every change beside the old one; 2  the tables are copied into it, a few catalogues at a time, and
compared with it; 3  queries move over in one step; 4  the old one goes.  How far the copy came is kept with the new
index: stopped anywhere, queries still have one whole index, and the next run goes on.  Only one may run at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol, TypeVar

from chalicelib.errors import RetryLater
from chalicelib.models import Product
from chalicelib.search import bulk, index
from chalicelib.search.documents import of_product
from chalicelib.search.verification import Tables, verify
from chalicelib.telemetry import logger

T = TypeVar("T")
PRODUCTS_AT_ONCE = 1_000
CATALOGS_AT_ONCE = 10
"""Copied, compared and noted together; the work between two looks at the clock."""
Progress = Callable[[int, int], None]
"""Told after each few catalogues: catalogues done, catalogues in all."""


class Catalogs(Tables, Protocol):
    """The catalogue tables, as far as they are needed here."""

    def products(self, key: str) -> Iterable[Product]: ...


def rebuild(
    keys: Sequence[str],
    tables: Catalogs,
    progress: Progress,
    time_is_up: Callable[[], bool] = lambda: False,
    pause: Callable[[float], None] = time.sleep,
) -> str | None:
    """Replace the index by one that holds the products of the catalogues ``keys``; gives the new index's name.

    ``None`` when ``time_is_up`` before the end; ``RetryLater`` while OpenSearch or the tables are away.  In both cases
    the old index goes on as if nothing had been, and the next call goes on with the new one.
    """
    old = index.ensure_index()
    new = _begun(pause)
    done = index.copied_up_to(new)
    waiting = [key for key in sorted(keys) if key > done]
    for some in _parts(waiting, CATALOGS_AT_ONCE):
        if time_is_up():
            return None
        _take_over(some, tables, new)
        progress(len(keys) - len(waiting) + waiting.index(some[-1]) + 1, len(keys))
    index.switch(old, new)
    logger().info("index rebuilt", extra={"index": new, "catalogs": len(keys)})
    return new


def _begun(pause: Callable[[float], None]) -> str:
    """The index of an interrupted rebuild, or a new one that every writer knows."""
    new = index.half_built()
    if new is None:
        new = index.create_index()
        index.write_also_to(new)
    index.drop_leftovers(kept=new)
    pause(2 * index.TARGETS_KEPT)  # from now on every running indexer knows the new index
    return new


def _take_over(keys: Sequence[str], tables: Catalogs, name: str) -> None:
    for key in keys:
        _copy(tables.products(key), name)
    verify(keys, tables, name)
    index.note_copied(name, keys[-1])


def _copy(products: Iterable[Product], name: str) -> None:
    for chunk in _parts(products, PRODUCTS_AT_ONCE):
        written = bulk.write([of_product(product) for product in chunk], [name])
        for place, reason in written.refused.items():
            facts = {"product": chunk[place].product_id, "catalog": chunk[place].postcode, "reason": reason}
            logger().error("product cannot be indexed", extra=facts)
        if written.waiting:
            raise RetryLater("OpenSearch puts off copied documents")


def _parts(things: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(things)
    while part := list(islice(iterator, size)):
        yield part
