"""How a listing is read: which index serves which filter, and where a page ends.  Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from chalicelib.items import Item
from chalicelib.models import RequestStatus

_STORED = (RequestStatus.ACTIVE, RequestStatus.PENDING, RequestStatus.PAUSED)
"""``expired`` is never stored: it is what the others become when their time is over."""


class Filter(msgspec.Struct, frozen=True):
    """What a listing is narrowed to; ``None`` is no bound."""

    postcode: str | None = None
    status: RequestStatus | None = None
    owner: str | None = None


class Position(msgspec.Struct, frozen=True):
    """After which request a page goes on: the segment of the plan, the request and its place in the index."""

    segment: int
    request_id: str
    sort: str


class Segment(msgspec.Struct, frozen=True):
    """One query of a listing: an index, its keys, and conditions on what it finds."""

    index: str
    hash_name: str
    hash_value: str
    sort_name: str
    sort_condition: str | None = None
    sort_value: str | None = None
    conditions: tuple[tuple[str, str, Any], ...] = ()
    """Attribute, comparison and typed value of each further condition."""

    def query(self, table: str, start: Position | None = None) -> dict[str, Any]:
        """Parameters of the DynamoDB query; newest first where the index is ordered by time.

        With a ``start``, what comes after it: ``ExclusiveStartKey`` says so exactly, and where the index is ordered by
        time a bound on the time says it too, since a database without that key's skill (DynamoDB Local) would read
        all the pages before.
        """
        if start is None:
            return self._whole(table)
        by_time = self.sort_name == "CreatedAt"
        rest = msgspec.structs.replace(self, sort_condition="<=", sort_value=start.sort) if by_time else self
        return rest._whole(table) | {"ExclusiveStartKey": self._start_key(start)}

    def _whole(self, table: str) -> dict[str, Any]:
        names, values, where = {"#hash": self.hash_name}, {":hash": {"S": self.hash_value}}, "#hash = :hash"
        if self.sort_condition:
            names["#sort"], values[":sort"] = self.sort_name, {"S": self.sort_value or ""}
            where += f" AND #sort {self.sort_condition} :sort"
        parameters: dict[str, Any] = {"TableName": table, "IndexName": self.index, "KeyConditionExpression": where}
        filters = []
        for number, (name, comparison, value) in enumerate(self.conditions):
            names[f"#f{number}"], values[f":f{number}"] = name, value
            filters.append(f"#f{number} {comparison} :f{number}")
        if filters:
            parameters["FilterExpression"] = " AND ".join(filters)
        return parameters | {
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": self.sort_name != "CreatedAt",
        }

    def position(self, number: int, item: Item) -> Position:
        """Where ``item`` stands, as segment ``number`` of its plan."""
        return Position(number, item["RequestID"]["S"], item[self.sort_name]["S"])

    def _start_key(self, position: Position) -> dict[str, Any]:
        return {
            "RequestID": {"S": position.request_id},
            self.hash_name: {"S": self.hash_value},
            self.sort_name: {"S": position.sort},
        }


def segments(wanted: Filter, now: datetime, life_days: int) -> list[Segment]:
    """The queries that list what is ``wanted``, in order.  None of them is a scan.

    An owner's requests come newest first; a postcode's by status; all others by status (active, pending, paused) and
    within each newest first.
    """
    alive = _life(wanted.status, now)
    if wanted.owner is not None:
        return [Segment("OwnerCreatedAt", "Owner", wanted.owner, "CreatedAt", conditions=_own(wanted) + alive)]
    stored = wanted.status in _STORED
    if wanted.postcode is not None:
        bound, status = ("=", str(wanted.status)) if stored else (None, None)
        return [Segment("PostcodeStatus", "Postcode", wanted.postcode, "Status", bound, status, alive)]
    if wanted.status is RequestStatus.EXPIRED:
        return [_ended(status, now, life_days, alive) for status in _STORED]
    statuses = (wanted.status,) if wanted.status else _STORED
    return [Segment("StatusCreatedAt", "Status", status, "CreatedAt", conditions=alive) for status in statuses]


def _life(status: RequestStatus | None, now: datetime) -> tuple[tuple[str, str, Any], ...]:
    if status is None:
        return ()
    comparison = "<=" if status is RequestStatus.EXPIRED else ">"
    return (("ExpiresAt", comparison, {"N": str(int(now.timestamp()))}),)


def _own(wanted: Filter) -> tuple[tuple[str, str, Any], ...]:
    """Conditions on an owner's requests, which are few."""
    asked = [("Postcode", wanted.postcode), ("Status", wanted.status if wanted.status in _STORED else None)]
    return tuple((name, "=", {"S": str(value)}) for name, value in asked if value is not None)


def _ended(status: RequestStatus, now: datetime, life_days: int, over: tuple[tuple[str, str, Any], ...]) -> Segment:
    """Requests of a stored status whose time is over; nothing younger than its life need be read.

    After a stage has lengthened the life, those made under the shorter one are passed over here.
    """
    life = timedelta(days=min(life_days, 1) if status is RequestStatus.PENDING else life_days)
    latest = (now - life).isoformat().replace("+00:00", "Z")
    return Segment("StatusCreatedAt", "Status", status, "CreatedAt", "<=", latest, conditions=over)
