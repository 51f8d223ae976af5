"""The table of user requests: the one module that calls DynamoDB for them.

Every change is a conditional write, so that nothing is lost between two writers and a deleted request stays deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from chalicelib import aws
from chalicelib.errors import Conflict, RetryLater, SettingError
from chalicelib.items import Item
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.requests import lifecycle, writes
from chalicelib.requests.calls import calling, refused_item, transact
from chalicelib.requests.listing import Filter, Position, Segment, segments
from chalicelib.requests.records import as_item, as_request, is_request
from chalicelib.settings import settings

ATTEMPTS = 5
"""How often a change is tried again when another writer was faster."""


def utc_now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)


class RequestStore:
    """User requests in DynamoDB.  ``now`` decides what has expired; the table defaults to the stage's."""

    def __init__(self, table: str | None = None, now: Callable[[], datetime] | None = None) -> None:
        self.table = table or settings().user_requests_table
        self.now = now or utc_now

    def get(self, request_id: str) -> UserRequest | None:
        """The request as it is now (read consistently), or ``None``."""
        item = self.item(request_id)
        return self._seen(item) if is_request(item) else None

    def item(self, request_id: str) -> Item:
        """What is stored under an id, be it a request or what a deleted one left; empty when there is nothing."""
        with calling():
            answer = aws.dynamodb().get_item(TableName=self.table, Key=writes.key(request_id), ConsistentRead=True)
        return answer.get("Item", {})

    def get_many(self, request_ids: Iterable[str]) -> list[UserRequest]:
        """Those of ``request_ids`` that exist, in no particular order; 100 to a call."""
        waiting = [writes.key(request_id) for request_id in dict.fromkeys(request_ids)]
        found: list[UserRequest] = []
        while waiting:
            asked = {self.table: {"Keys": waiting[:100], "ConsistentRead": True}}
            with calling():
                answer: Mapping[str, Any] = aws.dynamodb().batch_get_item(RequestItems=asked)  # type: ignore[arg-type]
            found += [self._seen(item) for item in answer["Responses"].get(self.table, []) if is_request(item)]
            left = answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys", [])
            waiting = [*left, *waiting[100:]]
        return found

    def put(self, request: UserRequest, beside: Sequence[Mapping[str, Any]] = (), **extra: Any) -> Item | None:
        """Store a new request, in one transaction with the writes ``beside`` it, if any.

        Gives the item that was there already under the same id, and then stores nothing; the own one, found by a retry
        after a lost answer, counts as stored.  Raises ``Cancelled`` when a write beside it is refused.
        """
        item = as_item(request, **extra)
        creation = writes.creation(self.table, item)
        there = transact({"Put": creation}, *beside) if beside else self._create(creation)
        return None if there is None or there == item else there

    def _create(self, creation: Mapping[str, Any]) -> Item | None:
        client = aws.dynamodb()
        with calling():
            try:
                client.put_item(**creation)
            except client.exceptions.ConditionalCheckFailedException as error:
                return refused_item(error)
        return None

    def update(
        self,
        request_id: str,
        change: Callable[[UserRequest], UserRequest],
        beside: Sequence[Mapping[str, Any]] = (),
    ) -> UserRequest | None:
        """The request after ``change``, or ``None`` where there is none (a deleted one is not brought back).

        ``change`` is applied to the newest state, again when another writer was faster, and gives the whole new
        request; its version and times are seen to here.  Raises ``Conflict`` when others were faster five times, and
        ``Cancelled`` when a write ``beside`` it is refused.
        """
        for _ in range(ATTEMPTS):
            before = self.get(request_id)
            if before is None:
                return None
            wished = change(before)
            if wished == before:
                return before
            after = msgspec.structs.replace(wished, version=before.version + 1, updated_at=self.now())
            if self._write(before, after, beside):
                return after
        raise Conflict("the request is being changed by others; try again")

    def _write(self, before: UserRequest, after: UserRequest, beside: Sequence[Mapping[str, Any]]) -> bool:
        """Whether ``after`` is stored; a write of ours that a retry finds done counts."""
        parameters = writes.change(self.table, before, after)
        there = transact({"Update": parameters}, *beside) if beside else self._change(parameters)
        return there is None or (is_request(there) and as_request(there) == after)

    def _change(self, parameters: Mapping[str, Any]) -> Item | None:
        client = aws.dynamodb()
        with calling():
            try:
                client.update_item(**parameters)
            except client.exceptions.ConditionalCheckFailedException as error:
                return refused_item(error)
        return None

    def delete(self, request_id: str, owner: str | None = None) -> UserRequest | None:
        """Delete the request, of ``owner`` where one is given; the deleted one, or ``None`` when there was none.

        While an idempotency key may still be sent again, its fingerprint stays, so that a late retry of the POST does
        not bring the request back.
        """
        client = aws.dynamodb()
        with calling():
            try:
                answer = client.delete_item(**writes.deletion(self.table, request_id, owner, self.now()))
            except client.exceptions.ConditionalCheckFailedException as error:
                item = refused_item(error)
                mine = is_request(item) and (owner is None or item.get("Owner", {}).get("S") == owner)
                return self._bury(item) if mine else None
        return as_request(answer["Attributes"])

    def _bury(self, item: Item) -> UserRequest | None:
        client = aws.dynamodb()
        with calling():
            try:
                client.put_item(**writes.burial(self.table, item))
            except client.exceptions.ConditionalCheckFailedException:
                return None
        return as_request(item)

    def page(
        self, wanted: Filter, limit: int, start: Position | None = None
    ) -> tuple[list[UserRequest], Position | None]:
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
        parameters = segment.query(self.table, start)
        found: list[Item] = []
        while len(found) < limit:
            with calling():
                answer = aws.dynamodb().query(**parameters, Limit=limit - len(found))
            found += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                break
            parameters["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return found

    def active_in(self, postcode: str) -> Iterator[UserRequest]:
        """The active requests of one postcode (``SW1A 1AA``), as its index has them."""
        segment = segments(Filter(postcode=postcode, status=RequestStatus.ACTIVE), self.now(), 0)[0]
        with calling():
            for answer in aws.dynamodb().get_paginator("query").paginate(**segment.query(self.table)):
                yield from (self._seen(item) for item in answer["Items"])

    def active_postcodes(self) -> set[str]:
        """Every postcode that has an active request, normalised; reads one small page per postcode or less.

        The index is ordered by postcode, so each query begins after the last postcode seen and skips the rest of its
        requests.  See ``docs/decisions/0011-active-postcodes-from-an-index.md``.
        """
        found: set[str] = set()
        last = " "
        while items := self._next_postcodes(last):
            lives = {item["Postcode"]["S"] for item in items if int(item["ExpiresAt"]["N"]) > self.now().timestamp()}
            ended = {item["Postcode"]["S"] for item in items} - lives
            found |= lives | {postcode for postcode in ended if any(self.active_in(postcode))}
            last = items[-1]["Postcode"]["S"]
        return found

    def _next_postcodes(self, last: str) -> list[Item]:
        """Some index entries after postcode ``last``.  Thirty of them are below 4 KB, the least a query costs."""
        with calling():
            answer = aws.dynamodb().query(
                TableName=self.table,
                IndexName="StatusPostcode",
                KeyConditionExpression="#Status = :active AND Postcode > :last",
                ExpressionAttributeNames=writes.STATUS,
                ExpressionAttributeValues={":active": {"S": RequestStatus.ACTIVE}, ":last": {"S": last}},
                Limit=30,
            )
        return answer["Items"]

    def answers(self) -> bool:
        """Whether the table can be read."""
        try:
            self.item("health")
        except (RetryLater, SettingError):
            return False
        return True

    def _seen(self, item: Mapping[str, Any]) -> UserRequest:
        return lifecycle.as_of(as_request(item), self.now())
