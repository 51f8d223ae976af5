"""Calls over HTTP: the deployed API with its key, the shop's admin, OpenSearch."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.places import ROOT
from local.stack import Api


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: its status and its JSON body (``None`` where it has none)."""

    status: int
    body: Any


@dataclass(frozen=True)
class Sample:
    """A sample request, and the shop's ids of exactly the products it must be told of."""

    postcode: str
    product_name: str
    discount: str
    phone_number: str
    expect: frozenset[str]

    @property
    def body(self) -> dict[str, Any]:
        """As the API takes it."""
        return {
            "Postcode": self.postcode,
            "ProductName": self.product_name,
            "Discount": float(self.discount),
            "PhoneNumber": self.phone_number,
        }


def samples() -> list[Sample]:
    """The sample requests of ``local/sample_requests.json``."""
    listed = json.loads((ROOT / "local" / "sample_requests.json").read_text())["requests"]
    return [Sample(**{**entry, "expect": frozenset(entry["expect"])}) for entry in listed]


def call(url: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
    """Make one call; ``body`` is sent as JSON, bytes as they are.  ``OSError`` when nobody answers."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return Answer(answer.status, _json(answer.read()))
    except urllib.error.HTTPError as error:
        return Answer(error.code, _json(error.read()))


def ask(api: Api, method: str, route: str, body: Any = None, **query: Any) -> Answer:
    """Call a route of the API with its key."""
    url = f"{api.url}/{route}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
    return call(url, method, body, {"x-api-key": api.key})


def stored_requests(api: Api) -> list[dict[str, Any]]:
    """Every stored request, page by page."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = ask(api, "GET", "listrequests", **token).body
        found += page["Requests"]
        if not page.get("NextToken"):
            return found
        token = {"NextToken": page["NextToken"]}


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
