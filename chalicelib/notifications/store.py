"""The calls to DynamoDB of this stage: conditional writes whose refusal and whose lost answer can be told apart."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import aws
from chalicelib.errors import RetryLater, ShelfwatchError
from chalicelib.items import Item
from chalicelib.settings import settings

if TYPE_CHECKING:
    from boto3.dynamodb.types import TypeSerializer

Write = dict[str, Any]
"""One entry of ``TransactItems``: ``{"Update": {...}}``."""

CONFLICT_ATTEMPTS = 8
MOST_WRITES = 100
"""Writes in one transaction (DynamoDB developer guide, "TransactWriteItems")."""
_WAITS = {
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionInProgressException",
}
_CONFLICTS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class Refused(ShelfwatchError):
    """A condition did not hold.  ``items[i]`` is what write ``i`` found, where it is one of those that failed."""

    def __init__(self, failed: Sequence[bool], items: Sequence[Item | None]) -> None:
        super().__init__("a condition of the ledger did not hold")
        self.failed = tuple(failed)
        self.items = tuple(items)


def get(pk: str, sk: str) -> Item | None:
    """The item, read consistently."""
    with _translated():
        answer = aws.dynamodb().get_item(TableName=_table(), Key=key(pk, sk), ConsistentRead=True)
    return answer.get("Item")


def get_many(keys: Iterable[tuple[str, str]]) -> list[Item]:
    """Those of the items that exist, read consistently, in no order; a hundred keys to a call."""
    wanted: list[Any] = [key(pk, sk) for pk, sk in dict.fromkeys(keys)]
    found: list[Item] = []
    while wanted:
        asked = {_table(): {"Keys": wanted[:100], "ConsistentRead": True}}
        with _translated():
            answer = aws.dynamodb().batch_get_item(RequestItems=asked)  # type: ignore[arg-type]
        found += answer["Responses"].get(_table(), [])
        skipped: Any = answer.get("UnprocessedKeys", {})
        unread = skipped.get(_table(), {}).get("Keys", [])
        wanted = [*unread, *wanted[100:]]
        if unread:
            _pause(1)
    return found


def query(
    pk: str, prefix: str = "", *, index: str = "", name: str = "PK", up_to: tuple[str, int] | None = None
) -> Iterator[Item]:
    """Items of one partition in the order of their sort key, page by page.

    ``prefix`` narrows the sort key ``SK``; ``index`` and ``name`` ask an index by its partition attribute instead, and
    ``up_to`` narrows its numeric sort attribute to at most a value.
    """
    condition, names, values = "#pk = :pk", {"#pk": name}, {":pk": value(pk)}
    if prefix:
        condition, names["#sk"], values[":sk"] = f"{condition} AND begins_with(#sk, :sk)", "SK", value(prefix)
    if up_to:
        condition, names["#sk"], values[":sk"] = f"{condition} AND #sk <= :sk", up_to[0], value(up_to[1])
    asked: dict[str, Any] = {
        "TableName": _table(),
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }
    asked |= {"IndexName": index} if index else {"ConsistentRead": True}
    while True:
        with _translated():
            answer = aws.dynamodb().query(**asked)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def write(entry: Write) -> None:
    """Make one write of a transaction's form on its own.  Raises as ``transact`` does."""
    ((kind, arguments),) = entry.items()
    client = aws.dynamodb()
    call: Any = {"Put": client.put_item, "Update": client.update_item, "Delete": client.delete_item}[kind]
    try:
        with _translated():
            call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        item: Any = error.response.get("Item")
        raise Refused([True], [item]) from None


def transact(writes: Sequence[Write]) -> None:
    """Make all of ``writes`` (at most 100) or none.

    Raises ``Refused`` where a condition did not hold and ``RetryLater`` where nobody can tell whether it was done.
    A lost answer is asked for again by the client under the same token, so that "done" is never taken for "refused".
    """
    for attempt in range(CONFLICT_ATTEMPTS):
        try:
            with _translated():
                aws.dynamodb().transact_write_items(TransactItems=writes)  # type: ignore[arg-type]
            return
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            _raise_refusal(error)
        _pause(attempt)
    raise RetryLater("the ledger is contended")


def _raise_refusal(error: ClientError) -> None:
    """Raises ``Refused`` when a condition failed; gives back when a conflict or a limit was all there was."""
    reasons: list[Any] = error.response.get("CancellationReasons", [])
    failed = [reason.get("Code") == "ConditionalCheckFailed" for reason in reasons]
    if any(failed):
        raise Refused(failed, [reason.get("Item") for reason in reasons]) from None
    if not any(reason.get("Code") in _CONFLICTS for reason in reasons):
        raise error


@contextmanager
def _translated() -> Iterator[None]:
    """DynamoDB being away, slow or throttled becomes ``RetryLater``; every other refusal passes."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _WAITS:
            raise RetryLater("the ledger is not there now") from error
        raise
    except BotoCoreError as error:
        raise RetryLater("the ledger is not there now") from error


def update(
    pk: str, sk: str, change: str, condition: str, values: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> Write:
    """An ``Update`` entry.  ``values`` are plain and named without their colon, ``names`` without their ``#``."""
    entry = _conditional(pk, sk, condition, values, names or {})
    return {"Update": entry | {"UpdateExpression": change}}


def check(pk: str, sk: str, condition: str, values: Mapping[str, Any] | None = None) -> Write:
    """A ``ConditionCheck`` entry (only within a transaction)."""
    return {"ConditionCheck": _conditional(pk, sk, condition, values or {}, {})}


def delete(pk: str, sk: str) -> Write:
    """A ``Delete`` entry."""
    return {"Delete": _conditional(pk, sk, "", {}, {})}


def put(item: Item, condition: str = "attribute_not_exists(PK)", values: Mapping[str, Any] | None = None) -> Write:
    """A ``Put`` entry of a whole item with its ``PK`` and ``SK``."""
    entry = _conditional("", "", condition, values or {}, {}) | {"Item": item}
    del entry["Key"]
    return {"Put": entry}


def _conditional(pk: str, sk: str, condition: str, values: Mapping[str, Any], names: Mapping[str, str]) -> Write:
    entry: Write = {"TableName": _table(), "Key": key(pk, sk)}
    if condition:
        entry |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if values:
        entry["ExpressionAttributeValues"] = {f":{name}": value(plain) for name, plain in values.items()}
    if names:
        entry["ExpressionAttributeNames"] = {f"#{alias}": name for alias, name in names.items()}
    return entry


def key(pk: str, sk: str) -> Item:
    """The primary key as DynamoDB takes it."""
    return {"PK": {"S": pk}, "SK": {"S": sk}}


def value(plain: Any) -> dict[str, Any]:
    """A plain value with its type tag."""
    tagged: Any = _serializer().serialize(plain)
    return dict(tagged)


def _table() -> str:
    return settings().notifications_table


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0, 0.01 * 2**attempt))


@cache
def _serializer() -> TypeSerializer:
    from boto3.dynamodb.types import TypeSerializer

    return TypeSerializer()
