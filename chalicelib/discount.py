"""Whether an offer is good enough, exactly.  Pure; every stage that compares discounts asks here."""

from __future__ import annotations

from decimal import Decimal

from chalicelib.models import Availability, Product


def offers_at_least(product: Product, percent: Decimal) -> bool:
    """Whether ``product`` can be bought now at ``percent`` (0 to 100) or more below its prior price.

    Compares by multiplication, so that 20 % off is 20 % at the boundary whatever a division would round to.  A product
    without a price or not known to be in stock offers nothing; one without a prior price, or dearer than it, 0 %.
    """
    if product.availability is not Availability.IN_STOCK or product.price is None or product.price <= 0:
        return False
    prior = product.price if product.prior_price is None else max(product.prior_price, product.price)
    return prior * (100 - percent) >= product.price * 100
