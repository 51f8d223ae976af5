"""The policies: one for each function, of actions that exist, on resources that are named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import parliament
import pytest

CHALICE = Path(__file__).resolve().parents[2] / ".chalice"
FUNCTIONS = json.loads((CHALICE / "config.json").read_text())["lambda_functions"]
POLICIES = {path.stem: json.loads(path.read_text()) for path in sorted((CHALICE / "policies").glob("*.json"))}

REASONS = {
    "SendTraces": "X-Ray has no resources to name (service authorization reference, AWS X-Ray)",
    "TextPhones": "a text to a phone has no topic; the ARN to name would be the phone number itself",
    "AskWhetherPhonesAreInAgain": "opt-outs belong to the account, not to a topic",
    "ReadOptOuts": "opt-outs belong to the account, not to a topic",
    "FindStreams": "ListStreams takes no resource in a policy",
    "FindCatalogues": "ListTables takes no resource in a policy",
    "CountTables": "ListTables and DescribeLimits take no resource in a policy",
    "AttachStreams": "a mapping gets its UUID when it is made; it is bound to the indexer by a condition",
    "ListMappings": "ListEventSourceMappings takes no resource in a policy",
}
"""Why a statement names no resource, by its Sid."""


def statements() -> list[Any]:
    return [
        pytest.param(name, statement, id=f"{name}-{statement['Sid']}")
        for name, policy in POLICIES.items()
        for statement in policy["Statement"]
    ]


def test_every_function_has_a_policy_of_its_own_and_no_policy_is_left_over() -> None:
    assert {name: f"policies/{name}.json" for name in POLICIES} == {
        name: function["iam_policy_file"] for name, function in FUNCTIONS.items()
    }


@pytest.mark.parametrize("name", POLICIES)
def test_parliament_finds_nothing_but_resources_that_cannot_be_named(name: str) -> None:
    findings = parliament.analyze_policy_string(json.dumps(POLICIES[name])).findings
    unnamed = {action for one in POLICIES[name]["Statement"] if one["Resource"] == ["*"] for action in one["Action"]}
    assert [str(one) for one in findings if one.issue != "RESOURCE_STAR" or not set(one.detail) <= unnamed] == []


@pytest.mark.parametrize(("name", "statement"), statements())
def test_a_statement_allows_named_actions_on_named_resources(name: str, statement: dict[str, Any]) -> None:
    assert statement["Effect"] == "Allow"
    assert [action for action in statement["Action"] if "*" in action] == []
    if "*" in statement["Resource"]:
        assert statement["Resource"] == ["*"]
        assert statement["Sid"] in REASONS, f"write down why {name} names no resource there"
    else:
        assert [arn for arn in statement["Resource"] if not re.search(r"[A-Za-z]{4,}", arn.split(":", 5)[5])] == []


def test_every_reason_is_still_needed() -> None:
    starred = {one["Sid"] for policy in POLICIES.values() for one in policy["Statement"] if one["Resource"] == ["*"]}
    assert set(REASONS) == starred


def test_mappings_are_changed_for_the_indexer_alone() -> None:
    """By ``lambda:FunctionArn`` (Lambda developer guide, "Fine-tuning the Resources and Conditions")."""
    changes = {"lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"}
    found = [one for policy in POLICIES.values() for one in policy["Statement"] if changes & set(one["Action"])]
    assert found
    for statement in found:
        condition = {"ArnLike": {"lambda:FunctionArn": "arn:aws:lambda:*:*:function:shelfwatch-*-indexer"}}
        assert statement["Condition"] == condition


def test_tables_are_made_and_removed_under_the_name_of_catalogues_only() -> None:
    makers = [
        (name, one)
        for name, policy in POLICIES.items()
        for one in policy["Statement"]
        if {"dynamodb:CreateTable", "dynamodb:DeleteTable"} & set(one["Action"])
    ]
    assert {name for name, _ in makers} == {"reconciler", "scrape_worker"}
    assert {tuple(one["Resource"]) for _, one in makers} == {("arn:aws:dynamodb:*:*:table/*ProductCatalog_*",)}
