"""What goes wrong on the way is made good, and nobody is texted twice."""

from __future__ import annotations

from typing import Any

import pytest
from system import System

from local.processes import start, stop, wait_for, wait_ready
from local.stack import search_server


def test_opensearch_stopped_during_a_run_loses_nothing(system: System, wish: Any) -> None:
    offer = system.catalogs()["ProductCatalog_SW1A1AA"]["sample-S747381"]
    phone = "07700 900301"
    wish(postcode="SW1A 1AA", name=offer["ProductName"], discount=60, phone=phone)
    system.settle()
    server = search_server(system.place)
    stop(server, keep_temporary=True)
    try:
        cheap = f"{offer['WasPrice'] / 4:.2f}"
        system.change("S747381", price=cheap, region="london")
        system.begin_scrape()
        assert wait_for(lambda: _written(system) == cheap, 120, 0.3)
        assert system.progress().documents is None
        assert system.texts(phone) == []
    finally:
        start(server)
        wait_ready(server)
    assert len(system.await_texts(phone, 1, 120)) == 1
    system.settle()
    assert len(system.texts(phone)) == 1
    assert system.progress().dead == 0


def _written(system: System) -> str:
    return f"{system.catalogs()['ProductCatalog_SW1A1AA']['sample-S747381']['Price']:.2f}"


@pytest.mark.parametrize("victim", ["chromium", "chromedriver"])
def test_a_browser_killed_in_mid_scrape_delays_the_job_and_loses_nothing(system: System, victim: str) -> None:
    catalogs = system.catalogs()
    system.spoil("slow", 2)  # three seconds each, so that the browser certainly has a page open
    system.begin_scrape()
    system.kill(victim)
    progress = system.settle()
    assert progress.jobs_done == progress.jobs == 3
    assert system.catalogs() == catalogs
    assert progress.dead == 0


def test_a_shop_that_blocks_changes_no_catalogue(system: System) -> None:
    catalogs = system.catalogs()
    system.spoil("empty", 200)
    try:
        system.scrape()
        assert system.catalogs() == catalogs
    finally:
        system.spoil("empty", 0)
        system.forgive()  # a job of each region failed, so the shop would be left alone for a while
