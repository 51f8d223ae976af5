"""Whole days of the notification stage in milliseconds: one random schedule of matchers, workers, sweeps and faults.

Every call of the stage to DynamoDB, SNS or the queue is a step.  Between two steps the schedule picks, by its seed, who
goes next, moves the clock (sometimes by minutes, as for a process that was frozen), kills a process, or loses a call or
its answer.  The queue delivers twice and out of order.  Afterwards the faults stop, and everything still open is
brought to its end.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from unittest.mock import patch

import msgspec
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from greenlet import getcurrent, greenlet

from chalicelib import aws
from chalicelib.errors import RetryLater
from chalicelib.models import Product, RequestStatus, UserRequest
from chalicelib.notifications import delivery as delivering
from chalicelib.notifications import ledger, observing, publishing, store, sweeping
from chalicelib.notifications.channels import Letter, sms
from chalicelib.notifications.messages import NotifiedProduct, UserNotification
from chalicelib.notifications.observing import observe
from chalicelib.notifications.pacing import Pacer
from chalicelib.notifications.publishing import publish
from chalicelib.notifications.states import OPEN
from chalicelib.notifications.sweeping import sweep
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.notifications import INDEXES, NOON, match, product, request
from tests.support.simulated import Client, Faults, Killed, Phones, Process, Queued, Silent, Told, Topic
from tests.support.strict_sns import StrictSns

RECEIVES = 3
VISIBILITY = timedelta(seconds=360)


@dataclass
class Simulation:
    """One schedule; ``run`` plays it, then the fields tell what happened."""

    seed: int
    faults: Faults
    wishes: int = 3
    offers: int = 3
    rounds: int = 4
    matchers: int = 2
    workers: int = 10
    now: datetime = NOON
    queue: list[Queued] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    """Every text a shopper got."""
    scrapes: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    """Good scrapes in their order: run id and the products on offer."""
    prices: dict[str, str] = field(default_factory=dict)
    ambiguities: int = 0
    """Kills and lost answers: what may leave a text unknown."""
    ended: list[ledger.Delivery] = field(default_factory=list)
    """Every delivery, when all had come to their end."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.table = MemoryDynamoDB(INDEXES)
        self.sns = StrictSns(random=self.random)
        self.requests = {wish.request_id: wish for wish in map(request, range(1, self.wishes + 1))}
        self.sns.throttle = self.sns.fail = self.faults.down
        self.sending: dict[greenlet, tuple[UserNotification, tuple[NotifiedProduct, ...]]] = {}
        self.chaos = True
        self._matching = self.matchers
        self._pacer = Pacer(clock=lambda: self.now.timestamp(), sleep=self._sleep)

    # What the stage sees of the world

    @contextmanager
    def installed(self) -> Iterator[None]:
        tokens = (f"{number:032x}" for number in iter(lambda: self.random.getrandbits(128), None))
        with ExitStack() as stack:
            for module in (delivering, publishing, sweeping, observing, sms):
                for name in {"count", "logger"} & set(vars(module)):
                    stack.enter_context(patch.object(module, name, Silent()))
            for target, name, replacement in (
                (aws, "dynamodb", lambda: Client(self, self.table)),
                (aws, "sns_topic", lambda: Client(self, Topic(self))),
                (aws, "sns_sms", lambda: Client(self, Phones(self))),
                (store, "_pause", lambda attempt: self._sleep(0.01)),
                (ledger, "new_token", lambda: next(tokens)),
                (sms.SENDER, "_pacer", self._pacer),
                (sms.SENDER, "compose", self._composed),
            ):
                stack.enter_context(patch.object(target, name, replacement))
            yield

    def _composed(self, wish: UserRequest, items: tuple[NotifiedProduct, ...], now: datetime) -> Letter:
        message, _ = self.sending[getcurrent()]
        self.sending[getcurrent()] = message, items
        return type(sms.SENDER).compose(sms.SENDER, wish, items, now)

    def clock(self) -> datetime:
        """The time, as whoever is at work has it."""
        process = getcurrent()
        return self.now + process.skew if isinstance(process, Process) else self.now

    def request_of(self, request_id: str) -> UserRequest | None:
        return self.call(lambda: self.requests.get(request_id))

    def still_true(self, wish: UserRequest, items: Any) -> list[Product]:
        wanted = {item.product_id for item in items}
        return self.call(lambda: [one for one in self._on_offer(wish) if one.product_id in wanted])

    # Steps

    def call(self, effect: Callable[[], Any]) -> Any:
        """One call to the outside: a place where anything may happen, before and after its effect."""
        self.step()
        self._fail(before=True)
        result = effect()
        self._fail(before=False)
        return result

    def step(self, ready: Callable[[], bool] = lambda: True) -> None:
        """Let the schedule decide who goes on; this process not before ``ready``."""
        process = getcurrent()
        if isinstance(process, Process):
            process.ready = ready
            process.parent.switch()

    def _fail(self, before: bool) -> None:
        if not self.chaos:
            return
        if self.random.random() < self.faults.kill:
            self.ambiguities += 1
            raise Killed
        if before and self.random.random() < self.faults.down:
            raise EndpointConnectionError(endpoint_url="https://down.example")
        if not before and self.random.random() < self.faults.lose:
            self.ambiguities += 1
            raise ReadTimeoutError(endpoint_url="https://slow.example")

    def _skew(self) -> timedelta:
        return timedelta(seconds=self.random.uniform(-self.faults.skew, self.faults.skew))

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.step()

    # The play

    def run(self) -> None:
        """Play the schedule, then let everything come to its end without further faults."""
        self._new_round()
        with self.installed():
            programs = [self._matcher] * self.matchers + [self._worker] * self.workers + [self._sweeper]
            self._play([Process(program, self._skew()) for program in programs])
            self.chaos, self.sns.throttle, self.sns.fail = False, 0, 0
            self._settle()

    def _play(self, processes: list[Process]) -> None:
        while processes:
            ready = [process for process in processes if process.ready()]
            going = self.random.choice(ready or processes)
            self.now += timedelta(milliseconds=self.random.randrange(400))
            if self.random.random() < self.faults.freeze:
                self.now += timedelta(seconds=self.random.choice((30, 61, 130, 400)))
            going.switch()
            if going.dead:
                processes.remove(going)

    def _matcher(self) -> None:
        while len(self.scrapes) < self.rounds:
            self._match_round()
            if self.random.random() < 0.5:
                self._new_round()
        self._matching -= 1

    def _new_round(self) -> None:
        """A scrape: prices change, products sell out."""
        for number in range(self.offers):
            self.prices[f"sample-{number}"] = self.random.choice(("1.20", "1.20", "1.60", "1.61", "0.90", "9.99"))
        run = f"202606{len(self.scrapes):04d}T000000Z"
        self.scrapes.append(
            (run, frozenset(one.product_id for one in self._on_offer(next(iter(self.requests.values())))))
        )

    def _match_round(self) -> None:
        (run, _), prices = self.scrapes[-1], dict(self.prices)
        satisfied = set()
        for wish in self.requests.values():
            found = self._on_offer(wish, prices) if wish.status is RequestStatus.ACTIVE else []
            satisfied |= {(wish.request_id, one.product_id) for one in found}
            self._tried(
                lambda wish=wish, found=found: publish(wish, [match(wish, one) for one in found], now=self.clock())
            )
        self._tried(lambda: observe("SW1A 1AA", run, ["sample"], set(self.requests), satisfied, now=self.clock()))

    def _on_offer(self, wish: UserRequest, prices: dict[str, str] | None = None) -> list[Product]:
        offers = [_product(product_id, price) for product_id, price in (prices or self.prices).items()]
        return [one for one in offers if one.discount >= wish.discount]

    def _tried(self, work: Callable[[], Any]) -> None:
        """As the queue of match tasks does: an outage puts the task back, and a later one does the work."""
        try:
            work()
        except RetryLater:
            self.step()

    def _worker(self) -> None:
        while True:
            self.step(lambda: not self._matching or bool(self._visible()))
            received = self._received()
            if received is None and not self._matching:
                return
            if received is not None:
                self._deliver(received)

    def _deliver(self, received: Queued) -> None:
        received.receives += 1
        received.visible_at = self.now + VISIBILITY
        if received.receives > RECEIVES:
            self._remove(received)  # a dead letter: only the sweep can bring it back
            return
        message = msgspec.json.decode(received.body, type=UserNotification)
        self.sending[getcurrent()] = message, ()
        again = None
        try:
            delivering.deliver(message, self.request_of, still_true=self.still_true, clock=self.clock)
        except RetryLater as error:
            again = Queued(received.body, self.now + timedelta(seconds=error.after_seconds or 1))
        except (ReadTimeoutError, EndpointConnectionError):
            return  # unexpected: the queue shows it again
        self.step()
        self._remove(received)
        if again:
            self.queue.append(again)

    def _visible(self) -> list[Queued]:
        return [queued for queued in self.queue if queued.visible_at <= self.now]

    def _received(self) -> Queued | None:
        visible = self._visible()
        return self.random.choice(visible) if visible else None

    def _remove(self, received: Queued) -> None:
        if received in self.queue and self.random.random() >= self.faults.duplicate:
            self.queue.remove(received)

    def _sweeper(self) -> None:
        while self._matching:
            self._tried(lambda: sweep(self.clock))
            due = self.now + timedelta(seconds=60)
            self.step(lambda due=due: self.now >= due or not self._matching)  # type: ignore[misc]

    def _settle(self) -> None:
        """No more faults: the last prices are matched, and everything open comes to its end."""
        for _ in range(200):
            self._match_round()
            self.now += timedelta(seconds=3601)
            sweep(self.clock)
            while received := self._received():
                self._deliver(received)
                self.queue = [queued for queued in self.queue if queued is not received]
            self.ended = self.deliveries()
            if not self.queue and all(one.delivery_state not in OPEN for one in self.ended):
                return
        raise AssertionError(f"still open: {self.ended}")

    # What came of it

    def deliveries(self) -> list[ledger.Delivery]:
        items = [item for (_, sk), item in self.table.items.items() if sk.startswith("Delivery#")]
        return [ledger.delivery_of(item) for item in items]

    def texts(self) -> Counter[str]:
        return Counter(told.message.notification_id for told in self.told)


_product = cache(product)
