"""What a DynamoDB stream record of a catalogue table asks of the index.  Pure.

Source of the record's shape: DynamoDB API reference, "Record" and "StreamRecord"; Lambda developer guide, "DynamoDB".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.errors import Reject
from chalicelib.search.documents import Document, of_image, of_removal

Record = Mapping[str, Any]


def sequence_number(record: Record) -> str:
    """What Lambda knows the record by."""
    return str(record["dynamodb"]["SequenceNumber"])


def document_of(record: Record, table_prefix: str) -> Document:
    """The write that ``record`` leads to.  ``Reject`` says why a record leads to none."""
    key = catalog_of(record, table_prefix)
    try:
        change = record["dynamodb"]
        removed = record["eventName"] == "REMOVE"
        document = _removal(key, change) if removed else of_image(change["NewImage"])
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:  # msgspec's errors are ValueErrors
        raise Reject(f"{type(error).__name__}: {error}"[:500]) from error
    if document.key != key:
        raise Reject(f"the product belongs to {document.key}, its table to {key}")
    return document


def catalog_of(record: Record, table_prefix: str) -> str:
    """The key of the catalogue the record comes from, from its stream's ARN.  ``Reject`` for any other stream."""
    arn = str(record.get("eventSourceARN", ""))
    table = arn.partition(":table/")[2].partition("/")[0]
    if not table.startswith(table_prefix) or table == table_prefix:
        raise Reject("the record comes from no catalogue")
    return table.removeprefix(table_prefix)


def _removal(key: str, change: Mapping[str, Any]) -> Document:
    product_id = change["Keys"]["ProductID"]["S"]
    return of_removal(key, product_id, int(change["OldImage"]["Version"]["N"]), _time(change))


def _time(change: Mapping[str, Any]) -> datetime:
    """When the change was made; Lambda gives seconds since 1970, other readers of streams a ``datetime``."""
    made = change.get("ApproximateCreationDateTime", 0)
    return made if isinstance(made, datetime) else datetime.fromtimestamp(float(made), UTC)
