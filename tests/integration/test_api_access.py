"""Who may call what: every route asks for a key or a user, users see only their own, and browsers are answered."""

from __future__ import annotations

import base64
import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import pytest
from api_support import Api, make_tables, stage
from chalice.config import Config
from chalice.local import LocalGateway
from chalice.test import Client

OPEN_TO_ALL = {("GET", "/health"), ("GET", "/openapi.json")}
"""Routes that are meant to answer anybody.  Another one is a decision, so it is added here by hand."""
POOL = "arn:aws:cognito-idp:eu-west-2:123456789012:userpool/eu-west-2_example"


def fresh_app() -> ModuleType:
    """The app, declared under the present settings."""
    sys.modules.pop("app", None)
    return importlib.import_module("app")


@pytest.fixture(params=["api_key", "cognito"])
def declared(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with stage(monkeypatch, ACCESS=request.param, USER_POOL_ARN=POOL):
        yield fresh_app().app
    sys.modules.pop("app", None)


def test_every_route_asks_who_calls(declared: Any) -> None:
    unguarded = {
        (method, path)
        for path, methods in declared.routes.items()
        for method, entry in methods.items()
        if not (entry.api_key_required or entry.authorizer)
    }
    assert unguarded == OPEN_TO_ALL
    assert {"/submitanewrequest", "/listrequests", "/deletearequest", "/update"} < set(declared.routes)


def test_every_route_answers_browsers(declared: Any) -> None:
    assert all(entry.cors is not None for methods in declared.routes.values() for entry in methods.values())


def token(subject: str) -> dict[str, str]:
    """An unsigned token: the gateway checks signatures before us, and Chalice's test client only reads the claims."""

    def part(content: Mapping[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    return {
        "Authorization": f"{part({'alg': 'none'})}.{part({'sub': subject, 'cognito:username': subject})}.{part({})}"
    }


ME, YOU = token("user-me"), token("user-you")


@pytest.fixture
def api(dynamodb_local: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    settings = {"ACCESS": "cognito", "USER_POOL_ARN": POOL, **make_tables(dynamodb_local)}
    with stage(monkeypatch, AWS_ENDPOINT_URL=dynamodb_local, **settings), Client(fresh_app().app) as client:
        yield Api(client)
    sys.modules.pop("app", None)


def test_users_see_change_and_delete_only_their_own(api: Api) -> None:
    mine = api.submit(ME).json_body["RequestID"]
    yours = api.submit(YOU).json_body["RequestID"]

    def seen(who: Mapping[str, str], query: str = "") -> list[str]:
        return [one["RequestID"] for one in api.call("GET", f"/listrequests{query}", headers=who).json_body["Requests"]]

    assert (seen(ME), seen(YOU)) == ([mine], [yours])
    for query in ("?Postcode=SW1A1AA", "?Status=active", "?Postcode=SW1A1AA&Status=active"):
        assert seen(ME, query) == [mine]
    theirs = api.call("PUT", "/update", {"RequestID": yours, "Discount": 1}, ME)
    unknown = api.call("PUT", "/update", {"RequestID": "6fa1a3a4-51b4-4c3b-9f67-0a3c6f9f3f51", "Discount": 1}, ME)
    assert (theirs.status_code, unknown.status_code) == (404, 404)
    assert theirs.json_body["Message"].replace(yours, "") == unknown.json_body["Message"].replace(
        "6fa1a3a4-51b4-4c3b-9f67-0a3c6f9f3f51", ""
    )
    assert api.call("DELETE", f"/deletearequest?RequestID={yours}", headers=ME).status_code == 404
    assert api.call("DELETE", f"/deletearequest?RequestID={yours}", headers=YOU).status_code == 200
    assert seen(YOU) == []


def test_the_owner_is_nobody_elses_business(api: Api) -> None:
    assert "Owner" not in api.submit(ME).json_body
    assert "user-me" not in api.call("GET", "/listrequests", headers=ME).body.decode()


def test_a_page_token_of_one_user_is_no_good_to_another(api: Api) -> None:
    for _ in range(2):
        api.submit(ME)
    page = api.call("GET", "/listrequests?Limit=1", headers=ME).json_body
    stolen = api.call("GET", f"/listrequests?Limit=1&NextToken={page['NextToken']}", headers=YOU)
    assert stolen.status_code == 400


def test_one_key_of_two_users_makes_two_requests(api: Api) -> None:
    key = {"Idempotency-Key": "same"}
    assert api.submit(ME | key).json_body["RequestID"] != api.submit(YOU | key).json_body["RequestID"]


def test_a_caller_without_a_user_sees_nothing_though_the_gateway_let_them_in(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    anonymous = api.call("GET", "/listrequests", headers=token(""))
    assert (anonymous.status_code, anonymous.json_body["Code"]) == (401, "Unauthorized")


@pytest.mark.parametrize(
    ("origins", "origin", "answered"),
    [
        ("*", "https://a.example", "*"),
        ("https://a.example", "https://b.example", "https://a.example"),
        ("https://a.example,https://b.example", "https://b.example", "https://b.example"),
        ("https://a.example,https://b.example", "https://c.example", "https://a.example"),
    ],
)
def test_answers_name_the_origins_of_the_stage(
    dynamodb_local: str, monkeypatch: pytest.MonkeyPatch, origins: str, origin: str, answered: str
) -> None:
    tables = make_tables(dynamodb_local)
    with stage(monkeypatch, AWS_ENDPOINT_URL=dynamodb_local, CORS_ORIGINS=origins, **tables):
        app = fresh_app().app
        for path in ("/listrequests", "/listrequests?Limit=0"):
            with Client(app) as client:
                answer = Api(client).call("GET", path, headers={"Origin": origin})
            assert answer.headers["Access-Control-Allow-Origin"] == answered
            assert answer.headers["Access-Control-Expose-Headers"] == "X-Request-Id,Retry-After"
    sys.modules.pop("app", None)


def test_a_preflight_allows_what_clients_send(monkeypatch: pytest.MonkeyPatch) -> None:
    with stage(monkeypatch, CORS_ORIGINS="https://a.example"):
        gateway = LocalGateway(fresh_app().app, Config())
        headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"}
        answer = gateway.handle_request("OPTIONS", "/update", headers, None)
    sys.modules.pop("app", None)
    assert answer["statusCode"] == 200
    assert answer["headers"]["Access-Control-Allow-Origin"] == "https://a.example"
    assert answer["headers"]["Access-Control-Allow-Methods"] == "PUT,OPTIONS"
    allowed = set(answer["headers"]["Access-Control-Allow-Headers"].lower().split(","))
    assert {"content-type", "x-api-key", "authorization", "idempotency-key"} <= allowed
