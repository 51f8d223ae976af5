"""Which way of asking for the candidates of many wishes is the quickest, when all give the same?

Each way gets 50 wishes of one postcode among 20,000 products, and what it finds is compared with one fuzzy search per
wish.  Chosen by it: ``docs/decisions/0124-many-wishes-read-the-shelf-once.md``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.harness import Report, figure, tell
from benchmarks.matching import POSTCODES, PRODUCTS, REQUESTS, SAMPLE, key_of, products_of, requests_of, wishes
from benchmarks.search_node import fill, search_node
from benchmarks.shopper import HERE, read_products, read_requests
from chalicelib.models import Product
from chalicelib.search import mapping, querying
from chalicelib.search.clauses import Clause
from chalicelib.search.client import client
from chalicelib.search.documents import product_of
from chalicelib.search.index import read_alias
from chalicelib.search.inverted_index import InvertedIndex
from chalicelib.search.querying import Wish
from chalicelib.search.words import forget_words, synonyms

Found = dict[str, set[str]]
"""Request id → ids of the products proposed."""
WISHES = "wishes"
"""The percolator's index."""
LARGEST = 1000
NAMED_AT_ONCE = 10
"""Wishes in one search, which may have 1,024 clauses (``indices.query.bool.max_clause_count``)."""
MANY = ((1000, 1000), (1000, 10_000))
"""Products and different wishes of one postcode."""


def one_by_one(key: str, asked: Sequence[Wish]) -> Found:
    """One fuzzy search per wish."""
    return {wish[0]: found for wish in asked for found in together(key, [wish]).values()}


def together(key: str, asked: Sequence[Wish]) -> Found:
    """As in production: one search for the shelf, which is looked through here."""
    return {
        request: {product.product_id for product in products}
        for request, products in querying.candidates(key, asked).items()
    }


def plain_matches(key: str, asked: Sequence[Wish]) -> Found:
    """One plain ``match`` per wish, fuzzy and of all words: narrower, as it knows no synonyms or split words."""
    found: Found = {}
    for request, name, discount in asked:
        similar = {"match": {"Words": {"query": name, "fuzziness": "AUTO", "operator": "and"}}}
        query = {"bool": {"filter": [*querying.filters_of(key, discount, None), similar]}}
        body = {"query": query, "size": LARGEST, "_source": False, "track_total_hits": False}
        answer = client().search(index=read_alias(), body=body, params={"routing": key})
        found[request] = {hit["_id"].partition(":")[2] for hit in answer["hits"]["hits"]}
    return found


def fuzzy_together(key: str, asked: Sequence[Wish]) -> Found:
    """One ``_msearch`` of the fuzzy searches."""
    return searched(key, asked, None)


def expanded_together(key: str, asked: Sequence[Wish]) -> Found:
    """One ``_msearch``, the words of each search expanded against the shelf."""
    return searched(key, asked, shelf(key))


def named_together(key: str, asked: Sequence[Wish]) -> Found:
    """One search of named clauses, one for each wish, its words expanded against the shelf; only ids come back."""
    stocked = shelf(key)
    named = [
        {"bool": {"_name": wish[0], "filter": those}}
        for wish, those in zip(asked, clauses(key, asked, stocked), strict=True)
    ]
    found: Found = {wish[0]: set() for wish in asked}
    for at in range(0, len(named), NAMED_AT_ONCE):
        query = {
            "bool": {"filter": [{"term": {"Postcode": key}}, {"bool": {"should": named[at : at + NAMED_AT_ONCE]}}]}
        }
        body = {"query": query, "size": LARGEST, "_source": False, "track_total_hits": False}
        for hit in client().search(index=read_alias(), body=body, params={"routing": key})["hits"]["hits"]:
            for request in hit["matched_queries"]:
                found[request].add(hit["_id"].partition(":")[2])
    return found


def searched(key: str, asked: Sequence[Wish], stocked: InvertedIndex | None) -> Found:
    """One ``_msearch`` with a search for each wish; only ids come back."""
    lines: list[dict[str, Any]] = []
    for filters in clauses(key, asked, stocked):
        body = {"query": {"bool": {"filter": filters}}, "size": LARGEST, "_source": False, "track_total_hits": False}
        lines += [{"routing": key}, body]
    shown = {"filter_path": "responses.status,responses.hits.hits._id"}
    answers = client().msearch(index=read_alias(), body=lines, params=shown)["responses"]
    return {
        wish[0]: {hit["_id"].partition(":")[2] for hit in answer.get("hits", {}).get("hits", [])}
        for wish, answer in zip(asked, answers, strict=True)
    }


def clauses(key: str, asked: Sequence[Wish], stocked: InvertedIndex | None) -> Iterator[list[Clause]]:
    """For each wish, what a candidate has to fulfil; with the words of the shelf, where it is given."""
    similar = querying.similar([name for _, name, _ in asked])
    for _, name, discount in asked:
        those = similar.get(name) or [{"match_none": {}}]
        should = [expanded(clause, stocked) for clause in those] if stocked else those
        yield [*querying.filters_of(key, discount, None), {"bool": {"should": should}}]


def expanded(clause: Clause, stocked: InvertedIndex) -> Clause:
    """``clause`` with the words on the shelf that a misspelt one may stand for in the place of fuzziness."""
    ((kind, asked),) = clause.items()
    if kind == "fuzzy":
        ((field, forgiven),) = asked.items()
        return {"terms": {field: stocked.near(forgiven["value"])}}
    if kind != "bool":
        return clause
    parts = {how: [expanded(part, stocked) for part in asked[how]] for how in ("should", "filter") if how in asked}
    return {"bool": asked | parts}


def register(key: str, asked: Sequence[Wish], with_shelf: bool) -> None:
    """Store the wishes in the percolator as queries, fuzzy ones or with their words expanded against the shelf."""
    stocked = shelf(key) if with_shelf else None
    lines: list[dict[str, Any]] = []
    for wish, filters in zip(asked, clauses(key, asked, stocked), strict=True):
        lines += [{"index": {"_id": wish[0]}}, {"Key": key, "Wish": {"bool": {"filter": filters}}}]
    client().bulk(index=WISHES, body=lines, params={"refresh": "true"})


def percolated(key: str, asked: Sequence[Wish]) -> Found:
    """The shelf's products shown to the wishes that are registered."""
    shelf = sources_of(key)
    shown = {"percolate": {"field": "Wish", "documents": shelf}}
    query = {"bool": {"filter": [{"term": {"Key": key}}, shown]}}
    answer = client().search(index=WISHES, body={"query": query, "size": LARGEST, "_source": False})
    found: Found = {wish[0]: set() for wish in asked}
    for hit in answer["hits"]["hits"]:
        found[hit["_id"]] = {shelf[slot]["ProductID"] for slot in hit["fields"]["_percolator_document_slot"]}
    return found


def sources_of(key: str) -> list[dict[str, Any]]:
    """What stands on the shelf of ``key``."""
    body = {"query": {"bool": {"filter": querying.filters_of(key, Decimal(20), None)}}, "size": LARGEST}
    answer = client().search(index=read_alias(), body=body, params={"routing": key})
    return [hit["_source"] for hit in answer["hits"]["hits"]]


def shelf(key: str) -> InvertedIndex:
    """The words on the shelf of ``key``."""
    return querying.inverted([product_of(source) for source in sources_of(key)])


def ready_percolator() -> None:
    """An empty index whose documents are queries over the fields of products."""
    properties = {**mapping.MAPPING["properties"], "Key": {"type": "keyword"}, "Wish": {"type": "percolator"}}
    shape = {"dynamic": False, "properties": properties}
    client().indices.delete(index=WISHES, params={"ignore_unavailable": "true"})
    client().indices.create(index=WISHES, body={"mappings": shape, "settings": {"analysis": mapping.ANALYSIS}})


def timed(do: Callable[[], object]) -> float:
    """Milliseconds of ``do`` in a process that has seen none of the names."""
    forget_words()
    synonyms()
    before = time.perf_counter()
    do()
    return (time.perf_counter() - before) * 1000


WAYS: dict[str, Callable[[str, Sequence[Wish]], Found]] = {
    "one fuzzy search a wish": one_by_one,
    "_msearch, fuzzy": fuzzy_together,
    "_msearch, words expanded": expanded_together,
    "one search, words expanded": named_together,
    "one search for the shelf (production)": together,
    "one plain match a wish": plain_matches,
}
PERCOLATORS = {"percolator, fuzzy": False, "percolator, words expanded": True}


def run(data: Path | None) -> Report:
    """Every way for ``SAMPLE`` postcodes in turn; a percolator's registering is timed apart."""
    folder = data or HERE
    names = read_products(folder / "products.csv")
    wanted = [one.name for one in read_requests(folder / "requests.json")]
    keys = [key_of(at) for at in range(POSTCODES)]
    asked = {key: wishes(requests_of(key, wanted, REQUESTS)) for key in keys}
    sampled = keys[:: max(1, POSTCODES // SAMPLE)]
    with search_node():
        fill(product for key in keys for product in products_of(key, names, PRODUCTS))
        expected = {key: one_by_one(key, asked[key]) for key in sampled}
        taken, notes = searches(asked, expected)
        for name, with_shelf in PERCOLATORS.items():
            tell(name)
            registering, percolating, found = percolator(asked, expected, with_shelf)
            taken |= {f"{name}: registering": registering, name: percolating}
            notes.append(told(name, found, list(expected.values())))
        taken |= {
            f"{wished:,} wishes, {stocked:,} products": [many(stocked, wished, names, wanted)]
            for stocked, wished in MANY
        }
    figures = {name: figure(samples, "ms") for name, samples in taken.items()}
    plain = figures["one fuzzy search a wish"]
    compared = dict.fromkeys((*WAYS, *PERCOLATORS), plain)
    heading = (
        f"{REQUESTS} wishes of one postcode among {PRODUCTS * POSTCODES:,} products; baseline: one fuzzy search a wish."
    )
    return Report(figures, compared, {}, [heading, *notes])


def searches(asked: dict[str, list[Wish]], expected: dict[str, Found]) -> tuple[dict[str, list[float]], list[str]]:
    """Milliseconds of each way, postcode by postcode in turn, and how much it found of what was expected."""
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    found: dict[str, list[Found]] = {name: [] for name in WAYS}
    for key in expected:
        for name, way in WAYS.items():
            taken[name].append(timed(partial(way, key, asked[key])))
            found[name].append(way(key, asked[key]))
    right = list(expected.values())
    return taken, [told(name, each, right) for name, each in found.items()]


def percolator(
    asked: dict[str, list[Wish]], expected: dict[str, Found], with_shelf: bool
) -> tuple[list[float], list[float], list[Found]]:
    """Milliseconds of registering the wishes of a postcode and of matching them, with every postcode's registered, and
    what was found."""
    ready_percolator()
    registering = [timed(partial(register, key, those, with_shelf)) for key, those in asked.items()]
    percolating = [timed(partial(percolated, key, asked[key])) for key in expected]
    return registering, percolating, [percolated(key, asked[key]) for key in expected]


def told(name: str, found: Sequence[Found], expected: Sequence[Found]) -> str:
    """How many of the expected candidates were found, and how many others."""
    right, here = pairs_of(expected), pairs_of(found)
    return f"{name}: {len(here & right)} of {len(right)} candidates, {len(here - right)} others"


def many(stocked: int, wished: int, names: Sequence[Product], wanted: Sequence[str]) -> float:
    """Milliseconds for ``wished`` different wishes of one postcode with ``stocked`` products."""
    key = f"MANY{stocked}X{wished}"
    fill(products_of(key, names, stocked))
    asked = [
        (wish, f"{name} {at}"[:100], least)
        for at, (wish, name, least) in enumerate(wishes(requests_of(key, wanted, wished)))
    ]
    tell(f"{wished} wishes")
    return timed(partial(together, key, asked))


def pairs_of(found: Sequence[Found]) -> set[tuple[str, str]]:
    """Each request id with each of its products."""
    return {(request, product) for each in found for request, products in each.items() for product in products}
