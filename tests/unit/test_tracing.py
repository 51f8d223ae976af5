"""X-Ray subsegments: what is sent to the daemon, and that nothing is where tracing is off."""

from __future__ import annotations

import contextlib
import io
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from urllib3 import HTTPResponse

from chalicelib import aws
from chalicelib.scraping.reading import ShopReader
from chalicelib.search.client import understood
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


# What the pipeline waits for is traced where it waits --------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "operation", "call"),
    [
        (aws.dynamodb, "ListTables", {}),
        (aws.sqs, "ListQueues", {}),
        (aws.sns_topic, "Publish", {"TopicArn": "arn:aws:sns:eu-west-2:000000000000:T", "Message": "m"}),
        (aws.sns_sms, "Publish", {"PhoneNumber": "+447700900123", "Message": "m"}),
    ],
)
def test_every_client_of_the_app_is_traced(
    daemon: socket.socket,
    made: Callable[[], Any],
    operation: str,
    call: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    aws._client.cache_clear()
    client = made()
    body = b"<Refused/>" if client.meta.service_model.service_name == "sns" else b"{}"
    refusal = HTTPResponse(io.BytesIO(body), preload_content=False)
    client.meta.events.register("before-send", lambda **_: AWSResponse("", 400, {}, refusal))
    with contextlib.suppress(ClientError):
        client._make_api_call(operation, call)
    aws._client.cache_clear()
    document = received(daemon)
    assert document["aws"] == {"operation": operation}
    assert "900123" not in json.dumps(document)


def test_a_search_is_a_subsegment(daemon: socket.socket) -> None:
    with understood():
        pass
    assert received(daemon)["name"] == "OpenSearch"


def test_a_page_load_is_a_subsegment_of_its_host(daemon: socket.socket) -> None:
    url = "https://shop.example/products?page=2"
    reader = ShopReader(
        job=mock.Mock(),
        shop=mock.Mock(pause=0.0, needs_script=False),
        guard=mock.Mock(),
        turns=mock.Mock(next_turn=lambda host, pause: 0.0),
        robots=lambda asked: mock.Mock(pause=0.0),
        fetcher=mock.Mock(),
        browser=None,
    )
    with mock.patch.object(reader, "_fetch", return_value=mock.Mock(status=200)):
        reader.read(url)
    document = received(daemon)
    assert (document["name"], document["http"]) == ("shop.example", {"request": {"url": url, "method": "GET"}})
