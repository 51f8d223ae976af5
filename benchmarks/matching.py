"""How fast are verdicts and candidates, and does a postcode's cost stay flat as postcodes grow?

Products and requests are made from the shopper set's names, always the same ones.  The baseline of the candidates is
one fuzzy search per request, one after another; that of the verdicts, which are asked of the pairs the index proposes
here, is rapidfuzz's token-set ratio (compiled code).  A full match is candidates and verdicts.  No two postcodes share
a name here, so that a process has each to read; shops have the same names everywhere, which is the match of names read
before.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TypeVar

import msgspec

from benchmarks.harness import Figure, Limit, Report, figure
from benchmarks.search_node import fill, search_node
from benchmarks.shopper import HERE, read_products, read_requests
from benchmarks.verdicts import rate, ratio
from chalicelib.matching.service import match
from chalicelib.matching.sides import Side
from chalicelib.matching.verdict import likelihood, side
from chalicelib.models import Product, UserRequest
from chalicelib.search import querying
from chalicelib.search.words import forget_words

POSTCODES = int(os.environ.get("POSTCODES", "200"))
PRODUCTS, REQUESTS = 100, 50
"""Of each postcode: 20,000 products and 10,000 requests in 200."""
SAMPLE = 10
"""Postcodes that are measured."""
T = TypeVar("T")
COLOURS = ("Black", "White", "Red", "Blue", "Silver", "Green", "Pink", "Grey")
CHANGED = 200
GROWN = ((100, 50), (1000, 50), (100, 500), (1000, 500))
"""Products and requests of one postcode."""


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


def timed(work: Iterable[T], do: Callable[[T], object]) -> list[float]:
    """Seconds of each call of ``do`` with one piece of ``work``."""
    found = []
    for one in work:
        before = time.perf_counter()
        do(one)
        found.append(time.perf_counter() - before)
    return found


def wishes(requests: Sequence[UserRequest]) -> list[tuple[str, str, Decimal]]:
    return [(one.request_id, one.product_name, one.discount) for one in requests]


def one_by_one(key: str, requests: Sequence[UserRequest]) -> dict[str, list[str]]:
    """One fuzzy search a request, and the products each proposes: what the full match has to find as well."""
    found: dict[str, list[str]] = {}
    for wish in wishes(requests):
        found |= ids(querying.candidates(key, [wish]))
    return found


def together(key: str, requests: Sequence[UserRequest]) -> dict[str, list[str]]:
    """The products proposed for each request, all asked at once."""
    return ids(querying.candidates(key, wishes(requests)))


def in_turn(keys: Sequence[str], asked: Mapping[str, Sequence[UserRequest]]) -> tuple[list[float], list[float]]:
    """Seconds of each postcode's candidates, one by one and all together, so that a busy moment meets both."""
    single, many = [], []
    forget_words()  # the names on the shelves, which no two postcodes share here
    for key in keys:
        single += timed([key], lambda key: one_by_one(key, asked[key]))
        many += timed([key], lambda key: together(key, asked[key]))
    return single, many


def ids(found: Mapping[str, Sequence[Product]]) -> dict[str, list[str]]:
    return {request: [product.product_id for product in products] for request, products in found.items()}


def matched(key: str, requests: Sequence[UserRequest]) -> int:
    """Search and judge; gives the number of matches."""
    return len(match(requests, querying.candidates(key, wishes(requests))))


def run(data: Path | None) -> Report:
    """Candidates and matches of every postcode, of ``SAMPLE`` of them one by one, and verdicts a second."""
    folder = data or HERE
    names = read_products(folder / "products.csv")
    wanted = [one.name for one in read_requests(folder / "requests.json")]
    keys = [key_of(at) for at in range(POSTCODES)]
    sampled = keys[:: max(1, POSTCODES // SAMPLE)]
    asked = {key: requests_of(key, wanted, REQUESTS) for key in keys}
    with search_node():
        fill(product for key in sampled for product in products_of(key, names, PRODUCTS))
        few = timed(sampled, lambda key: together(key, asked[key]))
        fill(product for key in keys for product in products_of(key, names, PRODUCTS) if key not in sampled)
        same = all(one_by_one(key, asked[key]) == together(key, asked[key]) for key in sampled)
        single, many = in_turn(sampled, asked)
        everything, again = (timed(keys, lambda key: matched(key, asked[key])) for _ in range(2))
        changes, new = narrow(sampled[0], names, wanted), timed(asked[keys[1]], lambda one: matched(keys[1], [one]))
        figures = growth(names, wanted)
        pairs = [pair for key in sampled for pair in proposed(key, asked[key])]
    figures |= {
        "verdicts a second": rate(likelihood, pairs),
        "candidates of a postcode": figure(many, "s"),
        "the same among few postcodes": figure(few, "s"),
        "full match of a postcode": figure(everything, "s"),
        "full match, names read before": figure(again, "s"),
        f"{CHANGED} changed products": figure(changes, "s"),
        "a new request": figure([seconds * 1000 for seconds in new], "ms"),
    }
    baseline = {
        "verdicts a second": rate(ratio, pairs),
        "candidates of a postcode": figure(single, "s"),
        "full match of a postcode": figure(single, "s"),
        "full match, names read before": figure(single, "s"),
    }
    said = "the same candidates as" if same else "OTHER CANDIDATES than"
    note = f"{PRODUCTS * POSTCODES} products, {REQUESTS * POSTCODES} requests, {POSTCODES} postcodes matched in "
    return Report(
        figures,
        baseline,
        limits(),
        [f"{note}{sum(everything):.1f} s; {said} one fuzzy search a request", f"{len(pairs)} verdicts"],
    )


def proposed(key: str, requests: Sequence[UserRequest]) -> list[tuple[Side, Side]]:
    """The wishes of a postcode with the products that the index proposes for them: what the verdict is asked."""
    found = querying.candidates(key, wishes(requests))
    return [(side(one.product_name), side(product)) for one in requests for product in found.get(one.request_id, ())]


def narrow(key: str, names: Sequence[Product], wanted: Sequence[str]) -> list[float]:
    """Seconds in which ``CHANGED`` changed products are matched with the requests of their postcode."""
    requests = requests_of(key, wanted, REQUESTS)
    fill(products_of(key, names, CHANGED))
    changed = [f"{key}-{at}" for at in range(CHANGED)]

    def once(product_ids: Sequence[str]) -> None:
        forget_words()
        match(requests, querying.candidates(key, wishes(requests), product_ids))

    return timed([changed] * 5, once)


def growth(names: Sequence[Product], wanted: Sequence[str]) -> dict[str, Figure]:
    """The full match of postcodes with more products, and with more requests."""
    figures = {}
    for products, requests in GROWN:
        key = f"GROWN{products}X{requests}"
        fill(products_of(key, names, products))
        asked = requests_of(key, wanted, requests)
        taken = timed([key] * 3, lambda key, asked=asked: matched(key, asked))
        figures[f"{products} products, {requests} requests"] = figure(taken, "s")
    return figures


def limits() -> dict[str, Limit]:
    return {
        "verdicts a second": Limit(at_least=50_000),
        "candidates of a postcode": Limit(at_most=1 / 15, ratio=True),
        "full match, names read before": Limit(at_most=1 / 15, ratio=True),
        f"{CHANGED} changed products": Limit(at_most=0.5),
        "a new request": Limit(at_most=300),
    }
