"""The 1,000th page of a listing beside the first, with 100,000 requests stored."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.api_servers import Connection, Database, database, new_id, served
from benchmarks.harness import Limit, Report, side_by_side
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.requests.records import as_item

STORED, PAGE = 100_000, 100


def run(data: Path | None) -> Report:
    """Pages of 100 through the API; the token of the last page is had by walking there in larger steps."""
    os.environ.setdefault("STAGE", "local")
    with database() as base:
        _fill(base)
        with served(base, STAGE="local") as server:
            token = _token_after(server, STORED - PAGE)
            first, last = (
                "/listrequests?Limit=100&Status=active",
                f"/listrequests?Limit=100&Status=active&NextToken={token}",
            )
            timed = side_by_side(
                {"last": lambda: _page(server, last), "first": lambda: _page(server, first)}, repeats=60, warm_up=5
            )
    return Report(
        figures={"page_1000": timed["last"]},
        baseline={"page_1000": timed["first"]},
        limits={"page_1000": Limit(at_least=0.8, at_most=1.2, ratio=True)},
        notes=[f"{STORED:,} active requests in 1,000 postcodes, pages of {PAGE}. Baseline: the first page."],
    )


def _fill(base: Database) -> None:
    table = base.tables["USER_REQUESTS_TABLE"]
    for start in range(0, STORED, 25):
        asked = {table: [{"PutRequest": {"Item": as_item(_request(number))}} for number in range(start, start + 25)]}
        while asked:
            asked = base.client.batch_write_item(RequestItems=asked)["UnprocessedItems"]


def _request(number: int) -> UserRequest:
    now = datetime.now(UTC)
    return UserRequest(
        request_id=new_id(),
        postcode=f"M{number % 1000 // 10 % 90 + 1} {number % 10}AE",
        product_name=f"Ground Coffee {number}",
        discount=Decimal(20),
        phone_number="+447700900123",
        status=RequestStatus.ACTIVE,
        version=1,
        created_at=now,
        updated_at=now,
        expires_at=now + timedelta(days=365),
    )


def _token_after(server: Connection, skipped: int) -> str:
    """The token of the page that begins after so many requests; ``Limit`` is no part of a token."""
    token = ""
    while skipped:
        step = min(1000, skipped)
        answer = server.call("GET", f"/listrequests?Limit={step}&Status=active{token and f'&NextToken={token}'}")
        token, skipped = answer[1]["NextToken"], skipped - step
    return token


def _page(server: Connection, path: str) -> Any:
    status, body = server.call("GET", path)
    if status != 200 or len(body["Requests"]) != PAGE:
        raise RuntimeError(f"answered {status} with {len(body.get('Requests', []))} requests")
    return body
