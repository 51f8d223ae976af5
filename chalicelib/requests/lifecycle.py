"""The life of a user request: which moves there are, and which status each leads to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from chalicelib.errors import Conflict
from chalicelib.models import RequestStatus, UserRequest

PENDING, ACTIVE, PAUSED, EXPIRED = RequestStatus
UNPROVEN_LIFE = timedelta(days=1)
"""A new request whose phone is never proven goes away after this."""


class Move(StrEnum):
    """What can happen to a request."""

    CONFIRM = "confirm the phone"
    ASK_AGAIN = "prove another phone"
    PAUSE = "pause"
    RESUME = "resume"
    EDIT = "edit"


MOVES: Mapping[tuple[RequestStatus, Move], RequestStatus] = {
    (PENDING, Move.CONFIRM): ACTIVE,
    (PENDING, Move.ASK_AGAIN): PENDING,
    (PENDING, Move.EDIT): PENDING,
    (ACTIVE, Move.ASK_AGAIN): PENDING,
    (ACTIVE, Move.PAUSE): PAUSED,
    (ACTIVE, Move.RESUME): ACTIVE,
    (ACTIVE, Move.EDIT): ACTIVE,
    (PAUSED, Move.ASK_AGAIN): PENDING,
    (PAUSED, Move.PAUSE): PAUSED,
    (PAUSED, Move.RESUME): ACTIVE,
    (PAUSED, Move.EDIT): PAUSED,
}
"""Every allowed move.  Nothing leads out of ``expired``."""
_WHY_NOT = {
    PENDING: "the phone is not proven yet: send the VerificationCode of the text first",
    ACTIVE: "the phone is proven already: leave VerificationCode out",
    PAUSED: "the phone is proven already: leave VerificationCode out",
    EXPIRED: "the request has ended: submit a new one",
}


def moved(status: RequestStatus, move: Move) -> RequestStatus:
    """The status after ``move``.  Raises ``Conflict`` where the table has no such move."""
    after = MOVES.get((status, move))
    if after is None:
        raise Conflict(f"cannot {move}: {_WHY_NOT[status]}")
    return after


def as_of(request: UserRequest, now: datetime) -> UserRequest:
    """``request`` as it is at ``now``: ``expired`` when its life is over, though DynamoDB removes it a little later.

    Source: DynamoDB developer guide, "Time to Live": expired items are typically deleted within a few days.
    """
    if request.expires_at > now:
        return request
    return msgspec.structs.replace(request, status=EXPIRED)


def end_of_life(status: RequestStatus, created_at: datetime, life: timedelta) -> datetime:
    """When a request ends, in whole seconds: ``life`` after its creation, or a day while it is unproven."""
    whole = created_at.replace(microsecond=0)
    return whole + (min(life, UNPROVEN_LIFE) if status is PENDING else life)
