"""X-Ray subsegments: what is sent to the daemon, and that nothing is where tracing is off."""

from __future__ import annotations

import contextlib
import io
import json
import socket
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from urllib3 import HTTPResponse

from chalicelib.telemetry import correlate
from chalicelib.tracing import trace_calls, traced

TRACE = "1-5759e988-bd862e3fe1be46a994272793"


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Stands where Lambda runs the X-Ray daemon; the invocation is sampled."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(2)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{listening.getsockname()[1]}")
        monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={TRACE};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0")
        yield listening


def received(daemon: socket.socket) -> dict[str, Any]:
    """The next document, behind the header that the daemon's protocol asks for."""
    header, document = daemon.recv(65_507).split(b"\n", 1)
    assert json.loads(header) == {"format": "json", "version": 1}
    read: dict[str, Any] = json.loads(document)
    return read


def test_a_block_is_a_subsegment_of_the_invocation_and_holds_those_within(daemon: socket.socket) -> None:
    correlate("wish-1")
    with traced("shop.example", http={"request": {"url": "https://shop.example/a"}}), traced("OpenSearch"):
        pass
    inner, outer = received(daemon), received(daemon)
    correlate("")
    assert (outer["name"], outer["trace_id"], outer["parent_id"]) == ("shop.example", TRACE, "53995c3f42cd8ad8")
    assert (inner["name"], inner["parent_id"]) == ("OpenSearch", outer["id"])
    assert outer["start_time"] <= inner["start_time"] <= inner["end_time"] <= outer["end_time"]
    assert outer["annotations"] == {"correlation_id": "wish-1"}
    assert len(outer["id"]) == 16


def test_a_block_that_raises_is_a_fault(daemon: socket.socket) -> None:
    with pytest.raises(OSError, match="away"), traced("OpenSearch"):
        raise OSError("away")
    assert received(daemon)["fault"] is True


@pytest.mark.parametrize(("status", "kind"), [(200, None), (400, "error"), (500, "fault")])
def test_a_call_of_aws_is_a_subsegment_with_its_operation(daemon: socket.socket, status: int, kind: str | None) -> None:
    client = boto3.client("dynamodb", region_name="eu-west-2", config=Config(retries={"total_max_attempts": 1}))
    trace_calls(client.meta.events, "dynamodb")
    body = HTTPResponse(io.BytesIO(b"{}"), preload_content=False)
    client.meta.events.register("before-send", lambda **_: AWSResponse("", status, {}, body))
    with contextlib.suppress(ClientError):
        client.list_tables()
    document = received(daemon)
    assert (document["namespace"], document["aws"]) == ("aws", {"operation": "ListTables"})
    assert {name for name in ("error", "fault") if name in document} == ({kind} if kind else set())


@pytest.mark.parametrize("header", ["", f"Root={TRACE};Parent=53995c3f42cd8ad8;Sampled=0"])
def test_nothing_is_sent_for_an_invocation_that_is_not_sampled(
    daemon: socket.socket, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
    with traced("OpenSearch"):
        pass
    daemon.settimeout(0)
    with pytest.raises(BlockingIOError):
        daemon.recv(1)


def test_a_daemon_that_is_away_is_no_reason_to_fail(daemon: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "nowhere")
    with traced("OpenSearch"):
        pass
