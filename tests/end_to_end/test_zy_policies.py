"""What the functions asked of AWS in all tests before this one, held against the policies written for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from system import System

from local.places import ROOT

POLICIES = {path.stem: json.loads(path.read_text()) for path in (ROOT / ".chalice" / "policies").glob("*.json")}
ALWAYS_AT_WORK = {
    "api_handler", "delivery_worker", "indexer", "match_worker",
    "reconciler", "request_changes", "scrape_worker", "scraper",
}  # fmt: skip
"""Functions without which no run comes to its end."""


def calls(system: System) -> Iterator[tuple[str, str, str]]:
    """``(function, action, resource)`` of every call; the API's handler is deployed under the app's own name."""
    for line in (system.place.state / "calls.jsonl").read_text().splitlines():
        deployed, action, resource = json.loads(line)
        yield deployed.removeprefix("shelfwatch-local").removeprefix("-") or "api_handler", action, resource


def allows(statement: dict[str, Any], action: str, resource: str) -> bool:
    return action in statement["Action"] and any(fnmatchcase(resource, one) for one in statement["Resource"])


def test_functions_call_only_what_their_policies_allow(system: System) -> None:
    refused = {
        (function, action, resource)
        for function, action, resource in calls(system)
        if not any(allows(statement, action, resource) for statement in POLICIES[function]["Statement"])
    }
    assert refused == set()


def test_every_function_at_work_was_recorded(system: System) -> None:
    assert {function for function, _, _ in calls(system)} >= ALWAYS_AT_WORK
