"""The description of the API says what the app does: routes, fields, answers; and the file in docs is current."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_support import ROOT, Api, api_on, make_tables
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from chalicelib.requests.openapi import ROUTES, describe

UNKNOWN = "6fa1a3a4-51b4-4c3b-9f67-0a3c6f9f3f51"


@pytest.fixture
def api(dynamodb_local: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with api_on(dynamodb_local, make_tables(dynamodb_local), monkeypatch) as made:
        yield made


@pytest.fixture
def described(api: Api) -> dict[str, Any]:
    document: dict[str, Any] = api.call("GET", "/openapi.json").json_body
    return document


def fits(described: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    """Raises unless ``value`` is what ``schema`` of the description says."""
    Draft202012Validator({"components": described["components"], **schema}).validate(value)


def test_it_is_a_sound_openapi_document_with_the_apps_routes(described: dict[str, Any]) -> None:
    validate(described)
    from app import app

    declared = {(path, method.lower()) for path, methods in app.routes.items() for method in methods}
    assert declared == {(path, method) for path, methods in described["paths"].items() for method in methods}
    assert declared == {(route.path, route.method) for route in ROUTES}


def test_the_file_in_docs_is_what_the_code_makes_of_the_usual_settings() -> None:
    written = json.loads(Path(ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(describe())), (
        "run: python -m chalicelib.requests.openapi > docs/openapi.json"
    )


def test_every_example_fits_its_schema(described: dict[str, Any]) -> None:
    checked = 0
    for methods in described["paths"].values():
        for operation in methods.values():
            parts = [operation.get("requestBody", {}), *operation["responses"].values()]
            for part in parts:
                for content in part.get("content", {}).values():
                    for example in content["examples"].values():
                        fits(described, content["schema"], example["value"])
                        checked += 1
    assert checked >= 30


CALLS: list[tuple[str, str, Any, int]] = [
    ("POST", "/submitanewrequest", {}, 400),
    ("POST", "/submitanewrequest", b"{" + b" " * 20_000, 413),
    ("GET", "/listrequests", None, 200),
    ("GET", "/listrequests?Limit=0", None, 400),
    ("DELETE", f"/deletearequest?RequestID={UNKNOWN}", None, 404),
    ("DELETE", "/deletearequest", None, 400),
    ("PUT", "/update", {"RequestID": UNKNOWN, "Discount": 1}, 404),
    ("PUT", "/update", {"RequestID": UNKNOWN}, 400),
    ("GET", "/health", None, 200),
    ("GET", "/openapi.json", None, 200),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), CALLS)
def test_answers_are_as_described(
    api: Api, described: dict[str, Any], method: str, path: str, body: Any, status: int
) -> None:
    answer = api.call(method, path, body)
    assert answer.status_code == status
    operation = described["paths"][path.split("?")[0]][method.lower()]
    response = operation["responses"][str(status)]
    fits(described, response["content"]["application/json"]["schema"], answer.json_body)
    assert set(response["headers"]) <= set(answer.headers)


def test_a_request_is_described_field_for_field(api: Api, described: dict[str, Any]) -> None:
    request = api.stored()
    schema = described["components"]["schemas"]["UserRequest"]
    fits(described, schema, request)
    assert set(request) == set(schema["required"])


def test_health_says_version_and_table_and_nothing_else(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert api.call("GET", "/health").json_body == {"Version": "dev", "TableAnswers": True}
    with api_on("http://127.0.0.1:9", {}, monkeypatch) as lost:
        answer = lost.call("GET", "/health")
    assert (answer.status_code, answer.json_body) == (503, {"Version": "dev", "TableAnswers": False})
