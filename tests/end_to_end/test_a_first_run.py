"""From a shopper's request to the text: the first run on a fresh system."""

from __future__ import annotations

import json
import subprocess

from system import System

from local.shop.regions import region_of
from local.shop.stock import Stock, read_stock

POSTCODES = {"SW1A1AA": "SW1A 1AA", "M11AE": "M1 1AE", "EH11YZ": "EH1 1YZ"}
"""Catalogue key → postcode of the sample requests."""


def test_exactly_the_expected_texts_arrived(system: System) -> None:
    assert system.first_run_was_right, system.first_run_output


def test_every_product_of_each_region_is_in_its_catalogue_with_the_shops_price(system: System) -> None:
    shop, catalogs = Stock(read_stock()), system.catalogs()
    for key, postcode in POSTCODES.items():
        shelf = {f"sample-{item.sku}": offer for item, offer in shop.on_shelf(region_of(postcode))}
        stored = catalogs[f"ProductCatalog_{key}"]
        assert set(stored) == set(shelf)
        assert {name: entry["Price"] for name, entry in stored.items()} == {
            n: offer.price for n, offer in shelf.items()
        }
        sold_out = {name for name, offer in shelf.items() if offer.sold_out}
        assert {name for name, entry in stored.items() if entry["Availability"] == "OutOfStock"} == sold_out


def test_catalogue_tables_were_made_with_their_stream_attached_once(system: System) -> None:
    mappings = system.aws("lambda").get_paginator("list_event_source_mappings")
    attached = [
        mapping["EventSourceArn"]
        for page in mappings.paginate(FunctionName="shelfwatch-local-indexer")
        for mapping in page["EventSourceMappings"]
        if mapping["State"] in ("Enabled", "Enabling", "Creating")
    ]
    for key in POSTCODES:
        table = system.aws("dynamodb").describe_table(TableName=f"ProductCatalog_{key}")["Table"]
        assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        assert attached.count(table["LatestStreamArn"]) == 1


def test_every_product_is_in_the_index(system: System) -> None:
    progress = system.progress()
    assert progress.documents == progress.products == sum(len(entries) for entries in system.catalogs().values())


def test_nothing_ended_as_a_dead_letter(system: System) -> None:
    assert system.progress().dead == 0


def test_the_output_shows_texts_matches_figures_and_how_to_go_on(system: System) -> None:
    output = system.first_run_output
    for heading in ("Texts that arrived", "What matched, and why", "Figures of the run", "exactly the expected texts"):
        assert heading in output
    assert system.api.url in output
    assert system.api.key in output


def test_the_curl_lines_work_as_printed(system: System) -> None:
    lines = [line.strip() for line in system.first_run_output.splitlines() if line.strip().startswith("curl")]
    listing = next(line for line in lines if "listrequests" in line)
    answer = subprocess.run(f"{listing} --silent", shell=True, capture_output=True, text=True, check=True).stdout
    assert len(json.loads(answer)["Requests"]) == 5
    assert {
        route for line in lines for route in ("submitanewrequest", "update", "deletearequest") if route in line
    } == {
        "submitanewrequest",
        "update",
        "deletearequest",
    }
