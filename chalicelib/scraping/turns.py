"""Whose turn it is: one job of a shop at a time, a pause between two pages of a host, and shops that are left alone.

All of it is kept in the pipeline table, so that it holds across workers.

    Shop#<shop> / Lease      which job reads the shop now, until when (it is renewed while the job reads)
    Shop#<shop> / Circuit    failures in a row, and until when the shop is left alone
    Host#<host> / Pace       when the next page of the host may be asked for
"""

from __future__ import annotations

import contextlib
import time
from contextlib import AbstractContextManager

from chalicelib import aws
from chalicelib.errors import RetryLater
from chalicelib.items import Item
from chalicelib.leases import Lease, held
from chalicelib.settings import settings

LEASE_SECONDS = 120
"""A worker that died frees its shop after this."""
TURN_SECONDS = 3
"""A job whose shop is being read asks again after this; asking costs one call of a few milliseconds."""
FAILURES_ALLOWED = 3
"""Jobs of a shop that may fail in a row before it is left alone."""
COOL_OFF_SECONDS = 900
"""How long a shop is left alone at first; doubled with each further failure, up to a day."""


class Turns:
    """Leases, pace and circuit breakers of all shops."""

    def __init__(self, table: str | None = None) -> None:
        self._table = table or settings().pipeline_table

    def lease(self, shop: str) -> AbstractContextManager[Lease]:
        """Hold the shop while the block runs.  ``RetryLater`` when another job holds it."""
        refusal = RetryLater("another job is reading the shop", after_seconds=TURN_SECONDS)
        return held(Lease(self._table, _key(shop, "Lease"), LEASE_SECONDS, refusal))

    def next_turn(self, host: str, pause: float) -> float:
        """Reserve the next page of ``host``, ``pause`` seconds after the one before; gives the seconds until it."""
        if pause <= 0:
            return 0.0
        client = aws.dynamodb()
        key: Item = {"PK": {"S": f"Host#{host}"}, "SK": {"S": "Pace"}}
        while True:
            answer = client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
            before = answer.get("Item", {}).get("NextAt")
            now = time.time()
            turn = max(now, float(before["N"]) if before else now)
            item = key | {"NextAt": {"N": f"{turn + pause:.3f}"}, "ExpiresAt": {"N": str(int(turn + pause) + 86_400)}}
            condition = "NextAt = :before" if before else "attribute_not_exists(PK)"
            values = {"ExpressionAttributeValues": {":before": before}} if before else {}
            with contextlib.suppress(client.exceptions.ConditionalCheckFailedException):
                client.put_item(TableName=self._table, Item=item, ConditionExpression=condition, **values)  # type: ignore[arg-type]
                return turn - now

    def wait_until(self, host: str, seconds: float) -> None:
        """The host asked to be left alone for ``seconds`` (``Retry-After``): nobody asks it before."""
        at = time.time() + seconds
        item: Item = {
            "PK": {"S": f"Host#{host}"},
            "SK": {"S": "Pace"},
            "NextAt": {"N": f"{at:.3f}"},
            "ExpiresAt": {"N": str(int(at) + 86_400)},
        }
        aws.dynamodb().put_item(TableName=self._table, Item=item)

    def left_alone(self, shop: str) -> int:
        """Seconds for which the shop is still left alone after failures in a row; 0 when it may be read."""
        answer = aws.dynamodb().get_item(TableName=self._table, Key=_key(shop, "Circuit"), ConsistentRead=True)
        until = float(answer.get("Item", {}).get("OpenUntil", {}).get("N", 0))
        return max(0, int(until - time.time()))

    def note_failure(self, shop: str) -> int:
        """A job of the shop failed or was blocked; gives the failures in a row."""
        answer = aws.dynamodb().update_item(
            TableName=self._table,
            Key=_key(shop, "Circuit"),
            UpdateExpression="ADD Failures :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="ALL_NEW",
        )
        failures = int(answer["Attributes"]["Failures"]["N"])
        if failures >= FAILURES_ALLOWED:
            self._open(shop, failures)
        return failures

    def note_success(self, shop: str) -> None:
        """A job of the shop was read: failures in a row start again."""
        aws.dynamodb().delete_item(TableName=self._table, Key=_key(shop, "Circuit"))

    def _open(self, shop: str, failures: int) -> None:
        pause = min(COOL_OFF_SECONDS * 2 ** (failures - FAILURES_ALLOWED), 86_400)
        aws.dynamodb().update_item(
            TableName=self._table,
            Key=_key(shop, "Circuit"),
            UpdateExpression="SET OpenUntil = :until",
            ExpressionAttributeValues={":until": {"N": str(int(time.time()) + pause)}},
        )


def _key(shop: str, sk: str) -> Item:
    return {"PK": {"S": f"Shop#{shop}"}, "SK": {"S": sk}}
