"""The account's rate is kept by all workers together, each keeping to its share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import RetryLater
from chalicelib.notifications.pacing import SAVED, Pacer


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_turns_come_at_the_rate_after_what_was_saved_up() -> None:
    clock = Clock()
    pacer = Pacer(clock.time, clock.sleep)
    began, taken = clock.now, []
    for _ in range(13):
        pacer.wait()
        pacer.take(4)
        taken.append(clock.now - began)
    assert taken == pytest.approx([0.0] * 5 + [0.25 * turn for turn in range(1, 9)])


@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(0, 2)), min_size=1, max_size=200), st.sampled_from([1, 5, 20, 100])
)
def test_workers_together_never_pass_the_accounts_rate(course: list[tuple[int, float]], rate: int) -> None:
    """Each worker's own clock goes on by its pauses and its waits; all five turn to texts as they like."""
    clocks = [Clock() for _ in range(5)]
    pacers = [Pacer(clock.time, clock.sleep) for clock in clocks]
    taken = []
    for worker, pause in course:
        clocks[worker].now += pause
        pacers[worker].wait()
        pacers[worker].take(rate / 5)
        taken.append(clocks[worker].now)
    for start in taken:
        within = sum(start <= moment < start + 1 for moment in taken)
        assert within <= rate * (1 + SAVED) + 5, "a second's turns, a second's saved ones, and one begun in each worker"


def test_a_turn_that_was_not_taken_is_still_there() -> None:
    clock = Clock()
    pacer = Pacer(clock.time, clock.sleep)
    pacer.take(1)
    pacer.take(1)
    pacer.take(1)
    pacer.wait()
    waited = clock.now
    pacer.wait()
    assert clock.now == waited == 1_000_002.0


def test_a_worker_that_would_wait_long_leaves_the_text_to_the_queue() -> None:
    clock = Clock()
    pacer = Pacer(clock.time, clock.sleep)
    for _ in range(2):
        pacer.take(0.05)
    with pytest.raises(RetryLater) as raised:
        pacer.wait()
    assert raised.value.after_seconds == 39
    assert clock.now == 1_000_000.0
