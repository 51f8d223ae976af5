"""The conditional writes of user requests, as parameters of DynamoDB calls.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.items import Item
from chalicelib.models import UserRequest
from chalicelib.requests.records import as_item

_IS_REQUEST = "attribute_exists(#Status)"
STATUS: Mapping[str, str] = {"#Status": "Status"}


def key(request_id: str) -> dict[str, Any]:
    """Primary key of a request."""
    return {"RequestID": {"S": request_id}}


def creation(table: str, item: Item) -> dict[str, Any]:
    """The put of a new request, alone or within a transaction."""
    return {
        "TableName": table,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(RequestID)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def change(table: str, before: UserRequest, after: UserRequest) -> dict[str, Any]:
    """The update from ``before`` to ``after``, alone or within a transaction: only while nobody else was faster."""
    new = as_item(after)
    del new["RequestID"]
    return {
        "TableName": table,
        "Key": key(after.request_id),
        "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in new),
        "ConditionExpression": f"{_IS_REQUEST} AND #Version = :expected",
        "ExpressionAttributeNames": {f"#{name}": name for name in new},
        "ExpressionAttributeValues": {f":{name}": value for name, value in new.items()}
        | {":expected": {"N": str(before.version)}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def deletion(table: str, request_id: str, owner: str | None, now: datetime) -> dict[str, Any]:
    """The delete of a request, of ``owner`` where one is given, unless its idempotency key may still be sent again."""
    names = {**STATUS, "#Until": "RetriesUntil"}
    values: dict[str, Any] = {":now": {"N": str(int(now.timestamp()))}}
    mine = _IS_REQUEST
    if owner is not None:
        mine, names["#Owner"], values[":owner"] = f"{mine} AND #Owner = :owner", "Owner", {"S": owner}
    return {
        "TableName": table,
        "Key": key(request_id),
        "ConditionExpression": f"{mine} AND (attribute_not_exists(#Until) OR #Until < :now)",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
        "ReturnValues": "ALL_OLD",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def burial(table: str, item: Item) -> dict[str, Any]:
    """The put that leaves only the fingerprint of a request, for as long as its idempotency key may be sent again."""
    stone = {
        "RequestID": item["RequestID"],
        "Fingerprint": item["Fingerprint"],
        "ExpiresAt": item["RetriesUntil"],
    }
    return {
        "TableName": table,
        "Item": stone,
        "ConditionExpression": _IS_REQUEST,
        "ExpressionAttributeNames": dict(STATUS),
    }
