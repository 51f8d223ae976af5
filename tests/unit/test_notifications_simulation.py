"""At most one text for an episode, and none lost, over thousands of random schedules of crashes and lost answers."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from chalicelib.notifications.episodes import FURTHER_FALL
from chalicelib.notifications.ledger import Delivery
from chalicelib.notifications.messages import NotifiedProduct
from chalicelib.notifications.states import State
from chalicelib.settings import settings
from tests.support.simulation import Faults, Simulation

QUIET = Faults()
BUSY = Faults(duplicate=0.3, freeze=0.01)
OUTAGES = Faults(down=0.05, duplicate=0.2, freeze=0.01)
LOSSES = Faults(lose=0.05, duplicate=0.1, freeze=0.01)
CRASHES = Faults(kill=0.03, duplicate=0.1, freeze=0.01)
EVERYTHING = Faults(kill=0.02, down=0.03, lose=0.03, duplicate=0.2, freeze=0.02)
KINDS = {"quiet": QUIET, "busy": BUSY, "outages": OUTAGES, "losses": LOSSES, "crashes": CRASHES, "all": EVERYTHING}
SCHEDULES = 340
"""Of each kind."""


@pytest.fixture(autouse=True)
def _stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFICATIONS_TOPIC_ARN", "arn:aws:sns:eu-west-2:000000000000:UserNotifications")
    monkeypatch.setenv("QUIET_HOURS", "off")
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
