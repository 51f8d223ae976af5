"""Growth on paper: a simulated week of queues and concurrency at 1 million requests and 100,000 postcodes."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import Report, single

HOURS = 3600


@dataclass(frozen=True)
class Load:
    """What there is to do in one scrape run, and what may be done at once.

    All of it is assumed, the seconds of work in the order of what ``make bench NAME=scraping``, ``matching`` and
    ``notifications`` show: put your own figures in.
    """

    requests: int
    postcodes: int
    shops: int = 20
    regions_per_shop: int = 200
    """Parts of the country in which a shop shows different shelves."""
    pages_per_job: int = 40
    seconds_per_page: float = 1.0
    """One page of a host a second: politeness, not speed, is the limit."""
    scrape_workers: int = 5
    """``maximum_concurrency`` of the scrape worker in ``app.py``; more than shops is of no use."""
    match_seconds: float = 0.5
    """Of one postcode's task, at ten requests a postcode."""
    match_workers: int = 50
    true_share: float = 0.02
    """Wishes that come true in a run."""
    texts_per_second: float = 20.0
    delivery_workers: int = 5
    """The setting ``DELIVERY_WORKERS``."""


@dataclass(frozen=True)
class Stretch:
    """How one queue is worked off."""

    seconds: float
    """From the first message to the last that is done."""
    deepest: int
    """Messages waiting at the worst moment."""


def drained(arrivals: list[float], work: float, workers: int, gap: float = 0.0) -> Stretch:
    """Messages that arrive at ``arrivals`` (seconds, sorted), each ``work`` seconds of one of ``workers``; no two begin
    within ``gap`` seconds."""
    free = [0.0] * workers
    begun: list[float] = []
    earliest = end = 0.0
    for arrival in arrivals:
        start = max(arrival, heapq.heappop(free), earliest)
        earliest = start + gap
        begun.append(start)
        heapq.heappush(free, start + work)
        end = max(end, start + work)
    return Stretch(end - arrivals[0], _deepest(arrivals, begun)) if arrivals else Stretch(0, 0)


def _deepest(arrivals: list[float], begun: list[float]) -> int:
    """Most messages that have arrived and not begun, at any moment."""
    changes = sorted([(moment, 1) for moment in begun] + [(moment, 0) for moment in arrivals])
    waiting = most = 0
    for _, starts in changes:
        waiting += -1 if starts else 1
        most = max(most, waiting)
    return most


def simulate(load: Load) -> dict[str, Stretch]:
    """Scraping (a shop's jobs one after another), then matching, then texts, each beginning with what the one before it
    ends."""
    job = load.pages_per_job * load.seconds_per_page
    per_shop = drained([0.0] * load.regions_per_shop, job, 1)
    at_once = min(load.scrape_workers, load.shops)
    rounds = -(-load.shops // at_once)
    scraping = Stretch(per_shop.seconds * rounds, load.shops * load.regions_per_shop - at_once)
    # A postcode can be matched when its regions are read: evenly over the run.
    tasks = [scraping.seconds * (number + 1) / load.postcodes for number in range(load.postcodes)]
    matching = drained(tasks, load.match_seconds, load.match_workers)
    texts = int(load.requests * load.true_share)
    ready = [scraping.seconds * (number + 1) / texts for number in range(texts)]
    texting = drained(ready, 0.3, load.delivery_workers, gap=1 / load.texts_per_second)
    return {"scraping": scraping, "matching": matching, "texting": texting}


LOADS = {
    "10,000 wishes, 1,000 postcodes": Load(requests=10_000, postcodes=1_000),
    "1 million wishes, 100,000 postcodes": Load(requests=1_000_000, postcodes=100_000),
    "the same, a scrape worker for each shop": Load(requests=1_000_000, postcodes=100_000, scrape_workers=20),
    "the same, pages ten times as fast": Load(
        requests=1_000_000, postcodes=100_000, scrape_workers=20, seconds_per_page=0.1
    ),
}
_MESSAGES = {"scraping": "scrape jobs", "matching": "match tasks", "texting": "texts"}


def run(data: Path | None) -> Report:
    """Each of ``LOADS``; the notes are the rows of the table in docs/scaling.md."""
    played = {label: simulate(load) for label, load in LOADS.items()}
    figures = {}
    for label, stages in played.items():
        for stage, stretch in stages.items():
            figures[f"{label}: {stage}"] = single(stretch.seconds / HOURS, "h")
            figures[f"{label}: {stage}, waiting"] = single(stretch.deepest, "messages")
    notes = [
        "A simulation: no servers. Assumptions stand in the docstrings of Load.",
        *map(row, played, played.values()),
    ]
    return Report(figures=figures, notes=notes)


def row(label: str, stages: Mapping[str, Stretch]) -> str:
    """A row of the table in docs/scaling.md."""
    scraping = stages["scraping"].seconds
    after = [_after(stages[stage].seconds - scraping) for stage in ("matching", "texting")]
    waiting = [f"{one.deepest:,} {_MESSAGES[stage]}" for stage, one in stages.items() if one.deepest > 1]
    return f"| {label} | {_time(scraping)} | {' | '.join(after)} | {', '.join(waiting)} |"


def _time(seconds: float) -> str:
    return f"{seconds / HOURS:.1f} h" if seconds >= HOURS else f"{seconds / 60:.0f} min"


def _after(seconds: float) -> str:
    return "ends with it" if seconds < 60 else f"ends {_time(seconds)} later"
