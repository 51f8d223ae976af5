"""At most one text for an episode, and none lost, over thousands of random schedules of crashes and lost answers."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from chalicelib.notifications.episodes import FURTHER_FALL
from chalicelib.notifications.ledger import Delivery
from chalicelib.notifications.messages import NotifiedProduct
from chalicelib.notifications.states import State
from chalicelib.notifications.sweeping import sweep
from chalicelib.settings import settings
from tests.support.simulated import Faults, Killed
from tests.support.simulation import Simulation

QUIET = Faults()
BUSY = Faults(duplicate=0.3, freeze=0.01)
OUTAGES = Faults(down=0.05, duplicate=0.2, freeze=0.01)
LOSSES = Faults(lose=0.05, duplicate=0.1, freeze=0.01)
CRASHES = Faults(kill=0.03, duplicate=0.1, freeze=0.01)
EVERYTHING = Faults(kill=0.02, down=0.03, lose=0.03, duplicate=0.2, freeze=0.02, skew=90)
KINDS = {"quiet": QUIET, "busy": BUSY, "outages": OUTAGES, "losses": LOSSES, "crashes": CRASHES, "all": EVERYTHING}
SCHEDULES = 340
"""Of each kind."""


@pytest.fixture(autouse=True)
def _stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFICATIONS_TOPIC_ARN", "arn:aws:sns:eu-west-2:000000000000:UserNotifications")
    monkeypatch.setenv("QUIET_HOURS", "off")
    monkeypatch.setenv("SMS_PRICES", "GB=0.05")
    monkeypatch.setenv("SMS_DAILY_CAP", "1000")
    monkeypatch.setenv("SMS_MONTHLY_CAP", "1000")
    settings.cache_clear()


@pytest.mark.parametrize("kind", KINDS)
def test_no_schedule_tells_twice_or_loses(kind: str) -> None:
    outcomes: Counter[State] = Counter()
    for seed in range(SCHEDULES):
        world = Simulation(seed, KINDS[kind])
        world.run()
        assert_told_at_most_once(world)
        assert_nothing_lost(world)
        assert_only_news(world)
        outcomes.update(one.delivery_state for one in world.ended)
    assert outcomes[State.SENT] > SCHEDULES, "the schedules do send"
    assert (outcomes[State.UNKNOWN] > 0) == (kind in ("outages", "losses", "crashes", "all"))


def assert_told_at_most_once(world: Simulation) -> None:
    """No notification reached a phone twice, and no episode has two notifications."""
    assert [name for name, times in world.texts().items() if times > 1] == [], world.seed
    episodes = Counter(
        (one.message.request_id, item.product_id, item.episode) for one in world.ended for item in one.message.items
    )
    assert [episode for episode, times in episodes.items() if times > 1] == [], world.seed


def assert_nothing_lost(world: Simulation) -> None:
    """Every delivery came to an end that fits what the phones got; what is on offer in the end has been told."""
    texts = world.texts()
    by_state: dict[State, list[Delivery]] = {}
    for one in world.ended:
        by_state.setdefault(one.delivery_state, []).append(one)
    assert set(by_state) <= {State.SENT, State.UNKNOWN, State.EXPIRED}, world.seed
    assert all(texts[one.message.notification_id] == 1 for one in by_state.get(State.SENT, ())), world.seed
    assert all(texts[one.message.notification_id] == 0 for one in by_state.get(State.EXPIRED, ())), world.seed
    told = {
        (one.message.request_id, item.product_id)
        for state in (State.SENT, State.UNKNOWN)
        for one in by_state.get(state, ())
        for item in one.message.items
    }
    _, on_offer = world.scrapes[-1]
    assert {(wish, product) for wish in world.requests for product in on_offer} <= told, world.seed


def assert_only_news(world: Simulation) -> None:
    """Between two texts about a product there were two good scrapes without it, or it fell ten points further."""
    texts: dict[tuple[str, str], list[NotifiedProduct]] = {}
    for told in world.told:
        for item in told.items:
            texts.setdefault((told.message.request_id, item.product_id), []).append(item)
    for (_, product_id), items in texts.items():
        missed = sum(product_id not in on_offer for _, on_offer in world.scrapes)
        for before, after in pairwise(sorted(items, key=lambda item: item.episode)):
            assert after.discount - before.discount >= FURTHER_FALL or missed >= 2, (world.seed, product_id)


class OneFault(Simulation):
    """Nobody but one process, and one fault: at its ``place``-th call, before or after the effect."""

    def __init__(self, place: int, before: bool, fault: type[BaseException]) -> None:
        super().__init__(seed=1, faults=QUIET, wishes=1, offers=1, rounds=1)
        self.left, self.before, self.fault = place, before, fault
        self.happened = False

    def _fail(self, before: bool) -> None:
        if not self.chaos or before is not self.before:
            return
        self.left -= 1
        if self.left == 0:
            self.happened = True
            raise self.fault if self.fault is Killed else self.fault(endpoint_url="https://away.example")

    def once(self) -> None:
        """A match, its delivery, and a sweep; then everything comes to its end."""
        self.prices = {"sample-0": "1.20"}
        self.scrapes = [("20260601T000000Z", frozenset({"sample-0"}))]
        with self.installed():
            for work in (self._match_round, self._deliver_one, lambda: self._tried(lambda: sweep(self.clock))):
                with suppress(Killed):
                    work()
            self.chaos = False
            self._settle()

    def _deliver_one(self) -> None:
        self.now += timedelta(seconds=5)
        received = self._received()
        if received is not None:
            self._deliver(received)


@pytest.mark.parametrize(
    ("fault", "before"),
    [
        (Killed, True),
        (Killed, False),
        (EndpointConnectionError, True),  # never comes after an effect: there was no connection
        (ReadTimeoutError, True),
        (ReadTimeoutError, False),
    ],
)
def test_one_fault_at_every_step(fault: type[BaseException], before: bool) -> None:
    unknown, place = [], 0
    while True:
        place += 1
        world = OneFault(place, before, fault)
        world.once()
        if not world.happened:
            break
        assert_told_at_most_once(world)
        assert_nothing_lost(world)
        if any(one.delivery_state is State.UNKNOWN for one in world.ended):
            unknown.append(place)
    assert place > 12, "every call of the flow had its turn"
    # Of all places only the few between the ledger's `sending` and `sent` leave a text nobody can tell of.
    assert len(unknown) <= 3, unknown
