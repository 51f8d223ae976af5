"""The account's rate is kept by all workers together, for one request in many texts."""

from __future__ import annotations

import pytest

from chalicelib import aws
from chalicelib.errors import RetryLater
from chalicelib.notifications.pacing import BLOCK, Pacer
from tests.support.memory_dynamodb import MemoryDynamoDB


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> MemoryDynamoDB:
    memory = MemoryDynamoDB({})
    monkeypatch.setattr(aws, "dynamodb", lambda: memory)
    return memory


def pacers(clock: Clock, number: int) -> list[Pacer]:
    return [Pacer("sms", clock.time, clock.sleep) for _ in range(number)]


def test_turns_come_at_the_rate_whoever_takes_them(table: MemoryDynamoDB) -> None:
    clock = Clock()
    first, second = pacers(clock, 2)
    taken = []
    for turn in range(80):
        (first if turn % 3 else second).wait(20)
        taken.append(clock.now)
    # 80 turns at 20 a second take 4 s less the first one; what is reserved and not used only makes it longer.
    assert 3.9 <= taken[-1] - taken[0] <= 4.8
    for start in taken:
        assert sum(start <= moment < start + 1 for moment in taken) <= 20 + BLOCK
    assert table.requests <= 80 / BLOCK + 5


def test_a_text_after_a_quiet_time_costs_one_request_and_no_wait(table: MemoryDynamoDB) -> None:
    clock = Clock()
    (pacer,) = pacers(clock, 1)
    for _ in range(3):
        pacer.wait(20)
        before, began = table.requests, clock.now
        clock.now += 3600
        pacer.wait(20)
        assert table.requests == before + 1
        assert clock.now == began + 3600
        clock.now += 3600


def test_a_worker_that_would_wait_long_leaves_the_text_to_the_queue(table: MemoryDynamoDB) -> None:
    clock = Clock()
    for pacer in pacers(clock, 4):  # the last one's turn is in 3 s
        pacer._sleep = lambda _: None  # they reserve, and time does not pass
        pacer.wait(1)
    (late,) = pacers(clock, 1)
    with pytest.raises(RetryLater) as raised:
        late.wait(1)
    assert raised.value.after_seconds == 3


def test_the_clock_of_another_process_may_be_slow(table: MemoryDynamoDB) -> None:
    ahead, behind = Clock(), Clock()
    behind.now -= 0.5
    pacers(ahead, 1)[0].wait(20)
    pacers(behind, 1)[0].wait(20)
    # The second block begins where the first one ends, 0.4 s after the first clock: 0.9 s ahead of the slow one.
    assert behind.now == pytest.approx(ahead.now + 0.4)
