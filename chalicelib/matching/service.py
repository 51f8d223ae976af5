"""Requests × candidates → matches.  Pure: the caller brings the candidates and publishes what is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.discount import offers_at_least
from chalicelib.matching.sides import Side
from chalicelib.matching.verdict import Verdict, judge, side
from chalicelib.models import Match, Product, UserRequest


def match(requests: Iterable[UserRequest], candidates: Mapping[str, Sequence[Product]]) -> list[Match]:
    """Every request with each of its candidates that is the wanted product at the wanted discount.

    ``candidates`` are by request id.  In the order of the requests, the surest match of each first.
    """
    found: list[Match] = []
    offers: dict[str, Side] = {}  # by product id: a product is a candidate of many requests and is read once
    for request in requests:
        wanted, matches = side(request.product_name), []
        for product in candidates.get(request.request_id, ()):
            if offers_at_least(product, request.discount):
                offered = offers.get(product.product_id) or offers.setdefault(product.product_id, side(product))
                verdict = judge(wanted, offered)
                if verdict.accepted:
                    matches.append(_match(request, product, verdict))
        found.extend(sorted(matches, key=lambda one: (-one.score, one.product.product_id)))
    return found


def _match(request: UserRequest, product: Product, verdict: Verdict) -> Match:
    return Match(request_id=request.request_id, product=product, score=round(verdict.score, 4), reasons=verdict.reasons)
