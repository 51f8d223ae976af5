"""DynamoDB in memory, as far as the catalogues use it, with its streams.

It passes the same contract tests as DynamoDB Local (``test_catalog_contract.py``), and in addition counts what is
billed and lets tests make any call fail, before or after it took effect.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]
ACCOUNT = "arn:aws:dynamodb:eu-west-2:000000000000"


def refusal(code: str, operation: str, message: str = "") -> ClientError:
    """The error botocore raises for AWS's ``code``."""
    return ClientError({"Error": {"Code": code, "Message": message or code}}, operation)


class Table:
    """One table with its items and its stream's records."""

    def __init__(self, request: dict[str, Any], number: int, busy_for: int) -> None:
        self.request = request
        self.name: str = request["TableName"]
        self.keys = [part["AttributeName"] for part in request["KeySchema"]]
        self.items: dict[tuple[str, ...], Item] = {}
        self.records: list[dict[str, Any]] = []
        self.busy_for = busy_for
        self.deleting = False
        self.stream: dict[str, Any] = dict(request.get("StreamSpecification", {}))
        self.streams = number
        self.recovery = False
        self.encrypted = bool(request.get("SSESpecification", {}).get("Enabled"))
        self.tags = list(request.get("Tags", []))

    @property
    def stream_arn(self) -> str:
        return f"{ACCOUNT}:table/{self.name}/stream/2026-01-01T00:00:{self.streams:06}"

    def description(self) -> dict[str, Any]:
        status = "DELETING" if self.deleting else "CREATING" if self.busy_for > 0 else "ACTIVE"
        described: dict[str, Any] = {
            "TableName": self.name,
            "TableStatus": status,
            "TableArn": f"{ACCOUNT}:table/{self.name}",
        }
        if self.streams:
            described["LatestStreamArn"] = self.stream_arn
        if self.stream.get("StreamEnabled"):
            described["StreamSpecification"] = dict(self.stream)
        if self.encrypted:
            described["SSEDescription"] = {"Status": "ENABLED", "SSEType": "KMS"}
        return described

    def key_of(self, item: Item) -> tuple[str, ...]:
        return tuple(item[name]["S"] for name in self.keys)

    def replace(self, key: tuple[str, ...], new: Item | None) -> None:
        """Store or remove an item; a change makes a stream record, as in AWS an equal item does not."""
        old = self.items.get(key)
        if new is None:
            self.items.pop(key, None)
        else:
            self.items[key] = copy.deepcopy(new)
        if old != new and self.stream.get("StreamEnabled"):
            self.records.append(self._record(old, new))

    def _record(self, old: Item | None, new: Item | None) -> dict[str, Any]:
        present = new if new is not None else old
        assert present is not None
        change: dict[str, Any] = {
            "SequenceNumber": f"{len(self.records) + 1:021}",
            "Keys": {name: present[name] for name in self.keys},
            "ApproximateCreationDateTime": datetime.now(UTC).timestamp(),
        }
        if old is not None:
            change["OldImage"] = copy.deepcopy(old)
        if new is not None:
            change["NewImage"] = copy.deepcopy(new)
        kind = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        return {"eventName": kind, "eventSourceARN": self.stream_arn, "dynamodb": change}


class FakeDynamoDB:
    """The client.  ``fault`` is asked before and after each call: ``fault("put_item", "before")`` may raise."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.calls: Counter[str] = Counter()
        self.item_writes: Counter[str] = Counter()
        self.fault: Callable[[str, str], None] = lambda operation, moment: None
        self.creation_takes = 0
        self.page = 50
        self._made = 0

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        if name.startswith("_") or name in ("get_paginator", "table") or not callable(found) or name == "fault":
            return found
        return lambda **request: self._called(name, found, request)

    def _called(self, name: str, operation: Callable[..., Any], request: dict[str, Any]) -> Any:
        self.calls[name] += 1
        self.fault(name, "before")
        answer = operation(**copy.deepcopy(request))
        self.fault(name, "after")
        return answer

    # Tables --------------------------------------------------------------------------------------------------------

    def create_table(self, **request: Any) -> dict[str, Any]:
        if request["TableName"] in self.tables:
            raise refusal("ResourceInUseException", "CreateTable", "Table already exists")
        self._made += 1
        table = self.tables[request["TableName"]] = Table(request, self._made, self.creation_takes)
        return {"TableDescription": table.description()}

    def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803
        table = self._table(TableName)
        described = table.description()
        table.busy_for -= 1
        if table.deleting and table.busy_for <= 0:
            del self.tables[TableName]
        return {"Table": described}

    def update_table(self, TableName: str, **request: Any) -> dict[str, Any]:  # noqa: N803
        table = self._active(TableName, "UpdateTable")
        if "SSESpecification" in request:
            table.encrypted = True
        wanted = request.get("StreamSpecification")
        if wanted and wanted["StreamEnabled"] and table.stream.get("StreamEnabled"):
            raise refusal("ValidationException", "UpdateTable", "Table already has an enabled stream")
        if wanted:
            table.stream = wanted if wanted["StreamEnabled"] else {}
            table.streams += 1000
        return {"TableDescription": table.description()}

    def delete_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803
        table = self._active(TableName, "DeleteTable")
        table.deleting, table.busy_for = True, self.creation_takes
        if not self.creation_takes:
            del self.tables[TableName]
        return {"TableDescription": table.description()}

    def get_paginator(self, name: str) -> Any:
        assert name == "list_tables"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        names = sorted(self.tables)
        size = request["PaginationConfig"]["PageSize"]
        return ({"TableNames": names[start : start + size]} for start in range(0, len(names), size))

    def describe_continuous_backups(self, TableName: str) -> dict[str, Any]:  # noqa: N803
        status = "ENABLED" if self._table(TableName).recovery else "DISABLED"
        recovery = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status}}
        return {"ContinuousBackupsDescription": recovery}

    def update_continuous_backups(self, TableName: str, **request: Any) -> dict[str, Any]:  # noqa: N803
        self._active(TableName, "UpdateContinuousBackups").recovery = True
        return {}

    def list_tags_of_resource(self, ResourceArn: str) -> dict[str, Any]:  # noqa: N803
        return {"Tags": self._table(ResourceArn.rsplit("/", 1)[-1]).tags}

    # Items ---------------------------------------------------------------------------------------------------------

    def get_item(self, TableName: str, Key: Item, **request: Any) -> dict[str, Any]:  # noqa: N803
        table = self._active(TableName, "GetItem")
        found = table.items.get(table.key_of(Key))
        return {"Item": copy.deepcopy(found)} if found else {}

    def put_item(self, TableName: str, Item: Item) -> dict[str, Any]:  # noqa: N803
        self._write(self._active(TableName, "PutItem"), Item)
        return {}

    def delete_item(self, TableName: str, Key: Item, **request: Any) -> dict[str, Any]:  # noqa: N803
        table = self._active(TableName, "DeleteItem")
        self._check(table.items.get(table.key_of(Key)), request, "DeleteItem")
        table.replace(table.key_of(Key), None)
        self.item_writes[TableName] += 1
        return {}

    def update_item(self, TableName: str, Key: Item, **request: Any) -> dict[str, Any]:  # noqa: N803
        """Only ``SET #name = :value``."""
        table = self._active(TableName, "UpdateItem")
        found = table.items.get(table.key_of(Key))
        self._check(found, request, "UpdateItem")
        name, value = request["UpdateExpression"].removeprefix("SET ").split(" = ")
        changed = {request["ExpressionAttributeNames"][name]: request["ExpressionAttributeValues"][value]}
        self._write(table, {**(found or Key), **changed})
        return {}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        ((name, request),) = RequestItems.items()
        table = self._active(name, "BatchGetItem")
        if not 0 < len(request["Keys"]) <= 100:
            raise refusal("ValidationException", "BatchGetItem", "Too many items requested")
        found = [table.items[key] for key in map(table.key_of, request["Keys"]) if key in table.items]
        return {"Responses": {name: [_projected(item, request) for item in found]}, "UnprocessedKeys": {}}

    def batch_write_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        ((name, requests),) = RequestItems.items()
        table = self._active(name, "BatchWriteItem")
        items = [request["PutRequest"]["Item"] for request in requests]
        if not 0 < len(items) <= 25 or len({table.key_of(item) for item in items}) < len(items):
            raise refusal("ValidationException", "BatchWriteItem", "Too many items, or one twice")
        for item in items:
            _validate(item, "BatchWriteItem")
        for item in items:
            self._write(table, item)
        return {"UnprocessedItems": {}}

    def scan(self, TableName: str, **request: Any) -> dict[str, Any]:  # noqa: N803
        """Only the filter ``#name = :value``."""
        table = self._active(TableName, "Scan")
        listed = sorted(table.items.items())
        after = request.get("ExclusiveStartKey")
        rest = [pair for pair in listed if after is None or pair[0] > table.key_of(after)]
        page = rest[: self.page]
        answer: dict[str, Any] = {"Items": [_projected(item, request) for _, item in page if _passes(item, request)]}
        if len(rest) > len(page):
            answer["LastEvaluatedKey"] = {name: page[-1][1][name] for name in table.keys}
        return answer

    def query(self, TableName: str, **request: Any) -> dict[str, Any]:  # noqa: N803
        """Only ``PK = :value`` with or without ``begins_with(SK, :value)``."""
        values = [value["S"] for value in request["ExpressionAttributeValues"].values()]
        start = values[1] if len(values) > 1 else ""
        items = self._active(TableName, "Query").items
        found = [item for key, item in items.items() if key[0] == values[0] and key[1].startswith(start)]
        return {"Items": copy.deepcopy(found)}

    # Inside --------------------------------------------------------------------------------------------------------

    def _write(self, table: Table, item: Item) -> None:
        _validate(item, "PutItem")
        table.replace(table.key_of(item), item)
        self.item_writes[table.name] += 1

    def _table(self, name: str) -> Table:
        if name not in self.tables:
            raise refusal("ResourceNotFoundException", "DescribeTable")
        return self.tables[name]

    def _active(self, name: str, operation: str) -> Table:
        table = self.tables.get(name)
        if table is None:
            raise refusal("ResourceNotFoundException", operation)
        if table.busy_for > 0 or table.deleting:
            control = operation in ("UpdateTable", "DeleteTable")
            raise refusal("ResourceInUseException" if control else "ResourceNotFoundException", operation)
        return table

    def _check(self, found: Item | None, request: dict[str, Any], operation: str) -> None:
        """Only ``#name = :value`` and ``#name < :value`` on numbers."""
        condition = request.get("ConditionExpression")
        if not condition:
            return
        name, sign, value = condition.split(" ")
        have = (found or {}).get(request["ExpressionAttributeNames"][name], {}).get("N")
        want = int(request["ExpressionAttributeValues"][value]["N"])
        holds = have is not None and (int(have) == want if sign == "=" else int(have) < want)
        if not holds:
            raise refusal("ConditionalCheckFailedException", operation)


def _projected(item: Item, request: dict[str, Any]) -> Item:
    expression = request.get("ProjectionExpression")
    if not expression:
        return copy.deepcopy(item)
    names = request.get("ExpressionAttributeNames", {})
    wanted = {names.get(part, part) for part in re.split(r",\s*", expression)}
    return {name: copy.deepcopy(value) for name, value in item.items() if name in wanted}


def _passes(item: Item, request: dict[str, Any]) -> bool:
    if "FilterExpression" not in request:
        return True
    name, value = request["FilterExpression"].split(" = ")
    return bool(item.get(request["ExpressionAttributeNames"][name]) == request["ExpressionAttributeValues"][value])


def _validate(item: Item, operation: str) -> None:
    """What DynamoDB refuses to store: more than 400 KB, an empty key, a number of more than 38 digits."""
    if len(str(item)) > 400_000 or any(value.get("S") == "" for name, value in item.items() if name.endswith("ID")):
        raise refusal("ValidationException", operation, "Item size has exceeded the maximum allowed size")
    for value in item.values():
        if len(value.get("N", "").strip("-").replace(".", "")) > 38:
            raise refusal("ValidationException", operation, "Attempting to store more than 38 significant digits")
