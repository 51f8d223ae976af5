"""What the queue lost, held back or never got: brought back by the ledger's index of due deliveries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.notifications import ledger, moves
from chalicelib.notifications.delivery import parked
from chalicelib.notifications.publishing import announce
from chalicelib.notifications.states import State
from chalicelib.telemetry import correlate, logger


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did."""

    published: int = 0
    parked: int = 0
    """Deliveries whose worker stopped while sending: ``unknown`` now."""


NEEDED = 10
"""Seconds one delivery may take, when the ledger and the topic are slow."""


def sweep(
    clock: Callable[[], datetime] = lambda: datetime.now(UTC), seconds_left: Callable[[], float] | None = None
) -> Swept:
    """Look at every delivery whose due time has come; to be run every minute or so.

    ``seconds_left`` is the time the function has: what does not fit is left to the next sweep.

    ``claimed``: its claimer stopped before publishing, its message was lost, or the hour it was held for has come; it
    is claimed again and published (a message too many is harmless).  ``sending``: its worker has been silent for longer
    than any answer takes; nobody can tell whether the shopper got it, so it becomes ``unknown``.
    """
    published = abandoned = 0
    for delivery in ledger.due(clock()):
        if seconds_left is not None and seconds_left() < NEEDED:
            logger().warning("deliveries left to the next sweep")
            break
        now = clock()
        correlate(delivery.message.correlation_id)
        if delivery.delivery_state is State.SENDING:
            abandoned += parked(delivery, now)
        elif delivery.delivery_state is State.CLAIMED:
            renewed = moves.take_over(delivery, now)
            published += renewed is not None and announce(renewed)
    correlate("")
    if published or abandoned:
        logger().info("deliveries swept", extra={"published": published, "parked": abandoned})
    return Swept(published, abandoned)
