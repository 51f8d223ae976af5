"""The table of user requests: the one module that calls DynamoDB for them.

Every change is a conditional write, so that nothing is lost between two writers and a deleted request stays deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib import aws
from chalicelib.errors import Conflict
from chalicelib.items import Item
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.requests import lifecycle
from chalicelib.requests.calls import calling, refused_item
from chalicelib.requests.listing import Filter, Position, Segment, segments
from chalicelib.requests.records import as_item, as_request, is_request
from chalicelib.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 5
"""How often a change is tried again when another writer was faster."""
_IS_REQUEST = "attribute_exists(#Status)"
_STATUS: Mapping[str, str] = {"#Status": "Status"}


def utc_now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)


class RequestStore:
    """User requests in DynamoDB.  ``now`` decides what has expired; the table defaults to the stage's."""

    def __init__(self, table: str | None = None, now: Callable[[], datetime] = utc_now) -> None:
        self.table = table or settings().user_requests_table
        self.now = now

    @property
    def _client(self) -> DynamoDBClient:
        return aws.dynamodb()

    def get(self, request_id: str) -> UserRequest | None:
        """The request as it is now (read consistently), or ``None``."""
        with calling():
            answer = self._client.get_item(TableName=self.table, Key=_key(request_id), ConsistentRead=True)
        item = answer.get("Item")
        return self._seen(item) if item and is_request(item) else None

    def get_many(self, request_ids: Iterable[str]) -> list[UserRequest]:
        """Those of ``request_ids`` that exist, in no particular order; 100 to a call."""
        waiting = [_key(request_id) for request_id in dict.fromkeys(request_ids)]
        found: list[UserRequest] = []
        while waiting:
            with calling():
                answer = self._client.batch_get_item(
                    RequestItems={self.table: {"Keys": waiting[:100], "ConsistentRead": True}}
                )
            found += [self._seen(item) for item in answer["Responses"].get(self.table, []) if is_request(item)]
            left = answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys", [])
            waiting = [*left, *waiting[100:]]  # type: ignore[list-item]
        return found

    def put(self, request: UserRequest, **extra: Any) -> Item | None:
        """Store a new request.  Gives the item that was there before it under the same id, and then stores nothing.

        The own item, found by a retry after a lost answer, counts as stored.
        """
        item = as_item(request, **extra)
        with calling():
            try:
                self._client.put_item(**self.put_parameters(item))
            except self._client.exceptions.ConditionalCheckFailedException as error:
                there = refused_item(error)
                return None if there == item else there
        return None

    def put_parameters(self, item: Item) -> dict[str, Any]:
        """Of the put that stores a new request, alone or within a transaction."""
        return {
            "TableName": self.table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(RequestID)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def update(self, request_id: str, change: Callable[[UserRequest], UserRequest]) -> UserRequest | None:
        """The request after ``change``, or ``None`` where there is none (a deleted one is not brought back).

        ``change`` is applied to the newest state, again when another writer was faster, and gives the whole new
        request; its version and times are seen to here.  Raises ``Conflict`` when others were faster five times.
        """
        for _ in range(ATTEMPTS):
            before = self.get(request_id)
            if before is None:
                return None
            wished = change(before)
            if wished == before:
                return before
            after = msgspec.structs.replace(wished, version=before.version + 1, updated_at=self.now())
            if self._write(before, after):
                return after
        raise Conflict("the request is being changed by others; try again")

    def _write(self, before: UserRequest, after: UserRequest) -> bool:
        """Whether ``after`` is stored; a write of ours that a retry finds done counts."""
        parameters = self.update_parameters(before, after)
        with calling():
            try:
                self._client.update_item(**parameters, ReturnValuesOnConditionCheckFailure="ALL_OLD")
            except self._client.exceptions.ConditionalCheckFailedException as error:
                there = refused_item(error)
                return bool(there) and is_request(there) and as_request(there) == after
        return True

    def update_parameters(self, before: UserRequest, after: UserRequest) -> dict[str, Any]:
        """Of the conditional update from ``before`` to ``after``, alone or within a transaction."""
        new = as_item(after)
        del new["RequestID"]
        names = {f"#{name}": name for name in new}
        values = {f":{name}": value for name, value in new.items()}
        return {
            "TableName": self.table,
            "Key": _key(after.request_id),
            "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in new),
            "ConditionExpression": f"{_IS_REQUEST} AND #Version = :expected",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values | {":expected": {"N": str(before.version)}},
        }

    def delete(self, request_id: str, owner: str | None = None) -> UserRequest | None:
        """Delete the request, of ``owner`` where one is given; the deleted one, or ``None`` when there was none.

        While an idempotency key may still be sent again, its fingerprint stays, so that a late retry of the POST does
        not bring the request back.
        """
        names = {**_STATUS, "#Until": "RetriesUntil"}
        values: dict[str, Any] = {":now": {"N": str(int(self.now().timestamp()))}}
        mine = _IS_REQUEST
        if owner is not None:
            mine, names["#Owner"], values[":owner"] = f"{mine} AND #Owner = :owner", "Owner", {"S": owner}
        with calling():
            try:
                answer = self._client.delete_item(
                    TableName=self.table,
                    Key=_key(request_id),
                    ConditionExpression=f"{mine} AND (attribute_not_exists(#Until) OR #Until < :now)",
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_OLD",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                return self._bury(refused_item(error), owner)
        return as_request(answer["Attributes"])

    def _bury(self, item: Item, owner: str | None) -> UserRequest | None:
        """Leave only the fingerprint of a request whose idempotency key may still be sent."""
        if not is_request(item) or (owner is not None and item.get("Owner", {}).get("S") != owner):
            return None
        stone: Item = {
            "RequestID": item["RequestID"],
            "Fingerprint": item["Fingerprint"],
            "ExpiresAt": item["RetriesUntil"],
        }
        with calling():
            try:
                self._client.put_item(
                    TableName=self.table, Item=stone, ConditionExpression=_IS_REQUEST, ExpressionAttributeNames=_STATUS
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return None
        return as_request(item)

    def page(self, wanted: Filter, limit: int, start: Position | None = None) -> tuple[list[UserRequest], Position | None]:
        """At most ``limit`` requests after ``start``, and where to go on when there are more.

        Costs the same wherever in the listing it is: each page is read from an index at its position.
        """
        plan = segments(wanted, self.now(), settings().request_life_days)
        found: list[tuple[int, Item]] = []
        for number in range(start.segment if start else 0, len(plan)):
            after = start if start and start.segment == number else None
            found += [(number, item) for item in self._items(plan[number], limit + 1 - len(found), after)]
            if len(found) > limit:
                break
        requests = [self._seen(item) for _, item in found[:limit]]
        if len(found) <= limit:
            return requests, None
        number, last = found[limit - 1]
        return requests, plan[number].position(number, last)

    def _items(self, segment: Segment, limit: int, start: Position | None) -> list[Item]:
        parameters = segment.query(self.table)
        if start:
            parameters["ExclusiveStartKey"] = segment.start_key(start)
        found: list[Item] = []
        while len(found) < limit:
            with calling():
                answer = self._client.query(**parameters, Limit=limit - len(found))
            found += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                break
            parameters["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return found

    def active_in(self, postcode: str) -> Iterator[UserRequest]:
        """The active requests of one postcode (``SW1A 1AA``), as its index has them."""
        segment = segments(Filter(postcode=postcode, status=RequestStatus.ACTIVE), self.now(), 0)[0]
        with calling():
            pages = self._client.get_paginator("query").paginate(**segment.query(self.table))
            for answer in pages:
                yield from (self._seen(item) for item in answer["Items"])

    def active_postcodes(self) -> set[str]:
        """Every postcode that has an active request, normalised; reads one small page per postcode or less.

        The index is ordered by postcode, so each query begins after the last postcode seen and skips the rest of its
        requests.  See ``docs/decisions/active-postcodes.md``.
        """
        found: set[str] = set()
        last = " "
        while items := self._next_postcodes(last):
            alive = {item["Postcode"]["S"]: False for item in items}
            for item in items:
                alive[item["Postcode"]["S"]] |= int(item["ExpiresAt"]["N"]) > self.now().timestamp()
            found |= {postcode for postcode, lives in alive.items() if lives or any(self.active_in(postcode))}
            last = max(alive)
        return found

    def _next_postcodes(self, last: str) -> list[Item]:
        """Some index entries after postcode ``last``.  Thirty of them are below 4 KB, the least a query costs."""
        with calling():
            answer = self._client.query(
                TableName=self.table,
                IndexName="StatusPostcode",
                KeyConditionExpression="#Status = :active AND Postcode > :last",
                ExpressionAttributeNames=_STATUS,
                ExpressionAttributeValues={":active": {"S": RequestStatus.ACTIVE}, ":last": {"S": last}},
                Limit=30,
            )
        return answer["Items"]

    def answers(self) -> bool:
        """Whether the table can be read."""
        try:
            with calling():
                self._client.get_item(TableName=self.table, Key=_key("health"))
        except Exception:
            return False
        return True

    def _seen(self, item: Mapping[str, Any]) -> UserRequest:
        return lifecycle.as_of(as_request(item), self.now())


def _key(request_id: str) -> dict[str, Any]:
    return {"RequestID": {"S": request_id}}
