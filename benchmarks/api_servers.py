"""Servers the API's benchmarks run against: DynamoDB Local, our app and another under ``chalice local``."""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import yaml

from benchmarks.harness import ROOT
from local.dynamodb import dynamodb_local
from local.places import REGION
from local.processes import Service, free_port, start, stop, wait_ready

_PARTS = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class _Template(yaml.SafeLoader):
    """CloudFormation's short forms, read as their text."""


_Template.add_multi_constructor("!", lambda loader, tag, node: str(node.value))


@dataclass
class Database:
    """DynamoDB Local with the stack's tables."""

    folder: Path
    endpoint: str
    tables: Mapping[str, str]

    @cached_property
    def client(self) -> Any:
        """A client of it."""
        return boto3.client("dynamodb", endpoint_url=self.endpoint)


@contextmanager
def database(heap_megabytes: int = 384) -> Iterator[Database]:
    """A fresh one, gone afterwards; all that it holds lies in its heap."""
    os.environ.update(AWS)
    with ExitStack() as open_things:
        folder = Path(open_things.enter_context(tempfile.TemporaryDirectory()))
        port = free_port(8500, 8529)
        _running(dynamodb_local(folder, port, heap_megabytes), open_things)
        made = Database(folder, f"http://127.0.0.1:{port}", {})
        yield Database(folder, made.endpoint, _make_tables(made.client))


def _make_tables(client: Any) -> dict[str, str]:
    resources = yaml.load((ROOT / ".chalice/resources.yaml").read_text(), Loader=_Template)["Resources"]
    names = {"USER_REQUESTS_TABLE": "UserRequestsTable", "PIPELINE_TABLE": "PipelineTable"}
    for resource in names.values():
        properties = resources[resource]["Properties"]
        client.create_table(TableName=resource, **{part: properties[part] for part in _PARTS if part in properties})
    return names


@contextmanager
def served(data: Database, project: Path = ROOT, **environment: str) -> Iterator[Connection]:
    """A connection to a Chalice project under ``chalice local``, the database behind it."""
    with ExitStack() as open_things:
        port = free_port(8530, 8599)
        chalice = str(Path(sys.executable).with_name("chalice"))
        arguments = (
            "--project-dir",
            str(project),
            "local",
            "--no-autoreload",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        )
        variables = {**AWS, "AWS_ENDPOINT_URL": data.endpoint, **data.tables, **environment}
        service = Service(f"chalice-{port}", (chalice, *arguments), data.folder, port, environment=variables)
        _running(service, open_things)
        yield Connection(port)


def _running(service: Service, open_things: ExitStack) -> None:
    open_things.callback(stop, service)
    start(service)
    wait_ready(service)


class Connection:
    """One kept HTTP connection, as a client of the API has."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def another(self) -> Connection:
        """A second client's."""
        return Connection(self.port)

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        raw = json.dumps(body) if body is not None else None
        self._http.request(method, path, raw, {"Content-Type": "application/json"} if raw else {})
        self._acknowledge_at_once()
        answer = self._http.getresponse()
        return answer.status, json.loads(answer.read())

    def _acknowledge_at_once(self) -> None:
        """Linux may wait 40 ms before it acknowledges an answer's headers, and ``chalice local`` holds the body for it.

        Which of two connections it does that to is chance (tcp(7), TCP_QUICKACK), so it is switched off for all.
        """
        if hasattr(socket, "TCP_QUICKACK"):
            self._http.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def a_wish(number: int) -> dict[str, Any]:
    """A sound request, from one of a thousand phones."""
    return {
        "Postcode": "SW1A 1AA",
        "ProductName": f"Ground Coffee {number}",
        "Discount": 20,
        "PhoneNumber": f"+447700900{number % 1000:03}",
    }


def new_id() -> str:
    """An id as the API makes them."""
    return str(uuid.uuid4())
