"""Later scrapes: nothing new texts nobody, a price drop texts once."""

from __future__ import annotations

from typing import Any

from system import System

from local.emulator import inbox


def test_a_second_scrape_without_changes_writes_nothing_and_texts_nobody(system: System) -> None:
    catalogs, texts = system.catalogs(), inbox(system.place)
    progress = system.scrape()
    assert progress.jobs_done == progress.jobs == 3
    assert system.catalogs() == catalogs
    assert inbox(system.place) == texts


def test_a_price_drop_texts_once(system: System, wish: Any) -> None:
    # What counts is the lowest price of the last 30 days, here the present one, not the higher was-price.
    before = system.catalogs()["ProductCatalog_M11AE"]["sample-S502252"]
    assert before["Discount"] < 50
    phone = "07700 900201"
    wish(postcode="M1 1AE", name=before["ProductName"], discount=50, phone=phone)
    assert before["WasPrice"] > before["Price"]
    half = f"{before['Price'] / 2:.2f}"
    system.scrape()
    assert system.texts(phone) == []
    system.change("S502252", price=half, region="north")
    system.scrape()
    assert len(system.texts(phone)) == 1
    assert half in system.texts(phone)[0]
    system.scrape()
    assert len(system.texts(phone)) == 1


def test_a_new_request_for_what_is_in_the_catalogue_is_told_at_once(system: System, wish: Any) -> None:
    offer = system.catalogs()["ProductCatalog_EH11YZ"]["sample-S301047"]
    phone = "07700 900202"
    wish(postcode="EH1 1YZ", name=offer["ProductName"], discount=int(offer["Discount"]), phone=phone)
    assert len(system.await_texts(phone, 1)) == 1


def test_an_item_that_sold_out_is_not_told(system: System, wish: Any) -> None:
    offer = system.catalogs()["ProductCatalog_EH11YZ"]["sample-S366465"]
    system.change("S366465", availability="OutOfStock", region="scotland")
    system.scrape()
    phone = "07700 900203"
    wish(postcode="EH1 1YZ", name=offer["ProductName"], discount=int(offer["Discount"]), phone=phone)
    system.scrape()
    assert system.texts(phone) == []
    system.change("S366465", availability="InStock", region="scotland")
    system.scrape()
    assert len(system.texts(phone)) == 1
