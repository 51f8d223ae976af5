"""What shoppers were, or were not, told, as the ledger has it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chalicelib.notifications import ledger
from chalicelib.notifications.ledger import Delivery


def told(request_id: str, now: datetime) -> list[str]:
    """Everything about the request ``request_id``; empty: the texts nobody can tell of, of all requests."""
    return lines(ledger.history(request_id) if request_id else ledger.unknown(now))


def lines(deliveries: Iterable[Delivery]) -> list[str]:
    """One line for each delivery and, indented, one for each of its products."""
    shown: list[str] = []
    for one in deliveries:
        message = one.message
        facts = (f"{message.claimed_at:%Y-%m-%d %H:%M:%S}", message.request_id, message.channel, one.delivery_state)
        shown.append("  ".join((*facts, one.message_id or one.reason or "-")))
        for item in message.items:
            price = f"{item.price} {item.currency or ''}".strip() if item.price is not None else "no price"
            shown.append(f"    {item.product_id}  episode {item.episode}  {price}, {item.discount} % off")
    return shown
