"""What is known of each catalogue beside its products, in the pipeline table: when it was read, when it went unasked.

``PK=Catalog#<key>``: ``SK=Read#<shop>`` holds ``LastRead``; ``SK=State`` holds ``UnaskedSince`` and ``RetiringSince``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from chalicelib import aws
from chalicelib.catalog.faults import pause, understood
from chalicelib.errors import RetryLater
from chalicelib.settings import settings


class CatalogState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a catalogue nobody asks for has come on its way out."""

    unasked_since: datetime | None = None
    retiring_since: datetime | None = None
    """Set before the first thing is taken away, removed after the last: whoever finds it goes on."""


def mark_read(key: str, shop: str, now: datetime) -> None:
    """A complete scrape of ``shop`` confirmed the catalogue at ``now``."""
    _put(key, f"Read#{shop}", {"LastRead": now.isoformat()})


def last_read(key: str) -> dict[str, datetime]:
    """When each shop's part of the catalogue was last read completely."""
    with understood():
        page = aws.dynamodb().query(
            TableName=settings().pipeline_table,
            KeyConditionExpression="PK = :key AND begins_with(SK, :read)",
            ExpressionAttributeValues={":key": {"S": f"Catalog#{key}"}, ":read": {"S": "Read#"}},
        )
    return {
        item["SK"]["S"].removeprefix("Read#"): datetime.fromisoformat(item["LastRead"]["S"]) for item in page["Items"]
    }


def states(keys: Iterable[str]) -> dict[str, CatalogState]:
    """The state of every catalogue that has one; most have none.  A consistent read."""
    found: dict[str, CatalogState] = {}
    listed = list(dict.fromkeys(keys))
    for start in range(0, len(listed), 100):
        found |= _states(listed[start : start + 100])
    return found


def set_state(key: str, state: CatalogState) -> None:
    """Remember ``state``."""
    times = {"UnaskedSince": state.unasked_since, "RetiringSince": state.retiring_since}
    _put(key, "State", {name: time.isoformat() for name, time in times.items() if time})


def clear_state(key: str) -> None:
    """The catalogue is in use, or is no more."""
    with understood():
        aws.dynamodb().delete_item(TableName=settings().pipeline_table, Key=_key(key, "State"))


def forget_reads(key: str) -> None:
    """Remove what is known of the reads of a catalogue that is no more."""
    for shop in last_read(key):
        with understood():
            aws.dynamodb().delete_item(TableName=settings().pipeline_table, Key=_key(key, f"Read#{shop}"))


def _states(keys: list[str]) -> dict[str, CatalogState]:
    table = settings().pipeline_table
    waiting: Any = {table: {"Keys": [_key(key, "State") for key in keys], "ConsistentRead": True}}
    found: dict[str, CatalogState] = {}
    for attempt in range(10):
        with understood():
            answer = aws.dynamodb().batch_get_item(RequestItems=waiting)
        for item in answer["Responses"].get(table, []):
            found[item["PK"]["S"].removeprefix("Catalog#")] = CatalogState(
                unasked_since=_time(item, "UnaskedSince"), retiring_since=_time(item, "RetiringSince")
            )
        waiting = answer.get("UnprocessedKeys")
        if not waiting:
            return found
        pause(attempt)
    raise RetryLater("DynamoDB keeps putting off reads of the pipeline table")


def _time(item: Any, name: str) -> datetime | None:
    return datetime.fromisoformat(item[name]["S"]) if name in item else None


def _key(key: str, sort: str) -> dict[str, Any]:
    return {"PK": {"S": f"Catalog#{key}"}, "SK": {"S": sort}}


def _put(key: str, sort: str, values: dict[str, str]) -> None:
    with understood():
        aws.dynamodb().put_item(
            TableName=settings().pipeline_table,
            Item=_key(key, sort) | {name: {"S": value} for name, value in values.items()},
        )
