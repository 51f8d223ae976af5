"""Requests × candidates → matches.  Pure: the caller brings the candidates and publishes what is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.discount import offers_at_least
from chalicelib.matching.verdict import judge
from chalicelib.models import Match, Product, UserRequest


def match(requests: Iterable[UserRequest], candidates: Mapping[str, Sequence[Product]]) -> list[Match]:
    """Every request with each of its candidates that is the wanted product at the wanted discount.

    ``candidates`` are by request id.  In the order of the requests, the surest match of each first.
    """
    found: list[Match] = []
    for request in requests:
        matches = [one for product in candidates.get(request.request_id, ()) if (one := _match(request, product))]
        found.extend(sorted(matches, key=lambda one: (-one.score, one.product.product_id)))
    return found


def _match(request: UserRequest, product: Product) -> Match | None:
    if not offers_at_least(product, request.discount):
        return None
    verdict = judge(request.product_name, product)
    if not verdict.accepted:
        return None
    return Match(request_id=request.request_id, product=product, score=round(verdict.score, 4), reasons=verdict.reasons)
