"""The account's rate of texts: the workers that may run at once share it evenly, so that none has to ask another."""

from __future__ import annotations

import time
from collections.abc import Callable

from chalicelib.errors import RetryLater

SAVED = 1.0
"""Seconds whose turns may be saved up, for a burst after a pause."""
LONGEST_WAIT = 10.0
"""Seconds a worker waits for its turn; beyond that the message waits in the queue."""


class Pacer:
    """A token bucket of this process.  A turn that was waited for and not taken is there for the next letter."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._next = float("-inf")

    def wait(self) -> None:
        """Come back when the next turn has come.  Raises ``RetryLater`` when that would take more than ten seconds."""
        early = self._next - self._clock()
        if early > LONGEST_WAIT:
            raise RetryLater("texts are at the account's rate", int(early))
        if early > 0:
            self._sleep(early)

    def take(self, rate: float) -> None:
        """Take the turn, at ``rate`` turns a second for this process."""
        self._next = max(self._next, self._clock() - SAVED) + 1 / rate
