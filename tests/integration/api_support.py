"""What the API's tests share: tables as the stack defines them, and Chalice's test client on top."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from chalice.app import Request
from chalice.test import Client, HTTPResponse

from chalicelib import aws
from chalicelib.requests.asked import Asked
from chalicelib.settings import settings
from local.processes import Service, free_port, start, stop, wait_ready

ROOT = Path(__file__).parents[2]
WISH = {"Postcode": "SW1A 1AA", "ProductName": "Ground Coffee 500 g", "Discount": 20, "PhoneNumber": "+447700900123"}
"""A sound request."""
_DYNAMODB_PARTS = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode", "StreamSpecification")


class _Template(yaml.SafeLoader):
    """CloudFormation's short forms, read as their text."""


_Template.add_multi_constructor("!", lambda loader, tag, node: str(node.value))


def make_tables(endpoint: str) -> dict[str, str]:
    """The tables of user requests and of the pipeline, under names of their own; gives the settings that name them."""
    resources = yaml.load((ROOT / ".chalice/resources.yaml").read_text(), Loader=_Template)["Resources"]
    client = boto3.client("dynamodb", endpoint_url=endpoint)
    suffix = uuid.uuid4().hex[:8]
    names = {}
    for setting, resource in (("USER_REQUESTS_TABLE", "UserRequestsTable"), ("PIPELINE_TABLE", "PipelineTable")):
        properties = resources[resource]["Properties"]
        names[setting] = f"{resource}-{suffix}"
        parts = {part: properties[part] for part in _DYNAMODB_PARTS if part in properties}
        if "StreamSpecification" in parts:
            parts["StreamSpecification"] |= {"StreamEnabled": True}
        client.create_table(TableName=names[setting], **parts)
    return names


@contextmanager
def stage(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Iterator[None]:
    """Settings of ``environment`` for the time of the block."""
    with monkeypatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        forget()
        yield
    forget()


def forget() -> None:
    """Have settings and clients made anew on their next use."""
    settings.cache_clear()
    aws._client.cache_clear()


@contextmanager
def api_on(
    endpoint: str, tables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, **environment: str
) -> Iterator[Api]:
    """The API of a stage with these settings; texts are kept instead of sent."""
    with stage(monkeypatch, AWS_ENDPOINT_URL=endpoint, **tables, **environment):
        from app import app

        texts: list[tuple[str, str]] = []
        monkeypatch.setattr("chalicelib.requests.texting.send_text", lambda phone, text: texts.append((phone, text)))
        with Client(app) as client:
            yield Api(client, texts)


@dataclass
class Api:
    """The four routes through Chalice's test client."""

    client: Client
    texts: list[tuple[str, str]] = field(default_factory=list)
    """Phone and text of every text that was sent."""

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> HTTPResponse:
        """One call; ``body`` is sent as JSON, bytes as they are."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} if raw else {}
        return self.client.http.request(method, path, headers=sent | dict(headers or {}), body=raw)

    def submit(self, headers: Mapping[str, str] | None = None, **changes: Any) -> HTTPResponse:
        """POST the sound request with ``changes``."""
        return self.call("POST", "/submitanewrequest", WISH | changes, headers)

    def stored(self, **changes: Any) -> dict[str, Any]:
        """A new request, as the API gave it."""
        answer = self.submit(**changes)
        assert answer.status_code == 201, answer.body
        request: dict[str, Any] = answer.json_body
        return request

    def update(self, request_id: str, **changes: Any) -> HTTPResponse:
        """PUT ``changes``."""
        return self.call("PUT", "/update", {"RequestID": request_id, **changes})

    def listed(self, query: str = "") -> dict[str, Any]:
        """A page."""
        answer = self.call("GET", f"/listrequests{query}")
        assert answer.status_code == 200, answer.body
        page: dict[str, Any] = answer.json_body
        return page

    def direct_submit(self, key: str) -> tuple[int, dict[str, Any]]:
        """POST the sound request from any thread, past Chalice, whose app has one current request."""
        from chalicelib.requests import handlers
        from chalicelib.requests.answers import encoded
        from chalicelib.requests.http import answered

        answer = answered(an_asked("POST", "/submitanewrequest", WISH, {"idempotency-key": key}), handlers.submit)
        body: dict[str, Any] = json.loads(encoded(answer.body))
        return answer.status, body

    def code(self) -> str:
        """The code of the last text."""
        return self.texts[-1][1][:6]


def an_asked(method: str, path: str, body: Any, headers: Mapping[str, str]) -> Asked:
    """A request as handlers see it."""
    event = {
        "multiValueQueryStringParameters": None,
        "headers": {"content-type": "application/json", **headers},
        "pathParameters": {},
        "stageVariables": {},
        "body": json.dumps(body),
        "requestContext": {"httpMethod": method, "resourcePath": path, "identity": {}, "requestId": str(uuid.uuid4())},
    }
    return Asked.of(Request(event))


@contextmanager
def served(folder: Path, endpoint: str, tables: Mapping[str, str], **environment: str) -> Iterator[str]:
    """URL of the API under ``chalice local``, on a port of its own, with the tables at ``endpoint`` behind it."""
    port = free_port(8530, 8599)
    chalice = str(Path(sys.executable).with_name("chalice"))
    command = (chalice, "--project-dir", str(ROOT), "local", "--stage", "local", "--no-autoreload")
    service = Service(
        name=f"chalice-local-{port}",
        command=(*command, "--host", "127.0.0.1", "--port", str(port)),
        folder=folder,
        port=port,
        environment={**os.environ, "AWS_ENDPOINT_URL": endpoint, **tables, **environment},
    )
    try:
        start(service)
        wait_ready(service)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(service)
