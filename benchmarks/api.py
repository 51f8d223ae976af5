"""A POST and a list of 50 beside Chalice routes that make the same DynamoDB call by hand; 8 clients for 30 s."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.api_servers import Connection, Database, a_wish, database, served
from benchmarks.harness import Limit, Report, figure, percentile, side_by_side, single

CLIENTS, SECONDS = 8, 30
_BY_HAND = """
import json, os, time, uuid
import boto3
from botocore.config import Config
from chalice import Chalice, Response

app = Chalice(app_name="byhand")
client = boto3.client("dynamodb", config=Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard"}))
TABLE, GUARDS = os.environ["USER_REQUESTS_TABLE"], os.environ["PIPELINE_TABLE"]

@app.route("/submitanewrequest", methods=["POST"])
def submit():
    body = json.loads(app.current_request.raw_body)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    item = {"RequestID": str(uuid.uuid4()), **body, "Status": "active", "Version": 1, "CreatedAt": now,
            "UpdatedAt": now, "ExpiresAt": int(time.time()) + 31536000}
    put = {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in item.items()}
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": TABLE, "Item": put, "ConditionExpression": "attribute_not_exists(RequestID)"}},
        {"Update": {"TableName": GUARDS, "Key": {"PK": {"S": "Phone#" + body["PhoneNumber"]}, "SK": {"S": "Requests"}},
                    "UpdateExpression": "ADD RequestIDs :ids SET ExpiresAt = :until",
                    "ConditionExpression": "attribute_not_exists(RequestIDs) OR size(RequestIDs) < :cap",
                    "ExpressionAttributeValues": {":ids": {"SS": [item["RequestID"]]}, ":cap": {"N": "1000000"},
                                                  ":until": {"N": str(item["ExpiresAt"])}}}}])
    return Response(item, status_code=201)

@app.route("/listrequests")
def list_requests():
    found = client.query(TableName=TABLE, IndexName="StatusCreatedAt", Limit=51, ScanIndexForward=False,
        KeyConditionExpression="#hash = :hash", ExpressionAttributeNames={"#hash": "Status"},
        ExpressionAttributeValues={":hash": {"S": "active"}})["Items"]
    return {"Requests": [{name: next(iter(value.values())) for name, value in item.items()} for item in found[:50]]}
"""


def run(data: Path | None) -> Report:
    """Each pair of calls in turn, over kept connections; then writers and readers together."""
    with database() as base, served(base, _by_hand(base)) as plain, served(base, REQUESTS_PER_PHONE="1000000") as ours:
        for number in range(60):
            _expect(201, ours.call("POST", "/submitanewrequest", a_wish(number)))
        posts = side_by_side({"ours": _posting(ours), "plain": _posting(plain)}, repeats=200, warm_up=20)
        lists = side_by_side({"ours": _listing(ours), "plain": _listing(plain)}, repeats=200, warm_up=20)
        crowd = _Crowd(ours)
        crowd.work()
        crowd.check(base)
    return Report(
        figures={
            "post": posts["ours"],
            "list_50": lists["ours"],
            "crowd_call": figure(crowd.taken, "ms"),
            "crowd_call_p95": single(percentile(crowd.taken, 95), "ms"),
            "crowd_calls_per_second": single(len(crowd.taken) / SECONDS, "/s"),
            "crowd_errors": single(crowd.errors),
            "crowd_lost_writes": single(crowd.lost),
        },
        baseline={"post": posts["plain"], "list_50": lists["plain"]},
        limits={
            "post": Limit(at_most=2.0, ratio=True),
            "list_50": Limit(at_most=2.0, ratio=True),
            "crowd_errors": Limit(at_most=0),
            "crowd_lost_writes": Limit(at_most=0),
        },
        notes=[
            "Baseline: a Chalice route with no validation that makes the same DynamoDB call.",
            f"Crowd: {CLIENTS} clients for {SECONDS} s, each posting, changing one shared request, and listing.",
        ],
    )


def _by_hand(base: Database) -> Path:
    project = base.folder / "byhand"
    (project / ".chalice").mkdir(parents=True)
    (project / ".chalice/config.json").write_text('{"version": "2.0", "app_name": "byhand", "stages": {"dev": {}}}')
    (project / "app.py").write_text(_BY_HAND)
    return project


def _posting(server: Connection) -> Any:
    numbers = itertools.count()
    return lambda: _expect(201, server.call("POST", "/submitanewrequest", a_wish(next(numbers))))


def _listing(server: Connection) -> Any:
    return lambda: _expect(200, server.call("GET", "/listrequests?Limit=50&Status=active"))


def _expect(status: int, answer: tuple[int, Any]) -> Any:
    if answer[0] != status:
        raise RuntimeError(f"answered {answer}")
    return answer[1]


class _Crowd:
    """Clients that work at the same time; every write that was acknowledged is looked for afterwards."""

    def __init__(self, server: Connection) -> None:
        self.server = server
        self.taken: list[float] = []
        self.errors = 0
        self.lost = 0
        self.made: list[str] = []
        self.changes = 0
        self.shared: str = _expect(201, server.call("POST", "/submitanewrequest", a_wish(1)))["RequestID"]
        self._counting = threading.Lock()

    def work(self) -> None:
        """Half a minute of calls by every client."""
        ends = time.monotonic() + SECONDS
        clients = [threading.Thread(target=self._client, args=(number, ends)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()

    def _client(self, number: int, ends: float) -> None:
        connection, turn = self.server.another(), 0
        while time.monotonic() < ends:
            turn += 1
            kind = turn % 4
            started = time.perf_counter()
            if kind == 0:
                status, body = connection.call("GET", "/listrequests?Limit=50&Status=active")
            elif kind == 1:
                change = {"RequestID": self.shared, "ProductName": f"Client {number} turn {turn}"}
                status, body = connection.call("PUT", "/update", change)
            else:
                status, body = connection.call("POST", "/submitanewrequest", a_wish(number * 100 + turn % 100))
            self._count(kind, status, body, (time.perf_counter() - started) * 1000)

    def _count(self, kind: int, status: int, body: Any, taken: float) -> None:
        with self._counting:
            self.taken.append(taken)
            if status not in (200, 201):
                # A change that others beat five times is told so and not made: that is no error, and nothing is lost.
                self.errors += not (kind == 1 and status == 409)
            elif kind == 1:
                self.changes += 1
            elif kind > 1:
                self.made.append(body["RequestID"])

    def check(self, base: Database) -> None:
        """Count acknowledged writes that are not there."""
        pages = base.client.get_paginator("scan").paginate(TableName=base.tables["USER_REQUESTS_TABLE"])
        stored = {item["RequestID"]["S"]: item for page in pages for item in page["Items"]}
        missing = Counter(self.made) - Counter(stored.keys())
        self.lost = missing.total() + abs(int(stored[self.shared]["Version"]["N"]) - 1 - self.changes)
