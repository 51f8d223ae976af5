"""What a simulation is made of: faults, processes, queued messages, and clients whose calls are its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent, greenlet

from chalicelib.notifications.messages import NotifiedProduct, UserNotification

if TYPE_CHECKING:
    from tests.support.simulation import Simulation


class Killed(BaseException):
    """The process stops here and now; nothing in it runs any more."""


@dataclass
class Faults:
    """Shares of steps that go wrong, each kind on its own."""

    kill: float = 0
    down: float = 0
    lose: float = 0
    freeze: float = 0
    duplicate: float = 0
    skew: float = 0
    """Seconds by which the clock of a process may be fast or slow."""


@dataclass(frozen=True)
class Told:
    """A text that a shopper got, with the notification it was sent for and what it said."""

    at: datetime
    message: UserNotification
    items: tuple[NotifiedProduct, ...]


@dataclass
class Queued:
    """A message of the queue."""

    body: str
    visible_at: datetime
    receives: int = 0


class Process(greenlet):
    """A program whose steps the schedule interleaves with those of others; started again when it is killed."""

    def __init__(self, program: Callable[[], None], skew: timedelta) -> None:
        """A process that waits for its first turn; its clock is fast by ``skew``."""
        super().__init__()
        self.skew = skew
        self.ready: Callable[[], bool] = lambda: True
        self._program = program

    def run(self) -> None:
        while True:
            try:
                return self._program()
            except Killed:
                continue


class Silent:
    """Takes log lines and counts."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None

    def __call__(self, *_: Any) -> Silent:
        return self


class Client:
    """A client each call of which is a step."""

    def __init__(self, world: Simulation, target: Any) -> None:
        self._world, self._target = world, target

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            return self._world.call(lambda: getattr(self._target, name)(**arguments))

        return call


class Topic:
    """The topic with its queue, which may get a message twice."""

    def __init__(self, world: Simulation) -> None:
        self._world = world

    def publish(self, *, TopicArn: str, Message: str, MessageAttributes: Any) -> None:  # noqa: N803
        copies = 2 if self._world.random.random() < self._world.faults.duplicate else 1
        for _ in range(copies):
            delay = timedelta(seconds=self._world.random.randrange(5))
            self._world.queue.append(Queued(Message, self._world.now + delay))


class Phones:
    """The strict SNS, noting which notification each accepted text was sent for."""

    def __init__(self, world: Simulation) -> None:
        self._world = world

    def publish(self, **arguments: Any) -> Any:
        before = len(self._world.sns.inbox)
        try:
            return self._world.sns.publish(**arguments)
        finally:
            for _ in self._world.sns.inbox[before:]:
                self._world.told.append(Told(self._world.now, *self._world.sending[getcurrent()]))
