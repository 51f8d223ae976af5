"""What the end-to-end tests do to the running system, and what they look at."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import following
from local.calling import Answer, ask, call
from local.emulator import client, emulator, inbox
from local.observing import Progress, catalog_tables, observe, products
from local.places import Place
from local.processes import wait_for
from local.stack import Api


def refusal(url: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> tuple[int, str, str | None]:
    """Status, ``Code`` and ``Retry-After`` of a call that is refused, in the envelope and readable by browsers."""
    asked = urllib.request.Request(url, method=method, headers=dict(headers or {}))
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(asked, timeout=60)
    refused = raised.value
    told = json.loads(refused.read())
    assert list(told) == ["Code", "Message", "Errors"]
    assert refused.headers["X-Request-Id"]
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    return refused.code, told["Code"], refused.headers["Retry-After"]


@dataclass
class System:
    """A running local stack."""

    place: Place
    api: Api
    first_run_was_right: bool
    first_run_output: str

    def ask(self, method: str, route: str, body: Any = None, **query: Any) -> Answer:
        """Call a route with the key."""
        return ask(self.api, method, route, body, **query)

    def submit(self, *, postcode: str, name: str, discount: int, phone: str) -> dict[str, Any]:
        """Store a request; gives it as the API answers it."""
        body = {"Postcode": postcode, "ProductName": name, "Discount": discount, "PhoneNumber": phone}
        answer = self.ask("POST", "submitanewrequest", body)
        assert answer.status == 201, answer
        return dict(answer.body)

    def scrape(self) -> Progress:
        """Read the shop and wait until everything that follows from it is done."""
        self.begin_scrape()
        return self.settle()

    def begin_scrape(self) -> None:
        """Call the schedule's function, which queues the jobs and returns."""
        following.scrape(self.place)

    def settle(self) -> Progress:
        """Wait until nothing is left to do."""
        return following.follow(self.place, lambda progress, seconds, note: None)

    def progress(self) -> Progress:
        """The counters now."""
        return observe(self.place)

    def texts(self, phone: str) -> list[str]:
        """The texts a phone received."""
        return [text["Message"] for text in inbox(self.place) if following.same_phone(text["PhoneNumber"], phone)]

    def await_texts(self, phone: str, count: int, seconds: float = 60) -> list[str]:
        """The texts of ``phone`` once there are ``count`` of them."""
        wait_for(lambda: len(self.texts(phone)) >= count, seconds, 0.2)
        return self.texts(phone)

    def change(self, sku: str, **fields: Any) -> None:
        """Change a product in the shop, as its operator."""
        answer = call(f"{self.place.shop}/admin/products/{sku}", "POST", fields)
        assert answer.status == 200, answer

    def undo_changes(self) -> None:
        """Have the shop offer again what it offers after a start."""
        answer = call(f"{self.place.shop}/admin/reset", "POST", {})
        assert answer.status in (200, 204), answer

    def spoil(self, kind: str, count: int) -> None:
        """Let the next ``count`` answers of the shop go wrong."""
        answer = call(f"{self.place.shop}/admin/faults", "POST", {"kind": kind, "count": count})
        assert answer.status == 200, answer

    def forgive(self) -> None:
        """Have the shop read again at once, though its jobs failed in a row."""
        circuit = {"PK": {"S": "Shop#sample"}, "SK": {"S": "Circuit"}}
        self.aws("dynamodb").delete_item(TableName="PipelineTable", Key=circuit)

    def catalogs(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Table → ProductID → attributes."""
        return {
            table: {entry["ProductID"]: entry for entry in products(self.place, table)}
            for table in catalog_tables(self.place)
        }

    def aws(self, service: str) -> Any:
        """A boto3 client of the emulator."""
        return client(self.place, service)

    def browsers(self, name: str) -> list[int]:
        """Processes called ``name`` that the emulator's functions started."""
        mark = f"TMPDIR={emulator(self.place).temporary}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if (entry / "comm").read_text().strip() == name and mark in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
        return found

    def kill(self, name: str, seconds: float = 60) -> None:
        """Kill the processes called ``name`` as soon as there are any."""
        assert wait_for(lambda: bool(self.browsers(name)), seconds, 0.05), f"no {name} was started"
        for pid in self.browsers(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
