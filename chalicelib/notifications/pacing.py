"""The account's rate of texts, shared by all workers: turns are reserved a few at a time from one clock in the ledger.

The clock (``Next``, epoch milliseconds) is when the next free turn is.  Reserving ``n`` turns moves it on by ``n``
intervals; turns of the past are not saved up beyond one second.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from chalicelib.errors import RetryLater
from chalicelib.items import plain
from chalicelib.notifications import store
from chalicelib.notifications.store import Refused

BLOCK = 8
"""Turns reserved at a time: what the limit costs is one request in so many texts."""
LONGEST_WAIT = 10_000
"""Milliseconds a worker waits for its turn; beyond that the message waits in the queue."""
KEPT = 1_000
"""Milliseconds a reserved turn stays good after its time."""


class Pacer:
    """Turns of one channel for this process."""

    def __init__(
        self, name: str, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._key = f"Rate#{name}", "Rate"
        self._clock = clock
        self._sleep = sleep
        self._turns: deque[float] = deque()

    def wait(self, rate: int) -> None:
        """Come back when it is this process's turn, at ``rate`` a second over all processes.

        Raises ``RetryLater`` when that would take more than ten seconds.
        """
        now = self._clock() * 1000
        while self._turns and self._turns[0] < now - KEPT:
            self._turns.popleft()
        if not self._turns:
            first, interval = self._reserve(rate, now), 1000 / rate
            self._turns.extend(first + at * interval for at in range(BLOCK))
        early = self._turns.popleft() - now
        if early > 0:
            self._sleep(early / 1000)

    def _reserve(self, rate: int, now: float) -> float:
        """Start of a block of turns, epoch milliseconds."""
        length, oldest, latest = round(BLOCK * 1000 / rate), int(now) - KEPT, int(now) + LONGEST_WAIT
        running = "ADD NextTurn :length", "NextTurn BETWEEN :oldest AND :latest"
        values = {"length": length, "oldest": oldest, "latest": latest}
        for _ in range(10):
            found = store.advance(*self._key, *running, values)
            if found is not None:
                return float(plain(found)["NextTurn"]) - length
            stands = store.get(*self._key)
            if stands is not None and plain(stands)["NextTurn"] > latest:
                raise RetryLater("texts are at the account's rate", LONGEST_WAIT // 1000)
            self._start(int(now), oldest)
        raise RetryLater("texts are at the account's rate", 1)

    def _start(self, now: int, oldest: int) -> None:
        """Set the clock going, at first or after nobody has sent for a while."""
        stopped = "attribute_not_exists(NextTurn) OR NextTurn < :oldest"
        try:
            store.write(store.update(*self._key, "SET NextTurn = :now", stopped, {"now": now, "oldest": oldest}))
        except Refused:
            return  # another worker did
