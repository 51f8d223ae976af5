"""From match to text: latency at 20 texts/s, and 10,000 queued ones drained while workers are killed."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import CannotRun, Limit, Report, figure, percentile, single
from local.places import EMULATOR_PYTHON

if TYPE_CHECKING:
    from benchmarks.notifications_stage import Stage

QUEUED = int(os.environ.get("NOTIFICATIONS_QUEUED", "10000"))
RATE = 20
SECONDS = int(os.environ.get("NOTIFICATIONS_SECONDS", "45"))
KILL_EVERY = 3.0
LONGEST = 1500
"""Seconds a drain may take; what is left then counts as lost."""
_FIRST_QUEUED = 50_000
"""Numbers of requests: those below are for the latency."""


def run(data: Path | None) -> Report:
    """Both parts run on the emulator's DynamoDB, SQS and SNS topic; texts go to a strict stand-in that counts them."""
    if not EMULATOR_PYTHON.exists():
        raise CannotRun("The emulator is not installed: make run (or make test) installs it.")
    from benchmarks.notifications_stage import WORKERS, stage

    with stage() as ready:
        waited = _latency(ready)
        drained = _drain(ready)
    costs = ready.costs()
    return Report(
        figures={
            "match_to_text_p95": single(percentile(waited, 95), "s"),
            "match_to_text": figure(waited, "s"),
            "drained": single(drained.texts, "texts"),
            "doubles": single(drained.doubles, "texts"),
            "lost": single(drained.lost, "texts"),
            "unknown": single(drained.unknown, "texts"),
            "drain_rate": single(QUEUED / drained.seconds, "texts/s"),
            "requests_per_delivery": figure(costs, "DynamoDB"),
            "requests_per_delivery_most": single(max(costs), "DynamoDB"),
        },
        limits={
            "match_to_text_p95": Limit(at_most=10),
            "doubles": Limit(at_most=0),
            "lost": Limit(at_most=0),
            "requests_per_delivery_most": Limit(at_most=4),
        },
        notes=[
            f"{WORKERS} workers; latency: {len(waited)} matches at {RATE}/s.",
            f"Drain: {QUEUED} queued, {drained.seconds:.0f} s, {drained.kills} workers killed, one every "
            f"{KILL_EVERY:g} s.",
            f"Killed while sending, so parked as unknown: {drained.unknown} ({drained.unknown / QUEUED:.2%}), of which "
            f"{drained.unknown_but_told} had reached the phone.",
            f"Requests of a delivery: {dict(sorted(Counter(costs).items()))}.",
        ],
    )


@dataclass
class Drained:
    """What became of the queued notifications."""

    texts: int
    doubles: int
    lost: int
    unknown: int
    unknown_but_told: int
    kills: int
    seconds: float


def _latency(stage: Stage) -> list[float]:
    """Seconds from each match to its text, at a steady rate."""
    from benchmarks.notifications_stage import until
    from chalicelib.notifications.publishing import publish
    from tests.support.notifications import match, product

    wishes = stage.store(range(RATE * SECONDS))
    matched: dict[str, float] = {}
    with stage.workers():
        started = time.time() + 3  # the workers' own start is no part of it
        for number, wish in enumerate(wishes):
            time.sleep(max(0.0, started + number / RATE - time.time()))
            matched[wish.phone_number] = time.time()
            publish(wish, [match(wish, product())])
        until(lambda: len(stage.sns.inbox) >= len(wishes), 60)
    arrived = dict(zip((text.phone for text in stage.sns.inbox), stage.sns.accepted_at, strict=True))
    return [arrived.get(phone, float("inf")) - at for phone, at in matched.items()]


def _drain(stage: Stage) -> Drained:
    """Queue many notifications, let the workers drain them, and kill one of them every few seconds."""
    from benchmarks.notifications_stage import until
    from chalicelib.notifications.sweeping import sweep

    wishes = stage.store(range(_FIRST_QUEUED, _FIRST_QUEUED + QUEUED))
    stage.queue_all(wishes)
    before, started = len(stage.sns.inbox), time.time()
    with stage.workers() as workers:
        kills = _killing(stage, workers)
        seconds = time.time() - started
        sweep(lambda: datetime.now(UTC) + timedelta(hours=2))  # as if the leases had run out
        until(lambda: not stage.waiting(), 60)
        sweep(lambda: datetime.now(UTC) + timedelta(hours=4))
    phones = {wish.phone_number for wish in wishes}
    texts = Counter(text.phone for text in stage.sns.inbox[before:] if text.phone in phones)
    states = stage.states()
    unknown = {phone for phone in phones if states[phone] == "unknown"}
    return Drained(
        texts=sum(texts.values()),
        doubles=sum(count - 1 for count in texts.values()),
        lost=len(phones - texts.keys() - unknown),
        unknown=len(unknown),
        unknown_but_told=len(unknown & texts.keys()),
        kills=kills,
        seconds=seconds,
    )


def _killing(stage: Stage, workers: list[Any]) -> int:
    """Kill a worker every few seconds, and begin another, until the queue is empty; gives how many were killed."""
    chance, kills, started = random.Random(1), 0, time.time()
    while stage.waiting() and time.time() < started + LONGEST:
        time.sleep(0.2)
        if time.time() >= started + KILL_EVERY * (kills + 1):
            victim = chance.randrange(len(workers))
            workers[victim].kill()
            workers[victim].join()
            workers[victim] = stage.worker()
            kills += 1
    return kills
