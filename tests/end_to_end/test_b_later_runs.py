"""Later scrapes: nothing new texts nobody; a price that fell and a product that came back are told once."""

from __future__ import annotations

from typing import Any

from system import System

from local.emulator import inbox

CHEAPER, BACK, AT_ONCE = "07700 900201", "07700 900203", "07700 900202"
"""Phones that wait for a lower price, for what is sold out, and for what the catalogue offers already."""


def test_what_became_better_is_told_once_and_an_unchanged_scrape_changes_nothing(system: System, wish: Any) -> None:
    # What counts is the lowest price of the last 30 days, here the present one, not the higher was-price.
    dear = system.catalogs()["ProductCatalog_M11AE"]["sample-S502252"]
    assert dear["Discount"] < 50
    assert dear["WasPrice"] > dear["Price"]
    gone, offer = (system.catalogs()["ProductCatalog_EH11YZ"][f"sample-{sku}"] for sku in ("S366465", "S301047"))
    system.change("S366465", availability="OutOfStock", region="scotland")
    system.scrape()

    wish(postcode="M1 1AE", name=dear["ProductName"], discount=50, phone=CHEAPER)
    wish(postcode="EH1 1YZ", name=gone["ProductName"], discount=int(gone["Discount"]), phone=BACK)
    wish(postcode="EH1 1YZ", name=offer["ProductName"], discount=int(offer["Discount"]), phone=AT_ONCE)
    assert len(system.await_texts(AT_ONCE, 1)) == 1
    system.settle()
    assert system.texts(CHEAPER) == system.texts(BACK) == []

    half = f"{dear['Price'] / 2:.2f}"
    system.change("S502252", price=half, region="north")
    system.change("S366465", availability="InStock", region="scotland")
    system.scrape()
    assert [len(system.texts(phone)) for phone in (CHEAPER, BACK, AT_ONCE)] == [1, 1, 1]
    assert half in system.texts(CHEAPER)[0]

    catalogs, texts = system.catalogs(), inbox(system.place)
    progress = system.scrape()
    assert progress.jobs_done == progress.jobs == 3
    assert system.catalogs() == catalogs
    assert inbox(system.place) == texts
