"""What a stage holds of one phone number: handed out, or taken away.

A number stands in clear only in requests; everywhere else there are request ids, or hashes of the number.  The table
of requests has no index by number, so that it is read once from end to end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from chalicelib import aws
from chalicelib.items import Item, plain
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.notifications import allowance, ledger, store
from chalicelib.requests.guards import GuardStore
from chalicelib.requests.phones import read_phone
from chalicelib.requests.store import RequestStore
from chalicelib.requests.wrong import Wrong
from chalicelib.settings import settings
from local.trouble import Trouble


@dataclass(frozen=True)
class Erased:
    """What was taken away."""

    requests: int
    ledger_items: int
    opted_out: bool
    """Whether the phone's opt-out is known; it stays, as a hash, so that the phone is never texted again."""


def number(text: str) -> str:
    """The E.164 form of a number as people write it.  ``Trouble`` for what is none."""
    stage = settings()
    try:
        return read_phone(text, stage.country, stage.sms_countries, examples=True)
    except Wrong as error:
        raise Trouble(f"PHONE {error}") from None


def held(phone: str) -> dict[str, Any]:
    """Everything that is held of ``phone`` (E.164), as plain values."""
    requests = list(_requests(phone))
    ids = [request["RequestID"] for request in requests]
    return {
        "PhoneNumber": phone,
        "Requests": requests,
        "Ledger": [plain(item) for request_id in ids for item in store.query(ledger.partition(request_id))],
        "Phone": [plain(item) for item in store.query(_phone_partition(phone))],
        "AsOf": datetime.now(UTC).isoformat(),
    }


def erase(phone: str) -> Erased:
    """Delete every request of ``phone``, what the ledger has of them and the counters of the number.

    Each request is paused first, so that nothing is claimed for it meanwhile, and goes last, so that after a stop its
    ledger is found again.
    """
    found, items = list(_requests(phone)), 0
    guards, requests = GuardStore(), RequestStore()
    for request in found:
        request_id = request["RequestID"]
        requests.update(request_id, _paused)
        items += sum(_delete(item) for item in store.query(ledger.partition(request_id)))
        guards.drop_code(request_id)
        requests.delete(request_id)
    if found:
        guards.free_slots(phone, [request["RequestID"] for request in found])
    days = store.query(_phone_partition(phone), "Day#")
    items += sum(_delete(item) for item in days)
    return Erased(len(found), items, store.get(*allowance.opt_out_key(phone)) is not None)


def _paused(request: UserRequest) -> UserRequest:
    return msgspec.structs.replace(request, status=RequestStatus.PAUSED)


def _requests(phone: str) -> Iterator[dict[str, Any]]:
    pages = (
        aws.dynamodb()
        .get_paginator("scan")
        .paginate(
            TableName=settings().user_requests_table,
            FilterExpression="PhoneNumber = :phone",
            ExpressionAttributeValues={":phone": {"S": phone}},
            ConsistentRead=True,
        )
    )
    for page in pages:
        yield from map(plain, page["Items"])


def _phone_partition(phone: str) -> str:
    return allowance.opt_out_key(phone)[0]


def _delete(item: Item) -> int:
    aws.dynamodb().delete_item(TableName=settings().notifications_table, Key={"PK": item["PK"], "SK": item["SK"]})
    return 1
