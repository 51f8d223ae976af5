"""Which products might be what a wish means: generous on the name, strict on place, stock and discount.

One name is one search: OpenSearch finds its words, however misspelt.  For several names that would cost as often, so
what is in stock and cheap enough at the place, the shelf, is read in one search and looked through here, by the same
clauses (``clauses.py``).  ``candidates`` finds the same either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

import msgspec
from opensearchpy.exceptions import TransportError

from chalicelib.discount import offers_at_least
from chalicelib.errors import RetryLater
from chalicelib.models import Availability, Product
from chalicelib.search.clauses import JOINED, WORDS, Clause, Wished, alike, models_in
from chalicelib.search.client import ServerFault, client, understood
from chalicelib.search.documents import product_of
from chalicelib.search.index import read_alias
from chalicelib.search.inverted_index import InvertedIndex
from chalicelib.search.words import JOINED_ANALYZER, meanings, words_of
from chalicelib.synonyms import with_phrases_mended
from chalicelib.telemetry import logger

FEW = 3
"""So many names are quicker searched for one by one than on a shelf that has to be read first."""
PAGE = 1000
"""Products in one answer."""
HAIR = Decimal("0.0001")
"""Discounts are stored cut to four places: asking for a hair less misses none, and the exact check follows."""

Wish = tuple[str, str, Decimal]
"""Request id, name of the wanted product, percent off at least."""
Hit = dict[str, Any]
Found = Iterator[tuple[str, list[Product]]]
"""Wished names, each with the products that are similar to it."""


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
    filters = filters_of(key, min(discount for _, _, discount in asked), product_ids)
    way = _searched if len(by_name) <= FEW else _looked_up
    for name, products in way(key, filters, by_name):
        for request_id, _, discount in by_name[name]:
            found[request_id] = [product for product in products if offers_at_least(product, discount)]
    return found


def filters_of(key: str, discount: Decimal, product_ids: Iterable[str] | None) -> list[Clause]:
    """What a product of catalogue ``key`` has to be, whatever its name, to be ``discount`` percent off: filters."""
    filters: list[Clause] = [{"term": {"Postcode": key}}, {"term": {"Availability": Availability.IN_STOCK.value}}]
    if discount > 0:
        filters.append({"range": {"Discount": {"gte": float(discount - HAIR)}}})
    if product_ids is not None:
        filters.append({"terms": {"ProductID": sorted(set(product_ids))}})
    return filters


def similar(names: Iterable[str]) -> dict[str, list[Clause]]:
    """For each of ``names`` the clauses of which a similar product fulfils one; without those that have no words."""
    wanted = {name: with_phrases_mended(name) for name in names}
    words, models = words_of(wanted.values()), {name: models_in(name) for name in wanted}
    joined, same = words_of(models.values(), JOINED_ANALYZER), meanings(chain.from_iterable(words.values()))
    wished = {name: Wished(words[mended], joined[models[name]]) for name, mended in wanted.items()}
    return {name: clauses for name in wanted if (clauses := alike(wished[name], same))}


def inverted(products: Sequence[Product]) -> InvertedIndex:
    """The words of ``products``, to be asked as OpenSearch is; places are those in ``products``."""
    texts = [(one.product_name, one.brand or "", one.category or "") for one in products]
    words = words_of(chain.from_iterable(texts))
    joined = words_of((one.product_name for one in products), JOINED_ANALYZER)
    return InvertedIndex(
        {
            WORDS: [[*words[name], *words[brand], *words[category]] for name, brand, category in texts],
            JOINED: [joined[one.product_name] for one in products],
        }
    )


def _searched(key: str, filters: Sequence[Clause], names: Iterable[str]) -> Found:
    """One search a name: OpenSearch looks for the words, however misspelt."""
    for name, clauses in similar(names).items():
        query = {"bool": {"filter": [*filters, {"bool": {"should": clauses}}]}}
        try:
            products = _products(key, query)
        except (ServerFault, TransportError) as error:
            _give_up(key, filters, name, error)
            continue
        yield name, products


def _looked_up(key: str, filters: Sequence[Clause], names: Iterable[str]) -> Found:
    """One search for all names: what OpenSearch has on the shelf is looked through here."""
    products = _products(key, {"bool": {"filter": filters}})
    at_hand = inverted(products)
    for name, clauses in similar(names).items():
        yield name, [products[at] for at in at_hand.fulfilling(clauses)]


def _products(key: str, query: Clause) -> list[Product]:
    return [product for hit in _hits(key, query) if (product := _product(hit["_source"]))]


def _give_up(key: str, filters: Sequence[Clause], name: str, error: Exception) -> None:
    """Log that OpenSearch cannot answer for ``name``; where it answers for none, its error is raised."""
    next(_hits(key, {"bool": {"filter": filters}}), None)
    logger().error("wish cannot be searched for", extra={"catalog": key, "wish": name, "reason": str(error)[:500]})


def _hits(key: str, query: Clause) -> Iterator[Hit]:
    """All hits of ``query`` in catalogue ``key``, in the order of the product ids, page after page."""
    page: dict[str, Any] = {"query": query, "size": PAGE, "sort": ["ProductID"], "track_total_hits": False}
    while True:
        with understood():
            answer = client().search(index=read_alias(), body=page, params={"routing": key})
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise RetryLater("OpenSearch answered in part only")
        hits = answer["hits"]["hits"]
        yield from hits
        if len(hits) < PAGE:
            return
        page["search_after"] = hits[-1]["sort"]


def _product(source: dict[str, Any]) -> Product | None:
    try:
        return product_of(source)
    except msgspec.ValidationError as error:
        facts = {"product": source.get("ProductID"), "catalog": source.get("Postcode"), "reason": str(error)}
        logger().error("document is no product", extra=facts)
        return None
