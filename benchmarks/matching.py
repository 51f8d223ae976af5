"""How fast are verdicts and candidates, and does a postcode's cost stay flat as postcodes grow?

Products and requests are made from the shopper set's names, always the same ones.  The baseline of the candidates is
one fuzzy search per request, one after another; that of the verdicts is rapidfuzz's token-set ratio (compiled code).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random

import msgspec

from benchmarks.harness import Figure, Limit, Report, figure
from benchmarks.pairs import default_folder, read_pairs, side
from benchmarks.search_node import fill, search_node
from benchmarks.shopper import HERE, read_products, read_requests
from chalicelib.matching.service import match
from chalicelib.matching.verdict import likelihood
from chalicelib.models import Product, UserRequest
from chalicelib.search import querying
from chalicelib.search.client import client
from chalicelib.search.index import read_alias

POSTCODES = int(os.environ.get("POSTCODES", "200"))
PRODUCTS, REQUESTS = 100, 50
"""Of each postcode: 20,000 products and 10,000 requests in 200."""
SAMPLE = 10
"""Postcodes that are measured."""
COLOURS = ("Black", "White", "Red", "Blue", "Silver", "Green", "Pink", "Grey")
CHANGED = 200


def key_of(at: int) -> str:
    return f"ZZ{at // 10}{at % 10}AA"


def products_of(key: str, names: Sequence[Product], count: int) -> Iterator[Product]:
    """``count`` products of a postcode: real names, each with another colour or part number."""
    chance = Random(key)
    for at in range(count):
        plain = chance.choice(names)
        name = f"{plain.product_name} {chance.choice(COLOURS)} {chance.randrange(10**5):05}"
        price = Decimal(chance.randrange(500, 9000)) / 100
        yield msgspec.structs.replace(
            plain,
            product_id=f"{key}-{at}",
            product_name=name,
            postcode=key,
            price=price,
            prior_price=price * 2,
            discount=Decimal(50),
        )


def requests_of(key: str, names: Sequence[str], count: int) -> list[UserRequest]:
    """``count`` requests of a postcode, for half the price."""
    chance = Random(key + "requests")
    plain = msgspec.convert(
        {
            "RequestID": "", "Postcode": key, "ProductName": "", "Discount": "20", "PhoneNumber": "+447700900123",
            "Status": "active", "Version": 1, "CreatedAt": "2026-01-05T00:00:00Z", "UpdatedAt": "2026-01-05T00:00:00Z",
            "ExpiresAt": "2027-01-05T00:00:00Z",
        },
        UserRequest,
        strict=False,
    )  # fmt: skip
    return [
        msgspec.structs.replace(plain, request_id=f"{key}-r{at}", product_name=chance.choice(names))
        for at in range(count)
    ]


def timed(work: Sequence[object], do: object) -> list[float]:
    """Seconds of each call of ``do`` with one piece of ``work``."""
    found = []
    for one in work:
        before = time.perf_counter()
        do(one)  # type: ignore[operator]
        found.append(time.perf_counter() - before)
    return found


def wishes(requests: Sequence[UserRequest]) -> list[tuple[str, str, Decimal]]:
    return [(one.request_id, one.product_name, one.discount) for one in requests]


def one_by_one(key: str, requests: Sequence[UserRequest]) -> dict[str, set[str]]:
    """One search a request: what the full match has to find as well."""
    found = {}
    for request_id, name, discount in wishes(requests):
        body = querying._query(key, name, discount, None)
        hits = client().search(index=read_alias(), body=body, params={"routing": key})["hits"]["hits"]
        found[request_id] = {hit["_source"]["ProductID"] for hit in hits}
    return found


def verdict_figures() -> tuple[dict[str, Figure], dict[str, Figure]]:
    """Verdicts a second over pairs of names, read before, and read for the first time."""
    from rapidfuzz.fuzz import token_set_ratio

    pairs = [pair for path in sorted(default_folder().glob("*.valid.tsv.gz")) for pair in read_pairs(path)]
    sides = [(side(pair, "wanted", False), side(pair, "offered", True)) for pair in pairs]
    rates, plain = [], []
    for _ in range(5):
        before = time.process_time()
        for a, b in sides:
            likelihood(a, b)
        rates.append(len(sides) / (time.process_time() - before))
        before = time.process_time()
        for pair in pairs:
            token_set_ratio(pair.wanted, pair.offered)
        plain.append(len(pairs) / (time.process_time() - before))
    return {"verdicts a second": figure(rates, "1/s")}, {"verdicts a second": figure(plain, "1/s")}


def run(data: Path | None) -> Report:
    """Candidates and matches of ``SAMPLE`` postcodes among ``POSTCODES``, and verdicts a second."""
    folder = data or HERE
    names = read_products(folder / "products.csv")
    wanted = [one.name for one in read_requests(folder / "requests.json")]
    figures, baseline = verdict_figures()
    sampled = [key_of(at * (POSTCODES // SAMPLE)) for at in range(SAMPLE)]
    asked = {key: requests_of(key, wanted, REQUESTS) for key in sampled}
    with search_node():
        fill(product for key in sampled for product in products_of(key, names, PRODUCTS))
        few = timed(sampled, lambda key: matched(key, asked[key]))
        rest = (key_of(at) for at in range(POSTCODES) if key_of(at) not in asked)
        count = PRODUCTS * SAMPLE + fill(product for key in rest for product in products_of(key, names, PRODUCTS))
        same = all(
            one_by_one(key, asked[key]) == {request: set(found) for request, found in proposed(key, asked[key]).items()}
            for key in sampled[:3]
        )
        many, single = [], []
        for key in sampled:
            many += timed([key], lambda key: matched(key, asked[key]))
            single += timed([key], lambda key: one_by_one(key, asked[key]))
        changed = [f"{sampled[0]}-{at}" for at in range(CHANGED)]
        changes = timed([changed] * 5, lambda ids: querying.candidates(sampled[0], wishes(asked[sampled[0]]), ids))
        new = timed(asked[sampled[1]], lambda request: matched(request.postcode, [request]))
    figures |= {
        "full match of a postcode": figure(many, "s"),
        "the same among few postcodes": figure(few, "s"),
        f"{CHANGED} changed products": figure(changes, "s"),
        "a new request": figure([seconds * 1000 for seconds in new], "ms"),
    }
    baseline |= {"full match of a postcode": figure(single, "s")}
    limits = {
        "verdicts a second": Limit(at_least=50_000),
        "full match of a postcode": Limit(at_most=1 / 15, ratio=True),
        f"{CHANGED} changed products": Limit(at_most=0.5),
        "a new request": Limit(at_most=300),
    }
    said = "the same candidates as" if same else "OTHER CANDIDATES than"
    return Report(
        figures, baseline, limits, [f"{count} products, {POSTCODES} postcodes; {said} one search per request"]
    )


def proposed(key: str, requests: Sequence[UserRequest]) -> dict[str, list[str]]:
    """The products the index proposes for each request."""
    found = querying.candidates(key, wishes(requests))
    return {request: [product.product_id for product in products] for request, products in found.items()}


def matched(key: str, requests: Sequence[UserRequest]) -> int:
    """Search and judge; gives the number of matches."""
    return len(match(requests, querying.candidates(key, wishes(requests))))
