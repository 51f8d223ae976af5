"""Following a run until nothing is left to do, and comparing what was told with what should have been."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from local.calling import Sample, ask, stored_requests
from local.emulator import client, inbox
from local.invoking import invoke
from local.observing import Progress, catalog_tables, dead_letters, errors, index_is_current, observe, products, told
from local.places import Place
from local.processes import is_ready
from local.showing import Told
from local.stack import STAGE, Api, search_server
from local.trouble import Trouble

LONGEST_RUN = 600
"""Seconds after which a run that is not finished is given up."""
CALM = 3
"""Looks in a row, 0.3 s apart, at which there has to be nothing left to do: between two stages it may seem so."""
AWAY = (
    "OpenSearch does not answer. Nothing is lost: what was scraped waits in the catalogues' streams and queues. "
    "Start it again with: make start SERVER=opensearch"
)
Show = Callable[[Progress, float, str], None]
"""Takes the counters, the seconds since the beginning, and what is waited for, if anything."""


@dataclass
class Timeline:
    """When each counter last moved, in seconds since the scrape began."""

    moved: dict[str, float] = field(default_factory=dict)
    _before: Progress = field(default_factory=Progress)

    def note(self, progress: Progress, seconds: float) -> None:
        """Take in what was observed ``seconds`` after the beginning."""
        for counter in fields(progress):
            if getattr(progress, counter.name) != getattr(self._before, counter.name):
                self.moved[counter.name] = round(seconds, 1)
        self._before = progress

    def stages(self) -> dict[str, float]:
        """Stage → seconds from the beginning of the scrape to the last thing that stage did."""
        names = {
            "scraped": "jobs_done",
            "catalogues written": "products",
            "indexed": "documents",
            "matched": "matches",
            "last text": "texts",
        }
        return {stage: self.moved[counter] for stage, counter in names.items() if counter in self.moved}


def submit(api: Api, samples: list[Sample]) -> dict[str, Sample]:
    """Submit those of ``samples`` that are not stored yet; gives RequestID → sample.  ``Trouble`` on a refusal."""
    stored = {_wish(entry): entry["RequestID"] for entry in stored_requests(api)}
    submitted = {}
    for sample in samples:
        request_id = stored.get(_wish(sample.body))
        submitted[request_id or _post(api, sample)] = sample
    return submitted


def scrape(place: Place) -> None:
    """Call the function of the scrape schedule."""
    invoke(client(place, "lambda"), STAGE, "scraper")


def follow(place: Place, show: Show, give_up_when_away: bool = False) -> Progress:
    """Watch until nothing is left to do; gives the last counters.  ``show`` is called with what is seen on the way.

    ``Trouble`` when that takes too long or, with ``give_up_when_away``, when OpenSearch is gone.
    """
    started, calm = time.monotonic(), 0
    while calm < CALM:
        progress, seconds = observe(place), time.monotonic() - started
        away = progress.documents is None and not is_ready(search_server(place))
        show(progress, seconds, AWAY if away else "")
        if away and give_up_when_away:
            raise Trouble(f"{AWAY.split('. ')[0]}. Nothing is lost: make run KEEP=1 finishes the work")
        calm = calm + 1 if progress.stuck or (progress.settled and index_is_current(place)) else 0
        if seconds > LONGEST_RUN or (progress.stuck and calm == CALM):
            raise Trouble(f"not finished after {seconds:.0f} s: {_why(place)}")
        time.sleep(0.3)
    return progress


def what_was_told(place: Place, submitted: Mapping[str, Sample]) -> list[Told]:
    """What the sample requests were told of, and why, for people."""
    offers = {
        (entry["Postcode"], entry["ProductID"]): entry
        for table in catalog_tables(place)
        for entry in products(place, table)
    }
    rows = []
    for entry in told(place):
        sample = submitted.get(entry["RequestID"])
        offer = offers.get((sample.postcode.replace(" ", ""), entry["ProductID"])) if sample else None
        if sample and offer:
            rows.append(_row(sample, offer))
    return sorted(rows, key=lambda row: (row.postcode, row.wanted))


def compare(place: Place, submitted: Mapping[str, Sample]) -> tuple[list[str], list[str]]:
    """What the sample requests should have been told and were not, and what they were told and should not have been.

    One text per phone that expects any, and in the ledger exactly the expected products.
    """
    wanted = {(request_id, f"sample-{sku}") for request_id, sample in submitted.items() for sku in sample.expect}
    found = {(entry["RequestID"], entry["ProductID"]) for entry in told(place) if entry["RequestID"] in submitted}
    missing = [f"{submitted[request].product_name}: {product}" for request, product in sorted(wanted - found)]
    surplus = [f"{submitted[request].product_name}: {product}" for request, product in sorted(found - wanted)]
    for sample in submitted.values():
        count = len([text for text in inbox(place) if same_phone(text["PhoneNumber"], sample.phone_number)])
        if count != bool(sample.expect):
            (missing if count == 0 else surplus).append(f"{sample.product_name}: {count} texts")
    return missing, surplus


def same_phone(international: str, national: str) -> bool:
    """Whether ``+447700900101`` and ``07700 900101`` are one British phone."""
    return international.removeprefix("+44") == national.replace(" ", "").removeprefix("0")


def _why(place: Place) -> str:
    said = [*dead_letters(place), *errors(place)[-3:]]
    return "; ".join(said) or "no function reported an error (make logs)"


def _row(sample: Sample, offer: Mapping[str, Any]) -> Told:
    from chalicelib.matching.verdict import Offer, judge

    verdict = judge(
        sample.product_name, Offer(offer["ProductName"], offer.get("Brand"), offer.get("Price"), offer.get("Category"))
    )
    return Told(
        postcode=sample.postcode,
        wanted=f"{sample.product_name} at {sample.discount} % off",
        product=offer["ProductName"],
        price=f"{offer.get('Currency', '')} {offer.get('Price')} (was {offer.get('PriorPrice')})",
        off=f"{offer.get('Discount', 0):.1f} %",
        why=f"{verdict.score:.2f}: {', '.join(verdict.reasons)}",
    )


def _wish(body: Mapping[str, Any]) -> tuple[str, str, float]:
    return body["Postcode"], body["ProductName"], float(body["Discount"])


def _post(api: Api, sample: Sample) -> str:
    answer = ask(api, "POST", "submitanewrequest", sample.body)
    if answer.status != 201:
        raise Trouble(f"the API refused a sample request with {answer.status}: {answer.body}")
    return str(answer.body["RequestID"])
