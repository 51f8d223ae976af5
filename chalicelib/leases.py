"""The right to do something alone for a while, kept in the pipeline table so that it holds across workers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from uuid import uuid4

from chalicelib import aws
from chalicelib.errors import RetryLater
from chalicelib.items import Item


class Lease:
    """One holder's claim to the item ``key`` of ``table``; it ends after ``seconds`` unless it is renewed."""

    def __init__(self, table: str, key: Item, seconds: int, refusal: RetryLater) -> None:
        """``refusal`` is raised while somebody else has it."""
        self._table, self._key, self._seconds, self._refusal = table, key, seconds, refusal
        self._token, self._until = uuid4().hex, 0.0

    def renew(self) -> None:
        """Take it, or hold it longer; costs nothing while more than half of its time is left."""
        now = time.time()
        if self._until - now > self._seconds / 2:
            return
        client = aws.dynamodb()
        until = str(int(now + self._seconds))
        try:
            client.put_item(
                TableName=self._table,
                Item=self._key | {"Token": {"S": self._token}, "Until": {"N": until}, "ExpiresAt": {"N": until}},
                ConditionExpression="attribute_not_exists(PK) OR #u < :now OR #t = :own",
                ExpressionAttributeNames={"#u": "Until", "#t": "Token"},
                ExpressionAttributeValues={":now": {"N": str(int(now))}, ":own": {"S": self._token}},
            )
        except client.exceptions.ConditionalCheckFailedException:
            raise self._refusal from None
        self._until = now + self._seconds

    def release(self) -> None:
        """Let the next one have it, if it is still ours."""
        client = aws.dynamodb()
        with contextlib.suppress(client.exceptions.ConditionalCheckFailedException):
            client.delete_item(
                TableName=self._table,
                Key=self._key,
                ConditionExpression="#t = :own",
                ExpressionAttributeNames={"#t": "Token"},
                ExpressionAttributeValues={":own": {"S": self._token}},
            )


@contextlib.contextmanager
def held(lease: Lease) -> Iterator[Lease]:
    """Hold ``lease`` while the block runs."""
    lease.renew()
    try:
        yield lease
    finally:
        lease.release()
