"""Which scrape run is open: one at a time, for as long as its jobs show that somebody works at them.

ScrapeRun / Lock    the open run, and until when it is believed to be alive
ScrapeRun / Last    when the last run ended
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any

from chalicelib import aws
from chalicelib.items import Item

SILENCE = timedelta(hours=2, minutes=30)
"""A run none of whose jobs was taken up for so long is abandoned.

A job that waits comes back within 15 minutes; one whose worker was killed (15 minutes at most) stays hidden for
6 × the function's timeout, 90 minutes.
"""
_LOCK = {"PK": {"S": "ScrapeRun"}, "SK": {"S": "Lock"}}
_LAST = {"PK": {"S": "ScrapeRun"}, "SK": {"S": "Last"}}


class RunLock:
    """The lock in the pipeline table.  A run id is its token; times are aware UTC."""

    def __init__(self, table: str) -> None:
        self._table = table

    def take(self, run_id: str, now: datetime) -> tuple[str, str | None]:
        """Try to lock for ``run_id``: gives the run that holds the lock then, and the abandoned one it was taken from.

        Taking one's own lock again renews it.
        """
        client = aws.dynamodb()
        try:
            answer = client.put_item(
                TableName=self._table,
                Item={**_LOCK, "RunID": {"S": run_id}, "ExpiresAt": _seconds(now + SILENCE)},
                ConditionExpression="attribute_not_exists(PK) OR ExpiresAt < :now OR RunID = :own",
                ExpressionAttributeValues={":now": _seconds(now), ":own": {"S": run_id}},
                ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except client.exceptions.ConditionalCheckFailedException as refused:
            held: dict[str, Any] = refused.response.get("Item", {})  # type: ignore[assignment]
            return str(held.get("RunID", {}).get("S", "")), None
        before = answer.get("Attributes", {}).get("RunID", {}).get("S", run_id)
        return run_id, before if before != run_id else None

    def renew(self, run_id: str, now: datetime) -> None:
        """A job of the run was taken up.  Nothing, where the lock is another run's by now."""
        client = aws.dynamodb()
        with contextlib.suppress(client.exceptions.ConditionalCheckFailedException):
            client.update_item(
                TableName=self._table,
                Key=_LOCK,
                UpdateExpression="SET ExpiresAt = :until",
                ConditionExpression="RunID = :own",
                ExpressionAttributeValues={":until": _seconds(now + SILENCE), ":own": {"S": run_id}},
            )

    def release(self, run_id: str, ended: str) -> None:
        """The run ended (ISO 8601): remember when, unless the end of a later one is known, and free its lock."""
        client = aws.dynamodb()
        with contextlib.suppress(client.exceptions.ConditionalCheckFailedException):
            client.put_item(
                TableName=self._table,
                Item={**_LAST, "FinishedAt": {"S": ended}},
                ConditionExpression="attribute_not_exists(PK) OR FinishedAt < :end",
                ExpressionAttributeValues={":end": {"S": ended}},
            )
        with contextlib.suppress(client.exceptions.ConditionalCheckFailedException):
            client.delete_item(
                TableName=self._table,
                Key=_LOCK,
                ConditionExpression="RunID = :own",
                ExpressionAttributeValues={":own": {"S": run_id}},
            )

    def last_end(self) -> datetime | None:
        """When the last run ended; ``None`` before the first has."""
        item: Item | None = aws.dynamodb().get_item(TableName=self._table, Key=_LAST).get("Item")
        return datetime.fromisoformat(item["FinishedAt"]["S"]) if item else None


def _seconds(moment: datetime) -> dict[str, str]:
    return {"N": str(int(moment.timestamp()))}
