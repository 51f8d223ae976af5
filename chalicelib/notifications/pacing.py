"""The account's rate of texts, shared by all workers: turns are reserved a few at a time from one clock in the ledger.

The clock (``NextTurn``, epoch milliseconds) is when the next free turn is.  Reserving ``n`` turns moves it on by ``n``
intervals.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from chalicelib.errors import RetryLater
from chalicelib.items import plain
from chalicelib.notifications import store

BLOCK = 8
"""Turns reserved at a time, or half a second's: what the limit costs is one request in so many texts."""
LONGEST_WAIT = 3_000
"""Milliseconds a worker waits for its turn; beyond that the message waits in the queue."""
ATTEMPTS = 10
IDLE = 1_000
"""Milliseconds after which a clock that nobody moved is set anew: turns of the past are not saved up."""
KEPT = 5_000
"""Milliseconds a reserved turn stays good after its time: a burst is at most a block for each process."""


class Pacer:
    """Turns of one channel for this process."""

    def __init__(
        self, name: str, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._key = f"Rate#{name}", "Rate"
        self._clock = clock
        self._sleep = sleep
        self._turns: deque[float] = deque()
        self._next = 0

    def wait(self, rate: int) -> None:
        """Come back when it is this process's turn, at ``rate`` a second over all processes.

        Raises ``RetryLater`` when that would take more than three seconds.
        """
        now = self._clock() * 1000
        while self._turns and self._turns[0] < now - KEPT:
            self._turns.popleft()
        if not self._turns:
            block, interval = max(1, min(BLOCK, rate // 2)), 1000 / rate
            first = self._reserve(round(block * interval), int(now))
            self._turns.extend(first + at * interval for at in range(block))
        early = self._turns.popleft() - now
        if early > 0:
            self._sleep(early / 1000)

    def _reserve(self, length: int, now: int) -> float:
        """Start of a block of turns of ``length``, both in milliseconds.

        One request where this process knows whether others are sending; two where it has to learn it.
        """
        oldest, latest = now - IDLE, now + LONGEST_WAIT
        for _ in range(ATTEMPTS):
            if self._next < oldest:
                change, condition = "SET NextTurn = :next", "attribute_not_exists(NextTurn) OR NextTurn < :oldest"
                values = {"next": now + length, "oldest": oldest}
            else:
                change, condition = "ADD NextTurn :length", "NextTurn BETWEEN :oldest AND :latest"
                values = {"length": length, "oldest": oldest, "latest": latest}
            taken, item = store.advance(*self._key, change, condition, values)
            self._next = int(plain(item)["NextTurn"]) if item else 0
            if taken:
                return self._next - length
            if self._next > latest:
                break
        raise RetryLater("texts are at the account's rate", LONGEST_WAIT // 1000)
