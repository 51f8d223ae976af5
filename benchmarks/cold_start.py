"""A fresh process until it has answered its first request, beside a bare Chalice app with the same DynamoDB client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.harness import ROOT, Limit, Report, figure

_ANSWER = b'{"Items": [], "Count": 0, "ScannedCount": 0}'
_WISH = {
    "Postcode": "SW1A 1AA",
    "ProductName": "Ground Coffee 500 g",
    "Discount": 20,
    "PhoneNumber": "+447400123456",
}


def _calling(method: str, path: str, status: int, query: dict[str, str] | None = None, body: str | None = None) -> str:
    """Code that calls ``app`` once, as API Gateway does, and looks at the answer's status."""
    headers = {"content-type": "application/json"} if body else {}
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": query and {name: [value] for name, value in query.items()},
        "pathParameters": None,
        "stageVariables": None,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": method,
            "path": f"/api{path}",
            "requestId": "1",
            "identity": {"sourceIp": "127.0.0.1"},
        },
    }
    return f"""
class Context:
    function_name, memory_limit_in_mb, invoked_function_arn, aws_request_id = "api", 512, "arn", "1"
answer = app({event!r}, Context())
assert answer["statusCode"] == {status}, answer
"""


_OURS = "from app import app"
_BARE = """
import boto3
from botocore.config import Config
from chalice import Chalice, Response
app = Chalice(app_name="bare")
client = boto3.client("dynamodb", config=Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard"}))
@app.route("/listrequests")
def list_requests():
    return client.query(TableName="UserRequestsTable", IndexName="StatusCreatedAt", Limit=101,
        KeyConditionExpression="#hash = :hash", ExpressionAttributeNames={"#hash": "Status"},
        ExpressionAttributeValues={":hash": {"S": "active"}})["Items"]
@app.route("/submitanewrequest", methods=["POST"])
def submit():
    wish = app.current_request.json_body
    client.put_item(TableName="UserRequestsTable", Item={name: {"S": str(value)} for name, value in wish.items()})
    return Response(wish, status_code=201)
"""
_LISTING = _calling("GET", "/listrequests", 200, query={"Status": "active"})
_POST = _calling("POST", "/submitanewrequest", 201, body=json.dumps(_WISH))
CODES = {
    "ours": {"cold_start": _OURS + _LISTING, "cold_post": _OURS + _POST},
    "bare": {"cold_start": _BARE + _LISTING, "cold_post": _BARE + _POST},
}


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
        taken = {name: _alternating(name, environment, repeats=15) for name in CODES["ours"]}
    finally:
        server.shutdown()
    return Report(
        figures={name: figure(times["ours"], "ms") for name, times in taken.items()},
        baseline={name: figure(times["bare"], "ms") for name, times in taken.items()},
        limits={"cold_start": Limit(at_most=1.15, ratio=True)},
        notes=[
            "Whole life of a process: interpreter, imports, DynamoDB client, one call, exit.",
            "cold_start: a listing by status, one query on both sides.  cold_post: a new request, one write on both "
            "sides; ours loads the numbering plans too and checks the input, so it has no limit.",
        ],
    )


def _alternating(name: str, environment: dict[str, str], repeats: int) -> dict[str, list[float]]:
    """Milliseconds of ``repeats`` processes of both sides, in turn; the first, which writes .pyc, is left out."""
    taken: dict[str, list[float]] = {side: [] for side in CODES}
    for turn in range(repeats + 1):
        for side, codes in CODES.items():
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", codes[name]], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
            )
            if turn:
                taken[side].append((time.perf_counter() - started) * 1000)
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
