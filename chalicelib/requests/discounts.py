"""Discounts as value objects: percent off, 0 to 100, exact."""

from __future__ import annotations

from decimal import Decimal

from chalicelib.requests.wrong import Wrong

DIGITS = 38
"""Significant digits a DynamoDB number keeps (developer guide, "Supported data types")."""
SMALLEST = Decimal("0.0001")


def read_discount(number: int | Decimal) -> Decimal:
    """The percentage, with no exponent and no trailing zeros.  Raises ``Wrong`` outside 0 to 100.

    Nothing is rounded: a number that cannot be kept exactly is refused.
    """
    value = Decimal(number)
    if not value.is_finite() or not 0 <= value <= 100:
        raise Wrong("OutOfRange", "must be percent off, from 0 to 100")
    if value == 0:
        return Decimal(0)
    if value < SMALLEST:
        raise Wrong("OutOfRange", f"must be 0, or at least {SMALLEST}")
    exact = _plain(value)
    if len(exact.as_tuple().digits) > DIGITS:
        raise Wrong("TooPrecise", f"must have at most {DIGITS} digits")
    return exact


def _plain(value: Decimal) -> Decimal:
    """Without exponent and trailing zeros; ``Decimal.normalize`` would round to the context's precision."""
    text = format(value, "f")
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
