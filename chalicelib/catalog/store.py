"""The products in the catalogue tables: the only module that reads and writes them.

Every function raises ``RetryLater`` while DynamoDB is busy or away, or when the catalogue's table is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import aws
from chalicelib.catalog import tables
from chalicelib.catalog.changes import Stamp
from chalicelib.catalog.faults import code_of, pause, understood
from chalicelib.catalog.keys import table_name
from chalicelib.errors import RetryLater
from chalicelib.items import Item, from_item, to_item
from chalicelib.models import Product
from chalicelib.telemetry import logger

READ_AT_ONCE = 100
"""Keys in one BatchGetItem (DynamoDB API reference)."""
WRITE_AT_ONCE = 25
"""Items in one BatchWriteItem (DynamoDB API reference)."""
_ATTEMPTS = 10
_STAMP: dict[str, Any] = {
    "ProjectionExpression": "ProductID, #v, ContentHash, MissingSince",
    "ExpressionAttributeNames": {"#v": "Version"},
}


def products(key: str) -> Iterator[Product]:
    """Every product of catalogue ``key``, as stored, in no order; a consistent read."""
    return (from_item(item, Product) for item in _scan(key, ConsistentRead=True))


def products_of(key: str, product_ids: Iterable[str]) -> dict[str, Product]:
    """Those of the products that the catalogue has, by id; a consistent read."""
    return {product.product_id: product for product in (from_item(item, Product) for item in _get(key, product_ids))}


def stamps(key: str) -> Iterator[Stamp]:
    """Id, version and content digest of every product of catalogue ``key``; a consistent read."""
    return (_stamp(item) for item in _scan(key, ConsistentRead=True, **_STAMP))


def stamps_of(key: str, product_ids: Iterable[str]) -> dict[str, Stamp]:
    """The same for those of the products that the catalogue has, by id."""
    return {item["ProductID"]["S"]: _stamp(item) for item in _get(key, product_ids, **_STAMP)}


def stamps_of_shop(key: str, shop: str) -> Iterator[Stamp]:
    """The same for every product of one shop."""
    only = {"FilterExpression": "#s = :s", "ExpressionAttributeValues": {":s": {"S": shop}}}
    names = {"#v": "Version", "#s": "Shop"}
    request = {**_STAMP, **only, "ExpressionAttributeNames": names}
    return (_stamp(item) for item in _scan(key, ConsistentRead=True, **request))


def write(key: str, changed: Sequence[Product]) -> list[str]:
    """Put the products, 25 to a call; gives the ids of those that DynamoDB can never store (logged with the reason).

    One writer at a time for each shop is taken for granted (a shop's jobs never run side by side), so nothing is
    compared before it is replaced.
    """
    refused: list[str] = []
    puts: list[tuple[str, Item]] = []
    for product in changed:
        try:
            puts.append((product.product_id, to_item(product, Discount=product.discount)))
        except (ArithmeticError, TypeError) as error:  # a number of more than 38 digits
            refused.append(_refuse(key, product.product_id, error))
    for start in range(0, len(puts), WRITE_AT_ONCE):
        refused += _put(key, puts[start : start + WRITE_AT_ONCE])
    return refused


def remove(key: str, product_id: str, version: int) -> bool:
    """Delete the product if it is still at ``version``; gives whether it was."""
    return _conditional(
        aws.dynamodb().delete_item,
        key,
        Key={"ProductID": {"S": product_id}},
        ConditionExpression="#v = :v",
        ExpressionAttributeNames={"#v": "Version"},
        ExpressionAttributeValues={":v": {"N": str(version)}},
    )


def raise_version(key: str, product_id: str, above: int) -> bool:
    """Set the product's version to one more than ``above`` if it is not higher yet; gives whether it was not."""
    return _conditional(
        aws.dynamodb().update_item,
        key,
        Key={"ProductID": {"S": product_id}},
        UpdateExpression="SET #v = :next",
        ConditionExpression="#v < :next",
        ExpressionAttributeNames={"#v": "Version"},
        ExpressionAttributeValues={":next": {"N": str(above + 1)}},
    )


def _conditional(call: Any, key: str, **request: Any) -> bool:
    try:
        with _at_table(key):
            call(TableName=table_name(key), **request)
    except ClientError as error:
        if code_of(error) == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _stamp(item: Item) -> Stamp:
    return Stamp(
        product_id=item["ProductID"]["S"],
        version=int(item["Version"]["N"]),
        content_hash=item.get("ContentHash", {}).get("S", ""),
        missing="MissingSince" in item,
    )


def _scan(key: str, **request: Any) -> Iterator[Item]:
    start: dict[str, Any] = {}
    while True:
        with _at_table(key):
            page = aws.dynamodb().scan(TableName=table_name(key), **request, **start)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _get(key: str, product_ids: Iterable[str], **request: Any) -> Iterator[Item]:
    ids = list(dict.fromkeys(product_ids))
    for start in range(0, len(ids), READ_AT_ONCE):
        keys = [{"ProductID": {"S": product_id}} for product_id in ids[start : start + READ_AT_ONCE]]
        waiting: Any = {table_name(key): {"Keys": keys, "ConsistentRead": True, **request}}
        for attempt in range(_ATTEMPTS):
            with _at_table(key):
                answer = aws.dynamodb().batch_get_item(RequestItems=waiting)
            yield from answer["Responses"].get(table_name(key), [])
            waiting = answer.get("UnprocessedKeys")
            if not waiting:
                break
            pause(attempt)
        else:
            raise RetryLater(f"DynamoDB keeps putting off reads of {table_name(key)}")


def _put(key: str, puts: Sequence[tuple[str, Item]]) -> list[str]:
    """Put at most 25 items; where one makes DynamoDB refuse them all, one at a time."""
    try:
        _put_batch(key, [item for _, item in puts])
    except ClientError as error:
        if code_of(error) != "ValidationException":
            raise
        if len(puts) == 1:
            return [_refuse(key, puts[0][0], error)]
        return [refused for put in puts for refused in _put(key, [put])]
    return []


def _put_batch(key: str, items: Sequence[Item]) -> None:
    waiting: Any = {table_name(key): [{"PutRequest": {"Item": item}} for item in items]}
    for attempt in range(_ATTEMPTS):
        with _at_table(key):
            waiting = aws.dynamodb().batch_write_item(RequestItems=waiting).get("UnprocessedItems")
        if not waiting:
            return
        pause(attempt)
    raise RetryLater(f"DynamoDB keeps putting off writes to {table_name(key)}")


def _refuse(key: str, product_id: str, error: Exception) -> str:
    facts = {"catalog": key, "product": product_id, "reason": str(error)[:300]}
    logger().error("product cannot be stored", extra=facts)
    return product_id


@contextmanager
def _at_table(key: str) -> Iterator[None]:
    """Errors of a call to the catalogue's table; where there is none, the next ``ensure_catalog`` looks again."""
    try:
        with understood():
            yield
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        tables.forget(key)
        raise RetryLater(f"there is no table {table_name(key)}") from error


