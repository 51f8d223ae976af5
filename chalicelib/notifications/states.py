"""The states of one delivery (a notification on one channel) and the moves between them.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a delivery stands; ``docs/notifications.md`` has the diagram."""

    CLAIMED = "claimed"
    """It is somebody's task to send it: of the queue, or of the sweep once its due time has come."""
    SENDING = "sending"
    """A worker is about to call the channel, or has; only that worker knows which."""
    SENT = "sent"
    FAILED = "failed"
    """The channel refused it for good."""
    UNKNOWN = "unknown"
    """It may have been sent, and nobody can tell: never sent again."""
    SUPPRESSED = "suppressed"
    """The shopper does not want it: the request is gone or paused, or the phone has opted out."""
    EXPIRED = "expired"
    """It was no longer true when it could have been sent."""


MOVES: Mapping[State, frozenset[State]] = {
    # To itself: held until a better hour, or taken over after its lease ran out.
    State.CLAIMED: frozenset({State.CLAIMED, State.SENDING, State.SUPPRESSED, State.EXPIRED, State.FAILED}),
    # Back to claimed only when the channel has said that it did not take the text.
    State.SENDING: frozenset({State.SENT, State.FAILED, State.UNKNOWN, State.CLAIMED, State.SUPPRESSED}),
    # The worker that was sending may still report, under its own token, what became of it.
    State.UNKNOWN: frozenset({State.SENT, State.FAILED, State.CLAIMED, State.SUPPRESSED}),
    State.SENT: frozenset(),
    State.FAILED: frozenset(),
    State.SUPPRESSED: frozenset(),
    State.EXPIRED: frozenset(),
}

OPEN = frozenset({State.CLAIMED, State.SENDING})
"""States somebody has to look at again; the ledger's index of due work holds only these."""
UNTOLD = frozenset({State.SUPPRESSED, State.EXPIRED})
"""States in which the shopper certainly heard nothing, so that the same news may be claimed again."""


def sources(target: State, *, among: frozenset[State]) -> frozenset[State]:
    """Those of ``among`` from which a move to ``target`` is allowed.

    Raises ``ValueError`` where there is none: a caller that asks for such a move is wrong.
    """
    allowed = frozenset(source for source in among if target in MOVES[source])
    if not allowed:
        raise ValueError(f"no move to {target} from {sorted(among)}")
    return allowed
