"""A fresh process until it has answered its first request, beside a bare Chalice app with the same DynamoDB client."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.harness import ROOT, Limit, Report, figure

_ANSWER = b'{"Items": [], "Count": 0, "ScannedCount": 0}'
_EVENT = (
    '{"resource": "/listrequests", "path": "/listrequests", "httpMethod": "GET", "headers": {}, '
    '"multiValueHeaders": {}, "queryStringParameters": {"Status": "active"}, '
    '"multiValueQueryStringParameters": {"Status": ["active"]}, '
    '"pathParameters": None, "stageVariables": None, "body": None, "isBase64Encoded": False, "requestContext": '
    '{"resourcePath": "/listrequests", "httpMethod": "GET", "path": "/api/listrequests", "requestId": "1", '
    '"identity": {"sourceIp": "127.0.0.1"}}}'
)
_CALL = f"""
class Context:
    function_name, memory_limit_in_mb, invoked_function_arn, aws_request_id = "api", 512, "arn", "1"
answer = app({_EVENT}, Context())
assert answer["statusCode"] == 200, answer
"""
OURS = "from app import app" + _CALL
BARE = (
    """
import boto3
from botocore.config import Config
from chalice import Chalice
app = Chalice(app_name="bare")
client = boto3.client("dynamodb", config=Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard"}))
@app.route("/listrequests")
def list_requests():
    return client.query(TableName="UserRequestsTable", IndexName="StatusCreatedAt", Limit=101,
        KeyConditionExpression="#hash = :hash", ExpressionAttributeNames={"#hash": "Status"},
        ExpressionAttributeValues={":hash": {"S": "active"}})["Items"]
"""
    + _CALL
)


def run(data: Path | None) -> Report:
    """Alternates fresh processes of both; the DynamoDB they call is a stub that answers at once with no items."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _NoItems)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = os.environ | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_REGION": "eu-west-2",
        "AWS_DEFAULT_REGION": "eu-west-2",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    try:
        taken = _alternating({"ours": OURS, "bare": BARE}, environment, repeats=15)
    finally:
        server.shutdown()
    return Report(
        figures={"cold_start": figure(taken["ours"], "ms")},
        baseline={"cold_start": figure(taken["bare"], "ms")},
        limits={"cold_start": Limit(at_most=1.15, ratio=True)},
        notes=["Whole life of a process: interpreter, imports, DynamoDB client, one listing by status, exit."],
    )


def _alternating(codes: dict[str, str], environment: dict[str, str], repeats: int) -> dict[str, list[float]]:
    """Milliseconds of ``repeats`` processes of each code, in turn; the first of each writes .pyc and does not count."""
    taken: dict[str, list[float]] = {name: [] for name in codes}
    for turn in range(repeats + 1):
        for name, code in codes.items():
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
            )
            if turn:
                taken[name].append((time.perf_counter() - started) * 1000)
    return taken


class _NoItems(BaseHTTPRequestHandler):
    """A DynamoDB that has nothing."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    """Head and body leave in one packet; in two, the second would wait 40 ms for a delayed acknowledgement."""

    def do_POST(self) -> None:
        """Answer any call alike."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(_ANSWER)))
        self.end_headers()
        self.wfile.write(_ANSWER)

    def log_message(self, *arguments: object) -> None:
        """Nothing to say."""
