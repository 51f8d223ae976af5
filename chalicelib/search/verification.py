"""Comparing the index with the catalogue tables, and mending what differs.

The tables are right by definition.  Everything here may run beside the indexer: whatever looks different is read again
from its table before it is mended, and versions keep a mend from undoing a newer change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from chalicelib.errors import RetryLater
from chalicelib.models import Product
from chalicelib.search import bulk, index
from chalicelib.search.client import client, understood
from chalicelib.search.documents import Document, of_product, of_removal
from chalicelib.telemetry import count, logger

PAGE = 5_000
AT_ONCE = 4
"""Catalogues compared side by side: most of the time goes into waiting for answers."""


class Stamped(Protocol):
    """What tells one state of a stored product from another."""

    @property
    def product_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def content_hash(self) -> str: ...


class Tables(Protocol):
    """The catalogue tables, as far as they are needed here; reads are consistent."""

    def stamps(self, key: str) -> Iterable[Stamped]: ...
    def products_of(self, key: str, product_ids: Iterable[str]) -> Mapping[str, Product]: ...
    def raise_version(self, key: str, product_id: str, above: int) -> bool: ...


class Indexed(msgspec.Struct, frozen=True, kw_only=True):
    """What the index has of a product."""

    version: int
    content_hash: str
    removed: bool


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """What verification found and mended."""

    catalogs: int = 0
    products: int = 0
    """Products in the tables that were compared."""
    mended: int = 0
    unmendable: int = 0
    """Products the index refuses; each is logged with the reason."""
    left: int = 0
    """Changed by somebody else meanwhile, or deleted by hand within the last minute: for the next verification."""

    def __add__(self, other: Differences) -> Differences:
        return Differences(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})


def verify(
    keys: Iterable[str], tables: Tables, name: str = "", time_is_up: Callable[[], bool] = lambda: False
) -> Differences:
    """Make the index equal the tables of the catalogues ``keys``: the one queries ask, or the index ``name``.

    A catalogue that cannot be compared does not hold up the others.  ``RetryLater`` in the end when there was one, or
    when ``time_is_up`` before all were compared; what could be mended is mended then.
    """
    index.refresh()
    missed: list[RetryLater] = []

    def compare(key: str) -> Differences:
        try:
            if time_is_up():
                raise RetryLater("no time was left to compare every catalogue with the index")
            return _verify_catalog(key, tables, name or index.read_alias())
        except RetryLater as error:
            logger().warning("catalogue is not compared", extra={"catalog": key, "reason": str(error)})
            missed.append(error)
            return Differences()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        total = sum(pool.map(compare, keys), start=Differences())
    if total.mended:
        count("IndexDifferences", total.mended)
    if missed:
        raise missed[0]
    return total


def _verify_catalog(key: str, tables: Tables, name: str) -> Differences:
    """The same for one catalogue; of what was just written only the refreshed is seen."""
    indexed = dict(states(key, name))
    stored = {stamp.product_id: stamp for stamp in tables.stamps(key)}
    differing = [product_id for product_id, stamp in stored.items() if not _equal(stamp, indexed.get(product_id))]
    surplus = [found for found, state in indexed.items() if found not in stored and not state.removed]
    found = Differences(catalogs=1, products=len(stored))
    if differing or surplus:
        found += _mend(key, [*differing, *surplus], indexed, tables)
        facts = {"catalog": key, "mended": found.mended, "unmendable": found.unmendable, "left": found.left}
        logger().warning("index differed from its table", extra=facts)
    return found


def _equal(stamp: Stamped, state: Indexed | None) -> bool:
    return (
        state is not None
        and not state.removed
        and (state.version, state.content_hash) == (stamp.version, stamp.content_hash)
    )


def _mend(key: str, product_ids: list[str], indexed: Mapping[str, Indexed], tables: Tables) -> Differences:
    """Put the documents of the products right."""
    _lift(key, product_ids, indexed, tables)
    current = tables.products_of(key, product_ids)
    documents = [_wanted(key, each, current.get(each), indexed.get(each)) for each in product_ids]
    writes = [document for document in documents if document is not None]
    # "gte": a document of the same version but other content is replaced too.
    written = bulk.write(writes, index.targets(), version_type="external_gte")
    for place, reason in written.refused.items():
        logger().error("product cannot be indexed", extra={"document": writes[place].id, "reason": reason})
    if written.waiting:
        raise RetryLater("OpenSearch puts off mended documents")
    mended, refused = len(written.changed), len(written.refused)
    return Differences(mended=mended, unmendable=refused, left=len(product_ids) - mended - refused)


def _lift(key: str, product_ids: list[str], indexed: Mapping[str, Indexed], tables: Tables) -> None:
    """A table that was restored from a backup is behind the index: its products get versions the index will take."""
    current = tables.products_of(key, [product_id for product_id in product_ids if product_id in indexed])
    for product_id, product in current.items():
        state = indexed[product_id]
        if product.version < state.version or (state.removed and product.version == state.version):
            tables.raise_version(key, product_id, state.version)


def _wanted(key: str, product_id: str, product: Product | None, state: Indexed | None) -> Document | None:
    if product is not None:
        return of_product(product)
    if state is None or state.removed:
        return None
    return of_removal(key, product_id, state.version, datetime.now(UTC))


def states(key: str, name: str) -> Iterator[tuple[str, Indexed]]:
    """What the index ``name`` has of each product of catalogue ``key``, by id."""
    query: dict[str, Any] = {
        "size": PAGE,
        "_source": False,
        "version": True,
        "docvalue_fields": ["ProductID", "ContentHash", "Removed"],
        "query": {"bool": {"filter": [{"term": {"Postcode": key}}, {"exists": {"field": "ProductID"}}]}},
        "sort": [{"ProductID": "asc"}],
        "track_total_hits": False,
    }
    while True:
        with understood():
            shown = "_shards.failed,hits.hits.fields,hits.hits._version,hits.hits.sort"
            answer = client().search(index=name, body=query, params={"routing": key, "filter_path": shown})
        if answer.get("_shards", {}).get("failed"):
            raise RetryLater("a shard of the index does not answer")
        hits = answer.get("hits", {}).get("hits", [])
        yield from (_state(hit["_version"], hit["fields"]) for hit in hits)
        if len(hits) < PAGE:
            return
        query["search_after"] = hits[-1]["sort"]


def _state(version: int, fields: Mapping[str, list[Any]]) -> tuple[str, Indexed]:
    return fields["ProductID"][0], Indexed(
        version=version,
        content_hash=fields.get("ContentHash", [""])[0],
        removed=fields.get("Removed", [False])[0] in (True, "true"),
    )
