"""What a wish would match now, and why or why not.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from chalicelib.discount import offers_at_least
from chalicelib.matching.verdict import explain
from chalicelib.models import Preview, Previewed, Product

MOST_OTHERS = 10
"""Products that would not match, the likeliest first; more help nobody to mend a wish."""


def preview(product_name: str, discount: Decimal, products: Iterable[Product]) -> Preview:
    """The wish for ``product_name`` at ``discount`` percent off against ``products``, by the rules of matching."""
    matches: list[Previewed] = []
    others: list[Previewed] = []
    for product in products:
        verdict = explain(product_name, product)
        cheap = offers_at_least(product, discount)
        reasons = verdict.reasons if cheap or not verdict.accepted else (*verdict.reasons, _too_dear(product, discount))
        (matches if verdict.accepted and cheap else others).append(_previewed(product, verdict.score, reasons))
    return Preview(matches=tuple(_surest(matches)), others=tuple(_surest(others)[:MOST_OTHERS]))


def _too_dear(product: Product, discount: Decimal) -> str:
    return f"{product.discount.normalize():f} % off now, {discount.normalize():f} % wanted"


def _surest(seen: list[Previewed]) -> list[Previewed]:
    return sorted(seen, key=lambda one: (-one.score, one.product_id))


def _previewed(product: Product, score: float, reasons: tuple[str, ...]) -> Previewed:
    return Previewed(
        product_id=product.product_id,
        product_name=product.product_name,
        store_brand=product.store_brand,
        url=product.url,
        discount=product.discount,
        price=product.price,
        prior_price=product.prior_price,
        currency=product.currency,
        score=round(score, 2),
        reasons=reasons,
    )
