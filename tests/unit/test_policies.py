"""The policies: one for each function, of actions that exist, on resources that are named and of the own stage."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import parliament
import pytest

from local import policies
from local.deploying.stage import Stage
from local.packaging import declared_stages, merged_template
from local.places import ROOT

FUNCTIONS = json.loads((ROOT / ".chalice/config.json").read_text())["lambda_functions"]
STAGES = {
    name: Stage(name, "eu-west-2", "123456789012", parameters)
    for name, parameters in {**declared_stages(), "dev2": {"NamePrefix": "dev2-"}}.items()
}
"""The stages of the repository, and one whose name begins as another's."""
WRITTEN = policies.written()
POLICIES = policies.filled_in(WRITTEN, STAGES["dev"].names)

REASONS = {
    "SendTraces": "X-Ray has no resources to name (service authorization reference, AWS X-Ray)",
    "TextPhones": "a text to a phone has no topic; the ARN to name would be the phone number itself",
    "AskWhetherPhonesAreInAgain": "opt-outs belong to the account, not to a topic",
    "ReadOptOuts": "opt-outs belong to the account, not to a topic",
    "FindStreams": "ListStreams takes no resource in a policy",
    "FindCatalogues": "ListTables takes no resource in a policy",
    "AttachStreams": "a mapping gets its UUID when it is made; it is bound to the indexer by a condition",
    "ListMappings": "ListEventSourceMappings takes no resource in a policy",
}
"""Why a statement names no resource, by its Sid."""
OF_THE_ACCOUNT = {
    "MailShoppers": "which address a stage sends from is its own setting, EMAIL_FROM",
    "MendMappings": "mappings are named by UUIDs alone; they are bound to the stage's indexer by a condition",
}
"""Why a statement names resources, but not those of one stage, by its Sid."""


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
    assert set(OF_THE_ACCOUNT) <= {one["Sid"] for policy in POLICIES.values() for one in policy["Statement"]}


def arns(stage: Stage) -> Iterator[str]:
    """The ARN of everything that ``stage`` has, and of what lies in it."""
    here = f"{stage.region}:{stage.account}"
    for resource in merged_template()["Resources"].values():
        properties = resource.get("Properties", {})
        for key in _KINDS.keys() & properties.keys():
            name = properties[key]["Fn::Sub"].replace("${FirstPostcode}", "SW1A1AA")
            arn = f"arn:aws:{_KINDS[key].format(here)}{policies.filled_in(name, stage.names)}"
            indexes = [f"/index/{one['IndexName']}" for one in properties.get("GlobalSecondaryIndexes", [])]
            yield from (arn + part for part in ("", *indexes, *_PARTS))
    for function in map(stage.function, FUNCTIONS):
        yield f"arn:aws:logs:{here}:log-group:/aws/lambda/{function}"
        yield f"arn:aws:logs:{here}:log-group:/aws/lambda/{function}:log-stream:1"


_KINDS = {
    "TableName": "dynamodb:{}:table/",
    "QueueName": "sqs:{}:",
    "TopicName": "sns:{}:",
    "DomainName": "es:{}:domain/",
}
"""How an ARN goes on from the property that has its resource's name."""
_PARTS = ("/stream/2026-11-27T00:00:00.000", "/products/_search", "/products/_analyze")
"""Of tables and domains; of the others they do no harm."""


@pytest.mark.parametrize(("name", "other"), list(itertools.permutations(STAGES, 2)))
def test_no_function_of_a_stage_may_touch_what_is_another_stages(name: str, other: str) -> None:
    allowed = [
        resource
        for policy in policies.filled_in(WRITTEN, STAGES[name].names).values()
        for statement in policy["Statement"]
        if statement["Sid"] not in {*REASONS, *OF_THE_ACCOUNT}
        for resource in statement["Resource"]
    ]
    assert [(arn, one) for arn in arns(STAGES[other]) for one in allowed if fnmatchcase(arn, one)] == []
    assert [one for one in allowed if not any(fnmatchcase(arn, one) for arn in arns(STAGES[name]))] == []


def test_mappings_are_changed_for_the_indexer_of_the_stage_alone() -> None:
    """By ``lambda:FunctionArn`` (Lambda developer guide, "Fine-tuning the Resources and Conditions")."""
    changes = {"lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"}
    found = [one for policy in POLICIES.values() for one in policy["Statement"] if changes & set(one["Action"])]
    assert found
    for statement in found:
        indexer = "arn:aws:lambda:eu-west-2:123456789012:function:shelfwatch-dev-indexer"
        assert statement["Condition"] == {"ArnLike": {"lambda:FunctionArn": indexer}}


def test_tables_are_made_and_removed_under_the_name_of_catalogues_only() -> None:
    makers = {
        (action, name): one["Resource"]
        for name, policy in POLICIES.items()
        for one in policy["Statement"]
        for action in one["Action"]
        if action in ("dynamodb:CreateTable", "dynamodb:DeleteTable")
    }
    catalogues = ["arn:aws:dynamodb:eu-west-2:123456789012:table/dev-ProductCatalog_*"]
    assert makers == {
        ("dynamodb:CreateTable", "scrape_worker"): catalogues,
        ("dynamodb:CreateTable", "reconciler"): catalogues,
        ("dynamodb:DeleteTable", "reconciler"): catalogues,
    }


def test_a_name_that_no_stage_knows_is_refused() -> None:
    with pytest.raises(KeyError, match="Colour"):
        policies.filled_in({"Resource": ["table/${Colour}"]}, STAGES["dev"].names)


def test_the_packaged_template_fills_in_what_is_left_open() -> None:
    assert policies.for_template({"Resource": ["table/${NamePrefix}A", "*"]}) == {
        "Resource": [{"Fn::Sub": "table/${NamePrefix}A"}, "*"]
    }
