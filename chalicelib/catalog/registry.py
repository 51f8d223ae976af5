"""What is known of each catalogue beside its products, in the pipeline table: when it was read, when it went unasked.

``PK=Catalog#<key> SK=Read#<shop>`` holds ``LastRead``; ``PK=Catalogs SK=<key>`` holds ``UnaskedSince`` and
``RetiringSince`` and is there only for catalogues nobody asks for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from chalicelib import aws
from chalicelib.catalog.faults import understood
from chalicelib.settings import settings

STATES = "Catalogs"


class CatalogState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a catalogue nobody asks for has come on its way out."""

    unasked_since: datetime | None = None
    retiring_since: datetime | None = None
    """Set before the first thing is taken away, removed after the last: whoever finds it goes on."""


def mark_read(key: str, shop: str, now: datetime) -> None:
    """A complete scrape of ``shop`` confirmed the catalogue at ``now``."""
    _put(_key(f"Catalog#{key}", f"Read#{shop}"), {"LastRead": now.isoformat()})


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


def states() -> dict[str, CatalogState]:
    """The state of every catalogue that has one, by key; most have none.  A consistent read."""
    found: dict[str, CatalogState] = {}
    start: dict[str, Any] = {}
    while True:
        with understood():
            page = aws.dynamodb().query(
                TableName=settings().pipeline_table,
                KeyConditionExpression="PK = :catalogs",
                ExpressionAttributeValues={":catalogs": {"S": STATES}},
                ConsistentRead=True,
                **start,
            )
        found |= {item["SK"]["S"]: _state(item) for item in page["Items"]}
        if not page.get("LastEvaluatedKey"):
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def state(key: str) -> CatalogState:
    """The state of one catalogue; empty for one that is in use.  A consistent read."""
    with understood():
        answer = aws.dynamodb().get_item(
            TableName=settings().pipeline_table, Key=_key(STATES, key), ConsistentRead=True
        )
    return _state(answer.get("Item", {}))


def set_state(key: str, state: CatalogState) -> None:
    """Remember ``state``."""
    times = {"UnaskedSince": state.unasked_since, "RetiringSince": state.retiring_since}
    _put(_key(STATES, key), {name: time.isoformat() for name, time in times.items() if time})


def clear_state(key: str) -> None:
    """The catalogue is in use, or is no more."""
    with understood():
        aws.dynamodb().delete_item(TableName=settings().pipeline_table, Key=_key(STATES, key))


def forget_reads(key: str) -> None:
    """Remove what is known of the reads of a catalogue that is no more."""
    for shop in last_read(key):
        with understood():
            aws.dynamodb().delete_item(TableName=settings().pipeline_table, Key=_key(f"Catalog#{key}", f"Read#{shop}"))


def _state(item: Any) -> CatalogState:
    return CatalogState(unasked_since=_time(item, "UnaskedSince"), retiring_since=_time(item, "RetiringSince"))


def _time(item: Any, name: str) -> datetime | None:
    return datetime.fromisoformat(item[name]["S"]) if name in item else None


def _key(partition: str, sort: str) -> dict[str, Any]:
    return {"PK": {"S": partition}, "SK": {"S": sort}}


def _put(key: dict[str, Any], values: dict[str, str]) -> None:
    item = key | {name: {"S": value} for name, value in values.items()}
    with understood():
        aws.dynamodb().put_item(TableName=settings().pipeline_table, Item=item)
