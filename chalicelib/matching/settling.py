"""One pending match task per postcode, sent once its catalogue has stopped changing.

A marker in the pipeline table stands for the pending task.  The indexer calls ``request_match`` after each batch: the
first call sends the (delayed) task, later ones only move the marker's last change.  The match worker calls
``begin_match``: it waits on while changes still come, then takes the marker away, so that the next change asks anew.

Nothing is lost in a crash.  A marker is first held for ``SENDING_LEASE`` seconds and lasts only once the task is sent;
who finds a lapsed one sends again.  A task received without its marker (it was sent twice, or the worker died after
taking the marker) simply matches: matching again does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chalicelib import aws
from chalicelib.errors import RetryLater
from chalicelib.matching.messages import MatchTask
from chalicelib.settings import settings

SENDING_LEASE = 30
"""Seconds in which a caller that put a marker must have sent its task."""
PENDING_LEASE = 3600
"""Seconds after which a marker whose task never arrived is passed over."""
LONGEST_WAIT = 10
"""A catalogue that never settles is matched after this many times the settling time."""


def request_match(task: MatchTask, send: Callable[[MatchTask, int], None], now: float | None = None) -> bool:
    """Ask for ``task.postcode`` to be matched once its catalogue has settled; gives whether a task was sent.

    ``send`` queues the task with a delay in seconds.  At most one task per postcode is pending; a caller that dies
    between marker and task is followed by the next call after ``SENDING_LEASE`` seconds.
    """
    moment = time.time() if now is None else now
    while not _note_change(task.postcode, moment):
        if _claim(task.postcode, moment):
            send(task, settings().settle_seconds)
            _confirm(task.postcode, moment)
            return True
    return False


def begin_match(postcode: str, now: float | None = None) -> None:
    """Called with a received task of a whole postcode: take its marker away and go on.

    Raises ``RetryLater`` with the seconds left while the catalogue still changes.
    """
    moment = time.time() if now is None else now
    marker = _marker(postcode)
    if marker is None:
        return
    first, last = float(marker["FirstChange"]["N"]), float(marker["LastChange"]["N"])
    settle = settings().settle_seconds
    left = last + settle - moment
    if left > 0 and moment - first < LONGEST_WAIT * settle:
        raise RetryLater("the catalogue is still changing", after_seconds=int(left) + 1)
    if not _take(postcode, marker):
        raise RetryLater("the catalogue has just changed", after_seconds=settle)


def _note_change(postcode: str, moment: float) -> bool:
    """Move the last change of a live marker; ``False`` when there is none."""
    return _conditionally(
        aws.dynamodb().update_item,
        Key=_key(postcode),
        UpdateExpression="SET LastChange = :now ADD Changes :one",
        ConditionExpression="LeaseUntil > :now",
        ExpressionAttributeValues={":now": _number(moment), ":one": {"N": "1"}},
    )


def _claim(postcode: str, moment: float) -> bool:
    """Put a marker where there is none, or only a lapsed one; of two callers one gets ``True``."""
    return _conditionally(
        aws.dynamodb().put_item,
        Item=_key(postcode)
        | {
            "ClaimedAt": _number(moment),
            "FirstChange": _number(moment),
            "LastChange": _number(moment),
            "Changes": {"N": "1"},
            "LeaseUntil": _number(moment + SENDING_LEASE),
            "ExpiresAt": {"N": str(int(moment) + 2 * PENDING_LEASE)},
        },
        ConditionExpression="attribute_not_exists(LeaseUntil) OR LeaseUntil <= :now",
        ExpressionAttributeValues={":now": _number(moment)},
    )


def _confirm(postcode: str, moment: float) -> None:
    """The task of the marker claimed at ``moment`` is sent: let the marker last.  A fast worker may have taken it."""
    _conditionally(
        aws.dynamodb().update_item,
        Key=_key(postcode),
        UpdateExpression="SET LeaseUntil = :until",
        ConditionExpression="ClaimedAt = :claimed",
        ExpressionAttributeValues={":until": _number(moment + PENDING_LEASE), ":claimed": _number(moment)},
    )


def _marker(postcode: str) -> dict[str, Any] | None:
    answer = aws.dynamodb().get_item(TableName=settings().pipeline_table, Key=_key(postcode), ConsistentRead=True)
    return dict(answer["Item"]) if "Item" in answer else None


def _take(postcode: str, marker: dict[str, Any]) -> bool:
    return _conditionally(
        aws.dynamodb().delete_item,
        Key=_key(postcode),
        ConditionExpression="Changes = :seen",
        ExpressionAttributeValues={":seen": marker["Changes"]},
    )


def _conditionally(call: Callable[..., Any], **arguments: Any) -> bool:
    from botocore.exceptions import ClientError

    try:
        call(TableName=settings().pipeline_table, **arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _key(postcode: str) -> dict[str, Any]:
    return {"PK": {"S": f"Match#{postcode}"}, "SK": {"S": "Pending"}}


def _number(value: float) -> dict[str, str]:
    return {"N": repr(round(value, 3))}
