"""What the functions asked of AWS in all tests before this one, held against their policies, both ways."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
from system import System

from local import policies
from local.emulator import client
from local.invoking import invoke
from local.stack import STAGE

NAMES = {"Stage": "local", "NamePrefix": "", "AWS::Region": "eu-west-2", "AWS::AccountId": "000000000000"}
POLICIES = policies.filled_in(policies.written(), NAMES)
Call = tuple[str, str, str]
"""Function, action and resource."""

BY_AWS = {
    "WriteOwnLogs", "SendTraces", "FindStreams", "ReadChangesOfCatalogues", "ReadChangesOfRequests",
    "ReceiveDeliveries", "ReceiveMatchTasks", "ReceiveScrapeJobs",
}  # fmt: skip
"""Statements, by their Sid, that Lambda itself needs with the function's role: to log, to trace, to read sources."""
SELDOM: dict[str, dict[str, str]] = {
    "no run proves a phone": {
        "api_handler": "KeepCapsAndCodes:DeleteItem KeepCapsAndCodes:GetItem KeepCapsAndCodes:PutItem "
        "TextPhones:Publish",
    },
    "a phone that reaches its cap has its counted wishes looked up": {"api_handler": "KeepUserRequests:BatchGetItem"},
    "only what no attempt can work on is put aside": {
        "delivery_worker": "PutAsideDeliveries:SendMessage",
        "indexer": "PutAsideStreamFailures:GetQueueUrl PutAsideStreamFailures:SendMessage",
        "match_worker": "PutAsideMatchTasks:SendMessage",
        "request_changes": "PutAsideStreamFailures:SendMessage",
        "scrape_worker": "PutAsideScrapeJobs:SendMessage",
    },
    "texts wait only beyond the account's rate or the month's cap": {
        "delivery_worker": "SendAgainDeliveries:SendMessage KeepTheLedger:Query",
    },
    "a text that was held, lost or begun before is looked at again": {
        "delivery_worker": "CheckThatItIsStillTrue:BatchGetItem KeepTheLedger:GetItem",
        "sweeper": "KeepTheLedger:GetItem PublishNotifications:Publish",
    },
    "no phone of the tests opts out": {
        "delivery_worker": "ReadAndPauseUserRequests:UpdateItem KeepTheLedger:DeleteItem KeepTheLedger:PutItem "
        "AskWhetherPhonesAreInAgain:CheckIfPhoneNumberIsOptedOut",
        "sweeper": "KeepTheLedger:PutItem",
    },
    "mail is a channel that a stage has to ask for": {"delivery_worker": "MailShoppers:SendEmail"},
    "the index is made by whichever function comes first": {"indexer": "WriteTheProductIndex:ESHttpPut"},
    "nothing but an accident leaves a table, a stream or a mapping half made": {
        "reconciler": "MakeMendAndRetireCatalogues:CreateTable MakeMendAndRetireCatalogues:TagResource "
        "AttachStreams:CreateEventSourceMapping",
        "scrape_worker": "MakeAndMendCatalogues:UpdateTable MendMappings:DeleteEventSourceMapping "
        "MendMappings:UpdateEventSourceMapping",
    },
    "a catalogue retires after a month in which nobody asks for it": {
        "reconciler": "MakeMendAndRetireCatalogues:DeleteTable MakeMendAndRetireCatalogues:ListTagsOfResource "
        "MendMappings:DeleteEventSourceMapping",
    },
    "index and catalogues differ after an outage only": {
        "reconciler": "CompareCatalogues:BatchGetItem CompareCatalogues:UpdateItem",
        "reindexer": "ReadCatalogues:BatchGetItem ReadCatalogues:UpdateItem",
    },
    "only a rebuild that was stopped leaves an index behind": {
        "reconciler": "MendTheProductIndex:ESHttpDelete",
        "reindexer": "BuildTheProductIndex:ESHttpDelete",
    },
    "a product is removed weeks after it was last seen": {"scrape_worker": "WriteCatalogues:DeleteItem"},
    "a run whose time is over is ended by the next one": {
        "scraper": "OpenAndEndRuns:DeleteItem OpenAndEndRuns:Query",
    },
}
"""Why a function may do what no run does, by ``Sid:action``."""


@pytest.fixture(scope="module")
def calls(system: System) -> set[Call]:
    """Every call so far, with those of the functions that only a schedule or an operator calls."""
    for function in ("matcher", "reindexer"):
        invoke(client(system.place, "lambda"), STAGE, function)
    return set(_recorded(system))


def _recorded(system: System) -> Iterator[Call]:
    """What ``tests/support/recording`` noted; the API's handler is deployed under the app's own name."""
    for line in (system.place.state / "calls.jsonl").read_text().splitlines():
        deployed, action, resource = json.loads(line)
        yield deployed.removeprefix("shelfwatch-local").removeprefix("-") or "api_handler", action, resource


def allows(statement: dict[str, Any], action: str, resource: str) -> bool:
    return action in statement["Action"] and any(fnmatchcase(resource, one) for one in statement["Resource"])


def test_functions_call_only_what_their_policies_allow(calls: set[Call]) -> None:
    refused = {
        (function, action, resource)
        for function, action, resource in calls
        if not any(allows(statement, action, resource) for statement in POLICIES[function]["Statement"])
    }
    assert refused == set()


def test_policies_allow_little_else_than_what_functions_call(calls: set[Call]) -> None:
    idle = {
        (function, f"{statement['Sid']}:{action.split(':')[1]}")
        for function, policy in POLICIES.items()
        for statement in policy["Statement"]
        if statement["Sid"] not in BY_AWS
        for action in statement["Action"]
        if not any(allows(statement, action, called[2]) for called in calls if called[:2] == (function, action))
    }
    assert idle - expected() == set()


def expected() -> set[tuple[str, str]]:
    """Function and ``Sid:action`` of everything that ``SELDOM`` has a reason for."""
    return {(name, one) for some in SELDOM.values() for name, listed in some.items() for one in listed.split()}


def test_every_reason_is_of_something_that_a_policy_allows() -> None:
    allowed = {
        (function, f"{statement['Sid']}:{action.split(':')[1]}")
        for function, policy in POLICIES.items()
        for statement in policy["Statement"]
        for action in statement["Action"]
    }
    assert expected() - allowed == set()
    assert BY_AWS - {statement["Sid"] for policy in POLICIES.values() for statement in policy["Statement"]} == set()
