"""From a price change seen by the scraper to the text at the emulator, on the local stack: median and p95."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import CannotRun, Limit, Report, figure, percentile, single
from benchmarks.pipeline_stack import PLACE, fresh_stack
from local.calling import Sample, call
from local.emulator import inbox
from local.following import follow, scrape, submit
from local.shop.stock import Item, read_stock

POSTCODE, REGION = "SW1A 1AA", "london"
ROUNDS, DROPS_A_ROUND = 4, 6
LONGEST_WAIT = 120
"""Seconds after which a text is not waited for any more."""
_LOOK = 0.1
"""Seconds between two looks at the inbox: how exact the figures are."""


def run(data: Path | None) -> Report:
    """Each round halves some prices in the shop, has it read again and waits for the texts that this causes."""
    watched = wishes(ROUNDS * DROPS_A_ROUND)
    with fresh_stack() as api:
        submit(api, list(watched.values()))
        scrape(PLACE)
        read_to_the_end()
        already = [sku for sku, wish in watched.items() if national(wish.phone_number) in texted()]
        if already:
            raise CannotRun(f"Texts came before any price fell, for {already}.")
        skus = list(watched)
        rounds = [skus[start : start + DROPS_A_ROUND] for start in range(0, len(skus), DROPS_A_ROUND)]
        waits = [wait for dropped in rounds for wait in one_round({sku: watched[sku] for sku in dropped})]
    return Report(
        figures={"seen to text": figure(waits, "s"), "seen to text, p95": single(percentile(waits, 95), "s")},
        limits={"seen to text, p95": Limit(at_most=10)},
        notes=[
            "Seen: the shop's own note of when it first showed the new price to the scraper.",
            f"{ROUNDS} scrapes with {DROPS_A_ROUND} prices halved before each, spread over the shop's pages.",
        ],
    )


def wishes(count: int) -> dict[str, Sample]:
    """SKU → a wish for 45 % off something that is not reduced now, in the shop's own words, from a phone of its own."""
    full_price = [item for item in read_stock().values() if is_full_price(item)]
    spread = full_price[:: max(1, len(full_price) // count)][:count]
    return {
        item.sku: Sample(POSTCODE, item.name[:100], "45", f"07700 900{500 + number}", frozenset({item.sku}))
        for number, item in enumerate(spread)
    }


def is_full_price(item: Item) -> bool:
    """Whether the region sells the item now, and not below its usual price."""
    offer = item.offers.get(REGION)
    return bool(offer and not offer.sold_out and offer.was_price is None)


def read_to_the_end() -> None:
    """Waits until nothing is left to do after a scrape."""
    follow(PLACE, lambda *_: None, give_up_when_away=True)


def one_round(dropped: dict[str, Sample]) -> list[float]:
    """Seconds from the new price's first showing to its text, for each SKU of ``dropped``."""
    stock = read_stock()
    for sku in dropped:
        before = stock[sku].offers[REGION].price
        change = {"price": str(round(before / 2, 2)), "was_price": str(before), "region": REGION}
        call(f"{PLACE.shop}/admin/products/{sku}", "POST", change)
    scrape(PLACE)
    arrived = await_texts(dropped)
    shown = {sku: first_shown(sku) for sku in dropped}
    read_to_the_end()  # the next round has to find the shop free
    return [(arrived[sku] - shown[sku]).total_seconds() for sku in dropped]


def await_texts(dropped: dict[str, Sample]) -> dict[str, datetime]:
    """When the text about each SKU was first seen at the emulator.  ``CannotRun`` when one does not come."""
    arrived: dict[str, datetime] = {}
    deadline = time.monotonic() + LONGEST_WAIT
    while len(arrived) < len(dropped):
        if time.monotonic() > deadline:
            raise CannotRun(f"No text within {LONGEST_WAIT} s for {sorted(dropped.keys() - arrived.keys())}.")
        phones = texted()
        for sku, wish in dropped.items():
            if national(wish.phone_number) in phones:
                arrived.setdefault(sku, datetime.now(UTC))
        time.sleep(_LOOK)
    return arrived


def texted() -> set[str]:
    """The phones that have had a text, without country code or leading zero."""
    return {national(text["PhoneNumber"]) for text in inbox(PLACE)}


def national(phone: str) -> str:
    """``+447700900501`` and ``07700 900501`` both become ``7700900501``."""
    return phone.replace(" ", "").removeprefix("+44").removeprefix("0")


def first_shown(sku: str) -> datetime:
    """When the shop first showed the product at its present price."""
    answer = call(f"{PLACE.shop}/admin/products/{sku}").body
    return datetime.fromisoformat(answer["first_shown"][REGION])
