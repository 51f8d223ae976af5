"""Which products might be what a wish means: generous on the name, strict on place, stock and discount.

One search answers for many wishes: each wished name is a named clause, and every product comes once, with the names
that it is similar to (``clauses.py``).  Fuzziness is what costs, so for several wishes at once it is paid once for each
word: the shelf is read first, a word is looked up as those words of the shelf that it may stand for, and a wish whose
words the shelf does not have is not asked for.  ``candidates`` finds the same either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

import msgspec
from opensearchpy.exceptions import TransportError

from chalicelib.discount import offers_at_least
from chalicelib.errors import RetryLater
from chalicelib.models import Availability, Product
from chalicelib.search.clauses import BRAND, JOINED, NAME, Clause, Wished, alike, models_in, size
from chalicelib.search.client import ServerFault, client, understood
from chalicelib.search.documents import product_of
from chalicelib.search.index import read_alias
from chalicelib.search.vocabulary import Vocabulary
from chalicelib.search.words import JOINED_ANALYZER, NAME_ANALYZER, PLAIN_ANALYZER, synonyms, words_of
from chalicelib.telemetry import logger

CLAUSES_AT_ONCE = 1000
"""Of wishes in one search, which may have 1,024 (``indices.query.bool.max_clause_count``); the shelf takes a few."""
FEW = 3
"""So many names are quicker looked up by OpenSearch's own fuzziness than by first asking what is on the shelf."""
PAGE, IDS = 1000, 10_000
"""Products in one answer, and ids of products (``index.max_result_window`` allows no more)."""
HAIR = Decimal("0.0001")
"""Discounts are stored cut to four places: asking for a hair less misses none, and the exact check follows."""
IDS_ALONE = {"stored_fields": "_none_", "size": IDS}
"""Of hits; they are in what hits are sorted by."""

Wish = tuple[str, str, Decimal]
"""Request id, name of the wanted product, percent off at least."""
Hit = dict[str, Any]
Named = Mapping[str, Sequence[Clause]]
"""Wished name → the clauses of which a similar product fulfils one."""


def candidates(key: str, wishes: Iterable[Wish], product_ids: Iterable[str] | None = None) -> dict[str, list[Product]]:
    """For each wish, by request id, the products of catalogue ``key`` that may be it and are cheap enough now.

    In the order of the product ids; only among ``product_ids`` where they are given.  ``RetryLater`` while OpenSearch
    is away or overloaded.  A wish that OpenSearch can never answer is logged as an error and has none.
    """
    asked = list(wishes)
    found: dict[str, list[Product]] = {request_id: [] for request_id, _, _ in asked}
    if not asked:
        return found
    by_name: dict[str, list[Wish]] = {}
    for wish in asked:
        by_name.setdefault(wish[1], []).append(wish)
    shelf = shelf_of(key, min(discount for _, _, discount in asked), product_ids)
    similar = _by_fuzziness if len(by_name) <= FEW else _by_vocabulary
    for product, similar_to in similar(key, shelf, list(by_name)):
        for request_id, _, discount in chain.from_iterable(by_name[name] for name in similar_to):
            if offers_at_least(product, discount):
                found[request_id].append(product)
    return found


def shelf_of(key: str, discount: Decimal, product_ids: Iterable[str] | None) -> list[Clause]:
    """What a product of catalogue ``key`` has to be, whatever its name, to be ``discount`` percent off: filters."""
    filters: list[Clause] = [{"term": {"Postcode": key}}, {"term": {"Availability": Availability.IN_STOCK.value}}]
    if discount > 0:
        filters.append({"range": {"Discount": {"gte": float(discount - HAIR)}}})
    if product_ids is not None:
        filters.append({"terms": {"ProductID": sorted(set(product_ids))}})
    return filters


def named(names: Sequence[str], vocabulary: Vocabulary | None) -> dict[str, list[Clause]]:
    """What a product has to fulfil to be similar to each of ``names``; without those that no product can be."""
    words, models = words_of(names), {name: models_in(name) for name in names}
    joined, same = words_of(models.values(), JOINED_ANALYZER), synonyms()
    wished = {name: Wished(words[name], joined[models[name]]) for name in names}
    return {name: clauses for name in names if (clauses := alike(wished[name], same, vocabulary))}


def vocabulary_of(products: Iterable[Product]) -> Vocabulary:
    """The words of the products' names and brands."""
    shown = list(products)
    names, brands = {one.product_name for one in shown}, {one.brand for one in shown if one.brand}
    fields = {NAME: (names, NAME_ANALYZER), BRAND: (brands, PLAIN_ANALYZER), JOINED: (names, JOINED_ANALYZER)}
    words = {field: chain.from_iterable(words_of(*those).values()) for field, those in fields.items()}
    return Vocabulary(words, misspelt_in=(NAME, BRAND))


Similar = Iterator[tuple[Hit, list[str]]]
"""Hits, each with those of the wished names that it is similar to."""


def _by_fuzziness(key: str, shelf: Sequence[Clause], names: Sequence[str]) -> Iterator[tuple[Product, list[str]]]:
    for hit, similar_to in _similar(key, shelf, named(names, None), shown={}):
        if product := _product(hit["_source"]):
            yield product, similar_to


def _by_vocabulary(key: str, shelf: Sequence[Clause], names: Sequence[str]) -> Iterator[tuple[Product, list[str]]]:
    hits = _hits(key, {"query": {"bool": {"filter": shelf}}})
    products = {product.product_id: product for hit in hits if (product := _product(hit["_source"]))}
    for hit, similar_to in _similar(key, shelf, named(names, vocabulary_of(products.values())), shown=IDS_ALONE):
        # A product that came in between is for the next match, which its coming starts.
        if product := products.get(hit["sort"][0]):
            yield product, similar_to


def _similar(key: str, shelf: Sequence[Clause], wished: Named, shown: Mapping[str, Any]) -> Similar:
    """What on the shelf is similar to a wished name; a product comes again with each batch of them."""
    for batch in _batches(wished):
        yield from _answered(key, shelf, batch, shown)


def _batches(wished: Named) -> Iterator[Named]:
    batch: dict[str, Sequence[Clause]] = {}
    total = 0
    for name, clauses in wished.items():
        more = sum(map(size, clauses))
        if batch and total + more > CLAUSES_AT_ONCE:
            yield batch
            batch, total = {}, 0
        batch[name] = clauses
        total += more
    if batch:
        yield batch


def _answered(key: str, shelf: Sequence[Clause], batch: Named, shown: Mapping[str, Any]) -> Similar:
    """The answer to a batch.  Where OpenSearch cannot answer it as a whole, halves find the wish it means."""
    names = list(batch)
    should = [{"bool": {"_name": str(at), "should": batch[name]}} for at, name in enumerate(names)]
    query = {"bool": {"filter": [*shelf, {"bool": {"should": should}}]}}
    try:
        hits = list(_hits(key, {"query": query, **shown}))
    except (ServerFault, TransportError) as error:
        if len(names) == 1:
            _give_up(key, shelf, names[0], error)
            return
        for part in names[: len(names) // 2], names[len(names) // 2 :]:
            yield from _answered(key, shelf, {name: batch[name] for name in part}, shown)
        return
    for hit in hits:
        yield hit, [names[int(at)] for at in hit["matched_queries"]]


def _give_up(key: str, shelf: Sequence[Clause], name: str, error: Exception) -> None:
    """Log that OpenSearch cannot answer for ``name``; where it answers for none, its error is raised."""
    next(_hits(key, {"query": {"bool": {"filter": shelf}}, **IDS_ALONE}), None)
    logger().error("wish cannot be searched for", extra={"catalog": key, "wish": name, "reason": str(error)[:500]})


def _hits(key: str, body: Mapping[str, Any]) -> Iterator[Hit]:
    """All hits of a search in catalogue ``key``, in the order of the product ids, page after page."""
    page = {"size": PAGE, "sort": ["ProductID"], "track_total_hits": False, **body}
    shown = "timed_out,_shards.failed,hits.hits._source,hits.hits.matched_queries,hits.hits.sort"
    while True:
        with understood():
            answer = client().search(index=read_alias(), body=page, params={"routing": key, "filter_path": shown})
        if answer.get("timed_out") or answer.get("_shards", {}).get("failed"):
            raise RetryLater("OpenSearch answered in part only")
        hits = answer.get("hits", {}).get("hits", [])
        yield from hits
        if len(hits) < page["size"]:
            return
        page["search_after"] = hits[-1]["sort"]


def _product(source: dict[str, Any]) -> Product | None:
    try:
        return product_of(source)
    except msgspec.ValidationError as error:
        facts = {"product": source.get("ProductID"), "catalog": source.get("Postcode"), "reason": str(error)}
        logger().error("document is no product", extra=facts)
        return None
