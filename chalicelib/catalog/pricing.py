"""What a discount is measured against, and by how much a price lies below it.  Pure, exact ``Decimal``.

The rule: the shop's was-price, but never more than the lowest price seen in the 30 days before the present price began
(after article 6a of directive 98/6/EC, which the shops themselves have to follow).  A product seen for the first time
has no history of ours, so its was-price counts; a product without a was-price has no discount.  Where a pack comes to
hold more or less, its earlier prices are compared per unit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal

from chalicelib.models import PricePoint
from chalicelib.quantities import amount_of

WINDOW = timedelta(days=30)
_PLACES = Decimal("0.0001")
_DOWN = Context(prec=80, rounding=ROUND_DOWN)

History = tuple[PricePoint, ...]


def with_price(history: History, price: Decimal | None, now: datetime) -> History:
    """``history`` (oldest first) once ``price`` was seen at ``now``, no longer than later questions need it.

    A price that was not shown, or is the present one, changes nothing.  Of the earlier prices only those are kept that
    can still be a window's lowest: one that ended before the window goes, and one followed by a lower price gives its
    time to that, because every later window that reaches the higher price reaches the lower one too.
    """
    if price is None or (history and history[-1].price == price):
        return history
    kept: list[PricePoint] = []
    for point in _in_force(history, now - WINDOW):
        began = point.since
        while kept and kept[-1].price >= point.price:
            began = kept.pop().since
        kept.append(PricePoint(since=began, price=point.price))
    return (*kept, PricePoint(since=now, price=price))


def prior_price(history: History, was_price: Decimal | None) -> Decimal | None:
    """What the last price of ``history`` is compared with; ``None`` where the shop names no was-price."""
    if was_price is None or not history:
        return was_price
    began = history[-1].since
    lows = [point.price for point in _in_force(history[:-1], began - WINDOW)]
    return min([was_price, *lows])


def for_another_quantity(history: History, before: str | None, now: str | None) -> History:
    """``history`` of a pack that held ``before`` and holds ``now`` (as written), at the same prices per unit.

    A smaller pack is not cheaper for costing less.  Where either quantity is unknown, or they measure different things,
    the prices stay.  Cut to four places: the discount is never larger than the true one.
    """
    held, holds = (amount_of(quantity) if quantity else None for quantity in (before, now))
    if held is None or holds is None or held[0] != holds[0] or held[1] == holds[1] or not held[1]:
        return history
    return tuple(
        PricePoint(
            since=point.since,
            price=_DOWN.divide(_DOWN.multiply(point.price, holds[1]), held[1]).quantize(_PLACES, context=_DOWN),
        )
        for point in history
    )


def discount(price: Decimal | None, prior: Decimal | None) -> Decimal:
    """Percent that ``price`` lies below ``prior``, cut (never rounded up) to four places; 0 where it does not."""
    if price is None or prior is None or price <= 0 or prior <= price:
        return Decimal(0)
    percent = _DOWN.divide(_DOWN.multiply(_DOWN.subtract(prior, price), Decimal(100)), prior)
    return percent.quantize(_PLACES, context=_DOWN).normalize(_DOWN) + 0


def _in_force(history: History, start: datetime) -> History:
    """The points of ``history`` whose price was still in force after ``start``."""
    ended = sum(1 for later in history[1:] if later.since <= start)
    return history[ended:]
