"""The packaged template is Chalice's with the repository's own resources and overrides on top."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.requests.bodies import LARGEST
from local.emulator import emulator, forget_stream_positions
from local.packaging import _TemplateLoader, deep_merge, merged_template, package
from local.places import Place

TREES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.text(max_size=2), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(st.text(max_size=2), TREES, max_size=3)


@given(MAPPINGS)
def test_merging_nothing_changes_nothing(tree: dict[str, Any]) -> None:
    assert deep_merge(tree, {}) == tree
    assert deep_merge({}, tree) == tree
    assert deep_merge(tree, tree) == tree


@given(MAPPINGS, MAPPINGS)
def test_what_is_merged_on_top_wins_and_the_rest_stays(under: dict[str, Any], over: dict[str, Any]) -> None:
    merged = deep_merge(under, over)
    assert set(merged) == set(under) | set(over)
    for key, value in merged.items():
        if key not in over:
            assert value == under[key]
        elif key not in under or not (isinstance(over[key], dict) and isinstance(under[key], dict)):
            assert value == over[key]
        else:
            assert value == deep_merge(under[key], over[key])


def test_short_forms_are_read_as_their_long_ones() -> None:
    text = "a: !Ref Stage\nb: !GetAtt Queue.Arn\nc: !Sub '${Stage}-x'\nd: !If [IsProd, !Ref A, 1]\ne: !Condition IsProd"
    assert yaml.load(text, Loader=_TemplateLoader) == {
        "a": {"Ref": "Stage"},
        "b": {"Fn::GetAtt": ["Queue", "Arn"]},
        "c": {"Fn::Sub": "${Stage}-x"},
        "d": {"Fn::If": ["IsProd", {"Ref": "A"}, 1]},
        "e": {"Condition": "IsProd"},
    }


def test_the_merged_template_holds_resources_and_overrides() -> None:
    template = merged_template()
    assert template["Resources"]["UserRequestsTable"]["Type"] == "AWS::DynamoDB::Table"
    assert template["Resources"]["ScrapeWorker"]["Properties"]["Layers"] == [{"Ref": "ScraperLayer"}]
    assert {"Stage", "ScraperLayerKey"} <= set(template["Parameters"])


@pytest.mark.parametrize("kind", sorted(merged_template()["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]))
def test_what_the_gateway_refuses_is_answered_in_the_envelope(kind: str) -> None:
    refusal = merged_template()["Resources"]["RestAPI"]["Properties"]["GatewayResponses"][kind]
    written = refusal["ResponseTemplates"]["application/json"].replace("$context.error.messageString", '"Forbidden"')
    answer = json.loads(written)
    assert list(answer) == ["Code", "Message", "Errors"]
    assert answer["Code"].isalpha()
    assert answer["Errors"] == []
    headers = refusal["ResponseParameters"]["Headers"]
    assert headers["X-Request-Id"] == "context.requestId"
    assert headers["Access-Control-Allow-Origin"] == "'*'"
    assert headers["Access-Control-Expose-Headers"] == "'X-Request-Id,Retry-After'"
    assert ("Retry-After" in headers) == (refusal.get("StatusCode") in (429, 504))


def test_the_gateway_and_the_app_name_the_same_bound_of_a_body() -> None:
    refusal = merged_template()["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]["REQUEST_TOO_LARGE"]
    assert f" {LARGEST} bytes" in refusal["ResponseTemplates"]["application/json"]


def test_a_stage_with_users_asks_them_to_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = "arn:aws:cognito-idp:eu-west-2:123456789012:userpool/eu-west-2_example"
    monkeypatch.setenv("ACCESS", "cognito")
    monkeypatch.setenv("USER_POOL_ARN", pool)
    monkeypatch.setattr("local.packaging.PACKAGES", tmp_path)
    api = json.loads(package("dev").template.read_text())["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    asked = {
        (path, method): entry.get("security")
        for path, methods in api["paths"].items()
        for method, entry in methods.items()
        if method != "options"
    }
    opened = {("/health", "get"), ("/openapi.json", "get")}
    assert {route for route, security in asked.items() if not security} == opened
    assert all(security == [{"shoppers": []}] for route, security in asked.items() if route not in opened)
    assert api["securityDefinitions"]["shoppers"]["x-amazon-apigateway-authorizer"]["providerARNs"] == [pool]


@pytest.mark.parametrize("wrap", [lambda state: state, lambda state: {"__ministack_format__": 2, "payload": state}])
def test_stream_positions_are_forgotten_and_nothing_else(
    wrap: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.places.BUILD", tmp_path)
    place = Place("kept", 4599, 9299, 8099, 8199)
    saved = place.state / "emulator" / "state" / "lambda.json"
    saved.parent.mkdir(parents=True)
    saved.write_text(json.dumps(wrap({"functions": {"a": 1}, "dynamodb_stream_positions": {"m": 7}, "esms": {}})))
    forget_stream_positions(place)
    assert json.loads(saved.read_text()) == wrap({"functions": {"a": 1}, "esms": {}})


def test_forgetting_before_the_first_run_does_nothing(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.places.BUILD", tmp_path)
    forget_stream_positions(Place("new", 4599, 9299, 8099, 8199))
    assert list(tmp_path.iterdir()) == []


def test_the_emulator_is_told_to_bind_the_loopback_interface() -> None:
    environment = emulator(Place("any", 4599, 9299, 8099, 8199)).environment
    assert environment["BIND_HOST"] == "127.0.0.1"
    assert "AWS_ACCESS_KEY_ID" not in environment
