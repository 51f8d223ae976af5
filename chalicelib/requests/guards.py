"""What keeps the API from being abused, in the pipeline's table: live requests per phone, codes, and texts per day.

Phone numbers stand here only as keyed hashes, because keys are seen in logs and metrics of the account.  Every item
has a life, so nothing needs sweeping.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from chalicelib import aws
from chalicelib.items import Item
from chalicelib.requests.calls import calling
from chalicelib.requests.tokens import keyed_hash
from chalicelib.settings import settings


class StoredCode(msgspec.Struct, frozen=True):
    """A code as it is kept: salted and hashed."""

    salt: bytes
    digest: bytes
    attempts: int = 0


class GuardStore:
    """The guards' items; the table defaults to the stage's."""

    def __init__(self, table: str | None = None) -> None:
        self.table = table or settings().pipeline_table

    def slot(self, phone: str, request_id: str, until: datetime) -> dict[str, Any]:
        """The update that counts a request among the live ones of its phone, refused when the cap is reached."""
        return {
            "TableName": self.table,
            "Key": _key(f"Phone#{_hidden(phone)}", "Requests"),
            "UpdateExpression": "ADD RequestIDs :ids SET ExpiresAt = :until",
            "ConditionExpression": "attribute_not_exists(RequestIDs) OR size(RequestIDs) < :cap "
            "OR contains(RequestIDs, :id)",
            "ExpressionAttributeValues": {
                ":ids": {"SS": [request_id]},
                ":id": {"S": request_id},
                ":until": _seconds(until),
                ":cap": {"N": str(settings().requests_per_phone)},
            },
        }

    def claim_slot(self, phone: str, request_id: str, until: datetime) -> bool:
        """Count a request among the live ones of a phone; whether the cap allows it."""
        return self._updated(self.slot(phone, request_id, until)) is not None

    def slots(self, phone: str) -> set[str]:
        """The requests counted for a phone; some of them may be gone."""
        with calling():
            answer = aws.dynamodb().get_item(
                TableName=self.table, Key=_key(f"Phone#{_hidden(phone)}", "Requests"), ConsistentRead=True
            )
        return set(answer.get("Item", {}).get("RequestIDs", {}).get("SS", []))

    def free_slots(self, phone: str, request_ids: Iterable[str]) -> None:
        """No longer count these requests for a phone."""
        self._updated(
            {
                "TableName": self.table,
                "Key": _key(f"Phone#{_hidden(phone)}", "Requests"),
                "UpdateExpression": "DELETE RequestIDs :ids",
                "ConditionExpression": "attribute_exists(PK)",
                "ExpressionAttributeValues": {":ids": {"SS": sorted(request_ids)}},
            }
        )

    def count_text(self, kind: str, name: str, cap: int, now: datetime) -> bool:
        """Count one more text of today (UTC) for ``name``; whether the cap of its ``kind`` allows it."""
        update = {
            "TableName": self.table,
            "Key": _key(f"Cap#{kind}#{_hidden(name)}", now.date().isoformat()),
            "UpdateExpression": "ADD Texts :one SET ExpiresAt = :until",
            "ConditionExpression": "attribute_not_exists(Texts) OR Texts < :cap",
            "ExpressionAttributeValues": {
                ":one": {"N": "1"},
                ":cap": {"N": str(cap)},
                ":until": _seconds(now + timedelta(days=2)),
            },
        }
        return cap > 0 and self._updated(update) is not None

    def uncount_text(self, kind: str, name: str, now: datetime) -> None:
        """Take back one counted text that was not sent."""
        self._updated(
            {
                "TableName": self.table,
                "Key": _key(f"Cap#{kind}#{_hidden(name)}", now.date().isoformat()),
                "UpdateExpression": "ADD Texts :less",
                "ConditionExpression": "Texts > :none",
                "ExpressionAttributeValues": {":less": {"N": "-1"}, ":none": {"N": "0"}},
            }
        )

    def keep_code(self, request_id: str, code: StoredCode, now: datetime, life: timedelta, pause: timedelta) -> bool:
        """Keep the code of a request in place of an older one; ``False`` when that is younger than ``pause``."""
        item = _key(f"Code#{request_id}", "Code") | {
            "Salt": {"B": code.salt},
            "Digest": {"B": code.digest},
            "Attempts": {"N": "0"},
            "MadeAt": _seconds(now),
            "ExpiresAt": _seconds(now + life),
        }
        client = aws.dynamodb()
        with calling():
            try:
                client.put_item(
                    TableName=self.table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(PK) OR MadeAt <= :before",
                    ExpressionAttributeValues={":before": _seconds(now - pause)},
                )
            except client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def code_made_at(self, request_id: str) -> datetime | None:
        """When a request's last code was made; ``None`` when there is none, or it was used."""
        with calling():
            answer = aws.dynamodb().get_item(
                TableName=self.table, Key=_key(f"Code#{request_id}", "Code"), ConsistentRead=True
            )
        item = answer.get("Item")
        return datetime.fromtimestamp(int(item["MadeAt"]["N"]), UTC) if item else None

    def take_attempt(self, request_id: str, attempts: int, now: datetime) -> StoredCode | None:
        """Count an attempt at a request's code and give the code; ``None`` when it has none, or none that still counts.

        The count comes before the comparison, so that guesses sent at the same time are counted too.
        """
        item = self._updated(
            {
                "TableName": self.table,
                "Key": _key(f"Code#{request_id}", "Code"),
                "UpdateExpression": "ADD Attempts :one",
                "ConditionExpression": "attribute_exists(Digest) AND Attempts < :most AND ExpiresAt > :now",
                "ExpressionAttributeValues": {
                    ":one": {"N": "1"},
                    ":most": {"N": str(attempts)},
                    ":now": _seconds(now),
                },
                "ReturnValues": "ALL_NEW",
            }
        )
        if item is None:
            return None
        return StoredCode(item["Salt"]["B"], item["Digest"]["B"], int(item["Attempts"]["N"]))

    def spending(self, request_id: str, code: StoredCode) -> dict[str, Any]:
        """The delete, within a transaction, that uses a code up: refused when it was used or replaced meanwhile."""
        return {
            "TableName": self.table,
            "Key": _key(f"Code#{request_id}", "Code"),
            "ConditionExpression": "Digest = :digest",
            "ExpressionAttributeValues": {":digest": {"B": code.digest}},
        }

    def drop_code(self, request_id: str) -> None:
        """Forget the code of a request."""
        with calling():
            aws.dynamodb().delete_item(TableName=self.table, Key=_key(f"Code#{request_id}", "Code"))

    def _updated(self, parameters: dict[str, Any]) -> Item | None:
        """The attributes an update gives (empty unless asked for); ``None`` when its condition failed."""
        client = aws.dynamodb()
        with calling():
            try:
                return client.update_item(**parameters).get("Attributes", {})
            except client.exceptions.ConditionalCheckFailedException:
                return None


def _key(partition: str, sort: str) -> Item:
    return {"PK": {"S": partition}, "SK": {"S": sort}}


def _hidden(text: str) -> str:
    return keyed_hash("guard", text).hex()[:32]


def _seconds(moment: datetime) -> dict[str, str]:
    return {"N": str(int(moment.timestamp()))}
