"""Which products might be what a wish means: generous on the name, strict on place, stock and discount."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from chalicelib.discount import offers_at_least
from chalicelib.errors import RetryLater
from chalicelib.models import Availability, Product
from chalicelib.search.client import client, is_passing, understood
from chalicelib.search.documents import product_of
from chalicelib.search.index import read_alias
from chalicelib.telemetry import logger

MOST = 50
"""Candidates per wish, best first; the precise check takes it from there."""
AT_ONCE = 50
"""Wishes asked in one call."""
HAIR = Decimal("0.0001")
"""Discounts are stored cut to four places: asking for a hair less misses none, and the exact check follows."""
_SHOWN = "responses.status,responses.error.type,responses.error.reason,responses.hits.hits._source"
_MODEL = re.compile(r"\w*\d[\w./-]*\d[\w./-]*|\w+[-/.]\w*\d\w*")

Wish = tuple[str, str, Decimal]
"""Request id, name of the wanted product, percent off at least."""


def candidates(
    key: str, wishes: Iterable[Wish], product_ids: Iterable[str] | None = None
) -> dict[str, list[Product]]:
    """For each wish, by request id, the products of catalogue ``key`` that may be it and are cheap enough now.

    Best first, at most ``MOST``; only among ``product_ids`` where they are given.  ``RetryLater`` while OpenSearch is
    away or overloaded.
    """
    among = None if product_ids is None else sorted(set(product_ids))
    found: dict[str, list[Product]] = {}
    for batch in _batches(list(wishes)):
        queries = [_query(key, name, discount, among) for _, name, discount in batch]
        for (request_id, _, discount), products in zip(batch, _ask(key, queries), strict=True):
            found[request_id] = [product for product in products if offers_at_least(product, discount)]
    return found


def _batches(wishes: Sequence[Wish]) -> Iterator[Sequence[Wish]]:
    return (wishes[start : start + AT_ONCE] for start in range(0, len(wishes), AT_ONCE))


def _query(key: str, name: str, discount: Decimal, among: Sequence[str] | None) -> dict[str, Any]:
    filters: list[dict[str, Any]] = [
        {"term": {"Postcode": key}},
        {"term": {"Availability": Availability.IN_STOCK.value}},
    ]
    if discount > 0:
        filters.append({"range": {"Discount": {"gte": float(discount - HAIR)}}})
    if among is not None:
        filters.append({"terms": {"ProductID": among}})
    like = {"bool": {"should": _like(name), "minimum_should_match": 1}}
    return {"size": MOST, "query": {"bool": {"filter": filters, "must": [like], "should": _better(name)}}}


def _like(name: str) -> list[dict[str, Any]]:
    """What counts as similar: half of the words, typing errors forgiven, or a model number written any way."""
    words = {"query": name, "fuzziness": "AUTO", "prefix_length": 1, "max_expansions": 30}
    similar: list[dict[str, Any]] = [{"match": {"ProductName": words | {"minimum_should_match": "2<50%"}}}]
    models = " ".join(_MODEL.findall(name))
    if models:
        similar.append({"match": {"ProductName.joined": models}})
    return similar


def _better(name: str) -> list[dict[str, Any]]:
    """What makes one similar product come before another: words spelt right, the brand, the very same name."""
    return [
        {"match": {"ProductName": name}},
        {"match": {"Brand.words": name}},
        {"term": {"ProductName.exact": {"value": name, "boost": 5}}},
    ]


def _ask(key: str, queries: Sequence[dict[str, Any]]) -> Iterator[list[Product]]:
    header = msgspec.json.encode({"index": read_alias(), "routing": key})
    body = b"".join(header + b"\n" + msgspec.json.encode(query) + b"\n" for query in queries)
    with understood():
        answer = client().msearch(body=body, params={"filter_path": _SHOWN})
    responses = answer.get("responses", [])
    if len(responses) != len(queries):
        raise RetryLater("OpenSearch did not answer every question")
    return (_products(response) for response in responses)


def _products(response: Mapping[str, Any]) -> list[Product]:
    """The products of one answer.  One question that cannot be answered leaves the others alone."""
    status = response.get("status")
    if status != 200:
        if is_passing(status) or status == 404:
            raise RetryLater(f"OpenSearch answers {status}")
        logger().error("wish cannot be searched", extra={"status": status, "error": response.get("error")})
    hits = response.get("hits", {}).get("hits", [])
    return [product for hit in hits if (product := _product(hit["_source"])) is not None]


def _product(source: Mapping[str, Any]) -> Product | None:
    try:
        return product_of(source)
    except msgspec.ValidationError as error:
        facts = {"product": source.get("ProductID"), "catalog": source.get("Postcode"), "reason": str(error)}
        logger().error("document is no product", extra=facts)
        return None
