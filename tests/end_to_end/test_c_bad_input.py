"""Bad input at the deployed API: 4xx with every wrong field named, never 5xx."""

from __future__ import annotations

from typing import Any

import pytest
from system import System

from local.calling import call

GOOD = {"Postcode": "SW1A 1AA", "ProductName": "ink", "Discount": 10, "PhoneNumber": "07700 900299"}


def named(answer: Any) -> set[str]:
    """The fields an error names."""
    return {error["Field"] for error in answer.body["Errors"]}


def test_a_call_without_the_key_is_refused(system: System) -> None:
    assert call(f"{system.api.url}/listrequests").status == 403


def test_one_answer_names_every_wrong_field(system: System) -> None:
    wrong = {"Postcode": "XX1 1XX", "ProductName": "x", "Discount": 101, "PhoneNumber": "12"}
    answer = system.ask("POST", "submitanewrequest", wrong)
    assert answer.status == 400
    assert named(answer) == {"Postcode", "ProductName", "Discount", "PhoneNumber"}
    assert all(set(error) == {"Field", "Code", "Message"} for error in answer.body["Errors"])


@pytest.mark.parametrize("field", sorted(GOOD))
@pytest.mark.parametrize("value", [None, [], {}, True, "", "\u0000"])
def test_odd_values_are_refused_by_name(system: System, field: str, value: Any) -> None:
    answer = system.ask("POST", "submitanewrequest", {**GOOD, field: value})
    assert answer.status == 400
    assert named(answer) == {field}


@pytest.mark.parametrize(
    ("method", "route"), [("POST", "submitanewrequest"), ("PUT", "update"), ("DELETE", "deletearequest")]
)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"{}", b"\xff\xfe", b"null"])
def test_bodies_that_cannot_be_read_are_refused(system: System, method: str, route: str, body: bytes) -> None:
    answer = system.ask(method, route, body)
    assert 400 <= answer.status < 500
    assert {"Code", "Message"} <= set(answer.body)


def test_an_unknown_request_is_404(system: System) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    assert system.ask("PUT", "update", {"RequestID": unknown, "Discount": 5}).status == 404
    assert system.ask("DELETE", "deletearequest", RequestID=unknown).status == 404


@pytest.mark.parametrize(
    "query", [{"Limit": "0"}, {"Limit": "1001"}, {"Limit": "x"}, {"NextToken": "x"}, {"Status": "x"}]
)
def test_odd_queries_are_refused_by_name(system: System, query: dict[str, str]) -> None:
    answer = system.ask("GET", "listrequests", **query)
    assert answer.status == 400
    assert named(answer) == set(query)


def test_what_update_does_not_know_is_refused_by_name(system: System, wish: Any) -> None:
    request = wish(postcode="SW1A 1AA", name="nothing of the kind", discount=90, phone="07700 900298")
    answer = system.ask("PUT", "update", {"RequestID": request["RequestID"], "Postcode": "M1 1AE", "Colour": "red"})
    assert answer.status == 400
    assert named(answer) == {"Postcode", "Colour"}


def test_a_request_lives_through_all_four_routes(system: System, wish: Any) -> None:
    request = wish(postcode="sw1a1aa", name="nothing of the kind", discount=90, phone="07700 900297")
    assert request["Postcode"] == "SW1A 1AA"
    assert request["PhoneNumber"] == "+447700900297"
    changed = system.ask("PUT", "update", {"RequestID": request["RequestID"], "Status": "paused", "Discount": 80.5})
    assert (changed.status, changed.body["Status"], changed.body["Discount"]) == (200, "paused", 80.5)
    listed = system.ask("GET", "listrequests", Status="paused").body["Requests"]
    assert [entry["RequestID"] for entry in listed] == [request["RequestID"]]
    assert system.ask("DELETE", "deletearequest", RequestID=request["RequestID"]).status == 200
    assert system.ask("DELETE", "deletearequest", RequestID=request["RequestID"]).status == 404
