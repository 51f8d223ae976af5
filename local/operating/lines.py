"""A table as JSON Lines and back: one item a line, its attributes as plain JSON, numbers exact.

For backups that outlive an account, for moving a stage, and for looking at data with ordinary tools.  The clients are
an operator's, who would rather wait for a slow answer than begin again.
"""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec
from boto3.dynamodb.types import TypeSerializer

from chalicelib.items import Item, plain
from local.operating.stage import client
from local.trouble import Trouble

WORKERS = 4
_CHUNK = 100
"""Keys in one BatchGetItem; BatchWriteItem takes 25 (DynamoDB API reference)."""
_WRITES = 25
_NOT_PLAIN = frozenset({"B", "BS", "SS", "NS"})
_encoder = msgspec.json.Encoder(decimal_format="number")
_serialize = TypeSerializer().serialize


@dataclass(frozen=True)
class Loaded:
    """What became of the lines of a file."""

    written: int = 0
    kept: int = 0
    """Items that were in the table already; they stay as they are."""


def dump(table: str) -> Iterator[bytes]:
    """The items of ``table`` as lines.  ``Trouble`` for an attribute that JSON has no word for (bytes and sets)."""
    for page in client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from map(_line, page["Items"])


def _line(item: Item) -> bytes:
    strange = [name for name, value in item.items() if _NOT_PLAIN & value.keys()]
    if strange:
        raise Trouble(f"attribute {strange[0]} is no plain JSON; leave the table to DynamoDB's own backup")
    return _encoder.encode(plain(item)) + b"\n"


def load(table: str, lines: Iterable[bytes], check: Callable[[Item], object]) -> Loaded:
    """Write the items of ``lines`` that ``table`` does not have; calling it again goes on where it stopped.

    ``check`` raises for an item that the app could not read.  ``Trouble`` names the first line that is wrong; the lines
    before it may be written by then.
    """
    tables = client("dynamodb")
    keys = [key["AttributeName"] for key in tables.describe_table(TableName=table)["Table"]["KeySchema"]]
    chunks = _chunks(_items(lines, keys, check), _CHUNK)
    written = kept = 0
    with ThreadPoolExecutor(WORKERS) as pool:
        # As many chunks at a time as there are workers: a file of any length takes the same memory.
        while some := list(itertools.islice(chunks, WORKERS * 2)):
            for chunk, fresh in zip(some, pool.map(partial(_write_missing, tables, table, keys), some), strict=True):
                written += fresh
                kept += len(chunk) - fresh
    return Loaded(written, kept)


def _items(lines: Iterable[bytes], keys: Sequence[str], check: Callable[[Item], object]) -> Iterator[Item]:
    for number, line in enumerate(lines, 1):
        try:
            values = json.loads(line, parse_float=Decimal, parse_int=Decimal)
            item = {name: _serialize(value) for name, value in values.items()}
            if any("S" not in item.get(key, {}) for key in keys):
                raise ValueError(f"lacks {' and '.join(keys)}")
            check(item)
        except (ValueError, AttributeError, TypeError, KeyError, msgspec.MsgspecError) as error:
            raise Trouble(f"line {number} is not an item of this table: {error}") from None
        yield item


def _chunks(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    while chunk := list(itertools.islice(items, size)):
        yield chunk


def _write_missing(tables: Any, table: str, keys: Sequence[str], items: Sequence[Item]) -> int:
    """Write those of up to 100 items that are not there; gives their number.  A key that comes twice counts once."""
    wanted = {_key(item, keys): item for item in items}
    there = _existing(tables, table, keys, list(wanted.values()))
    missing = [item for key, item in wanted.items() if key not in there]
    for start in range(0, len(missing), _WRITES):
        _put(tables, table, missing[start : start + _WRITES])
    return len(missing)


def _existing(tables: Any, table: str, keys: Sequence[str], items: Sequence[Item]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    names = {f"#{number}": key for number, key in enumerate(keys)}
    asked: Mapping[str, Any] = {
        table: {
            "Keys": [{key: item[key] for key in keys} for item in items],
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names,
            "ConsistentRead": True,
        }
    }
    for attempt in itertools.count():
        answer: Mapping[str, Any] = tables.batch_get_item(RequestItems=asked)
        found |= {_key(item, keys) for item in answer["Responses"].get(table, [])}
        asked = answer.get("UnprocessedKeys") or {}
        if not asked:
            return found
        _pause(attempt)
    raise AssertionError("the loop ends by returning")


def _put(tables: Any, table: str, items: Sequence[Item]) -> None:
    waiting: Mapping[str, Any] = {table: [{"PutRequest": {"Item": item}} for item in items]}
    for attempt in itertools.count():
        waiting = tables.batch_write_item(RequestItems=waiting).get("UnprocessedItems") or {}
        if not waiting:
            return
        _pause(attempt)


def _key(item: Item, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(item[key]["S"] for key in keys)


def _pause(attempt: int) -> None:
    """Before asking again for what DynamoDB put off: up to 0.1 s, doubling to 5 s, with full jitter."""
    time.sleep(random.uniform(0, min(5.0, 0.1 * 2**attempt)))
