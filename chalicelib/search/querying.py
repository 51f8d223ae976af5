"""Which products might be what a wish means: generous on the name, strict on place, stock and discount.

A wish is similar to a name that has half of its words (all, where there are only one or two): misspelt within
OpenSearch's fuzziness, by a synonym, joined with the next word or split.  One search answers for many wishes: each
wished name is a named clause, and every product comes once, with the names that it is similar to.

Fuzziness is what costs, so for several wishes at once it is paid once for each word: the names on the shelf are asked
for first, and a word is looked up as those of their words that it may stand for.  ``candidates`` finds the same either
way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, pairwise
from typing import Any

import msgspec

from chalicelib.discount import offers_at_least
from chalicelib.errors import RetryLater
from chalicelib.models import Availability, Product
from chalicelib.search.client import client, understood
from chalicelib.search.documents import product_of
from chalicelib.search.index import read_alias
from chalicelib.search.words import Vocabulary, synonyms, words_of
from chalicelib.telemetry import logger

CLAUSES_AT_ONCE = 1000
"""Of wishes in one search, which may have 1,024 (``indices.query.bool.max_clause_count``); the shelf takes a few."""
FEW = 3
"""So many names are quicker looked up by OpenSearch's own fuzziness than by first asking what is on the shelf."""
PAGE = 1000
"""Products in one answer."""
HAIR = Decimal("0.0001")
"""Discounts are stored cut to four places: asking for a hair less misses none, and the exact check follows."""
HALF = "2<50%"
"""Of the words of a wish: all of one or two, half of more (OpenSearch, ``minimum_should_match``)."""
SHORTEST_PART, LONGEST_WHOLE = 3, 20
"""Letters of each part, and of the whole, of a word that may have been written as two."""
_MODEL = re.compile(r"\w*\d[\w./-]*\d[\w./-]*|\w+[-/.]\w*\d\w*")
_PARTS = re.compile(r"[^\W\d]+|\d+")

Wish = tuple[str, str, Decimal]
"""Request id, name of the wanted product, percent off at least."""
Clause = dict[str, Any]


def candidates(key: str, wishes: Iterable[Wish], product_ids: Iterable[str] | None = None) -> dict[str, list[Product]]:
    """For each wish, by request id, the products of catalogue ``key`` that may be it and are cheap enough now.

    In the order of the product ids; only among ``product_ids`` where they are given.  ``RetryLater`` while OpenSearch
    is away or overloaded.
    """
    asked = list(wishes)
    found: dict[str, list[Product]] = {request_id: [] for request_id, _, _ in asked}
    if not asked:
        return found
    by_name: dict[str, list[Wish]] = {}
    for wish in asked:
        by_name.setdefault(wish[1], []).append(wish)
    shelf = shelf_of(key, min(discount for _, _, discount in asked), product_ids)
    for product, similar_to in _similar(key, shelf, list(by_name)):
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


def _names(key: str, shelf: Sequence[Clause]) -> Iterator[str]:
    for hit in _hits(key, {"query": {"bool": {"filter": shelf}}, "_source": ["ProductName", "Brand"]}):
        yield hit["_source"]["ProductName"]
        if brand := hit["_source"].get("Brand"):
            yield brand


def _similar(key: str, shelf: Sequence[Clause], names: Sequence[str]) -> Iterator[tuple[Product, list[str]]]:
    """Products on the shelf, each with those of the wished ``names`` that it is similar to."""
    vocabulary = Vocabulary(_names(key, shelf)) if len(names) > FEW else None
    words, same = words_of(names), synonyms()
    similar = [{"bool": {"_name": name, "should": alike(name, words[name], same, vocabulary)}} for name in names]
    for batch in _batches(similar):
        query = {"bool": {"filter": [*shelf, {"bool": {"should": batch, "minimum_should_match": 1}}]}}
        for hit in _hits(key, {"query": query}):
            product = _product(hit["_source"])
            if product is not None:
                yield product, hit["matched_queries"]


def _batches(clauses: Iterable[Clause]) -> Iterator[list[Clause]]:
    batch: list[Clause] = []
    size = 0
    for clause in clauses:
        more = _size(clause)
        if batch and size + more > CLAUSES_AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(clause)
        size += more
    yield batch


def _size(clause: Clause) -> int:
    """The most that OpenSearch counts for a clause: its innermost ones, and of a ``match`` one for each word."""
    ((kind, inner),) = clause.items()
    if kind == "bool":
        return sum(_size(part) for group in ("should", "filter") for part in inner.get(group, ()))
    return sum(map(len, inner.values())) if kind == "match" else 1  # a word may be as short as a letter


def alike(
    name: str, words: Sequence[str], same: dict[str, tuple[str, ...]], vocabulary: Vocabulary | None
) -> list[Clause]:
    """The clauses of which a similar product fulfils one: half of the ``words`` of ``name``, or a model number.

    ``same``: word → its synonyms.  Misspelt words are looked up in ``vocabulary``; by OpenSearch where it is
    ``None``.
    """
    each = [
        {"bool": {"should": _written(word, {*same.get(word, ()), *_joined(word, words)}, vocabulary)}}
        for word in dict.fromkeys(words)
    ]
    ways: list[Clause] = [{"bool": {"should": each, "minimum_should_match": HALF}}] if each else []
    models = " ".join(_MODEL.findall(name))
    return [*ways, {"match": {"ProductName.joined": models}}] if models else ways or [{"match_none": {}}]


def _joined(word: str, words: Sequence[str]) -> Iterator[str]:
    """``word`` written together with its neighbour."""
    return ("".join(pair) for pair in pairwise(words) if word in pair)


def _written(word: str, others: set[str], vocabulary: Vocabulary | None) -> list[Clause]:
    """The ways in which a product's name or brand can have a word: as it is, in other words, misspelt or in two."""
    exact = {word, *others}
    if vocabulary is not None:
        exact |= set(vocabulary.near(word)) if word.isalpha() else set()
        parts = [pair for pair in _in_two(word) if vocabulary.words.issuperset(pair)]
        return [*_has(sorted(exact)), *map(_has_both, parts)]
    fuzzy = [_fuzzy(field, word) for field in ("ProductName", "Brand.words")] if word.isalpha() else []
    return [*_has(sorted(exact)), *fuzzy, *map(_has_both, _in_two(word))]


def _in_two(word: str) -> list[tuple[str, str]]:
    """The ways to write a word as two: ``lawn mower``, and ``ipad 2`` between letters and digits."""
    if word.isalpha():
        cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1) if len(word) <= LONGEST_WHOLE else ()
        return [(word[:cut], word[cut:]) for cut in cuts]
    parts = _PARTS.findall(word)
    return [(parts[0], parts[1])] if len(parts) == 2 and "".join(parts) == word else []


def _has(words: Sequence[str]) -> list[Clause]:
    return [{"terms": {field: words}} for field in ("ProductName", "Brand.words")]


def _has_both(words: Sequence[str]) -> Clause:
    return {"bool": {"filter": [{"term": {"ProductName": word}} for word in words]}}


def _fuzzy(field: str, word: str) -> Clause:
    forgiven = {"value": word, "fuzziness": "AUTO", "prefix_length": 1, "rewrite": "constant_score"}
    return {"fuzzy": {field: forgiven}}


def _hits(key: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
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
