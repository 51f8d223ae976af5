"""The simulation of growth against queues that can be worked out by hand."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.growth import LOADS, Load, drained, row, simulate
from chalicelib.settings import settings

ROOT = Path(__file__).resolve().parents[2]


def test_one_worker_takes_one_after_another() -> None:
    done = drained([0.0, 0.0, 0.0], work=2.0, workers=1)
    assert (done.seconds, done.deepest) == (6.0, 3)


def test_many_workers_share() -> None:
    assert drained([0.0] * 4, work=2.0, workers=2).seconds == 4.0


def test_a_rate_holds_back_idle_workers() -> None:
    assert drained([0.0] * 3, work=0.0, workers=9, gap=5.0).seconds == 10.0


def test_nothing_waits_that_comes_slower_than_it_is_done() -> None:
    assert drained([0.0, 10.0, 20.0], work=1.0, workers=1).deepest == 1


def test_scraping_takes_as_long_as_the_longest_shop() -> None:
    load = Load(requests=100, postcodes=10, shops=3, regions_per_shop=2, pages_per_job=10, scrape_workers=3)
    assert simulate(load)["scraping"].seconds == 20.0


def test_the_simulation_has_as_many_workers_as_the_app() -> None:
    declared = (ROOT / "app.py").read_text(encoding="utf-8")
    (scrape_workers,) = re.findall(r"SCRAPE_JOBS_QUEUE_ARN\"\), maximum_concurrency=(\d+)", declared)
    load = Load(requests=1, postcodes=1)
    assert load.scrape_workers == int(scrape_workers)
    assert load.delivery_workers == settings().delivery_workers


def test_the_table_of_the_document_is_what_the_simulation_gives() -> None:
    page = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    rows = [row(label, simulate(load)) for label, load in LOADS.items()]
    assert [one for one in rows if one not in page] == [], "put the notes of make bench NAME=growth there"
