"""SQS between the stages: sending messages, and working through a batch with the outcome each one deserves.

A message that cannot be read goes to the dead-letter queue with its reason; one whose work must wait is sent again with
a delay, so that an outage costs no receives; anything unexpected is left to SQS (three receives, then dead letters).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from chalicelib import aws
from chalicelib.errors import GiveUp, Reject, RetryLater
from chalicelib.telemetry import correlate, logger

M = TypeVar("M", bound=msgspec.Struct)

MAXIMUM_DELAY = 900
"""Seconds; the longest ``DelaySeconds`` SQS takes (SQS developer guide, "Delay queues")."""
GIVE_UP_AFTER = 12 * 3600
"""Seconds a message is sent again for before it becomes a dead letter."""
RETRY_AFTER = 10
"""Seconds after which a message that failed unexpectedly comes back the first time; then four and nine times that."""
RECEIVES = 3
"""Times SQS gives a message to a worker before it becomes a dead letter (``maxReceiveCount`` of every queue)."""
DEAD_LETTERS = "DeadLetters"
"""A queue's dead-letter queue has its name with this appended."""


def send(queue_url: str, message: msgspec.Struct, delay: int = 0, **attributes: str) -> None:
    """Queue ``message`` as JSON, to be received after ``delay`` seconds (0 to 900)."""
    aws.sqs().send_message(
        QueueUrl=queue_url,
        MessageBody=msgspec.json.encode(message).decode(),
        DelaySeconds=min(delay, MAXIMUM_DELAY),
        MessageAttributes=_attributes(attributes),
    )


def send_all(queue_url: str, messages: Iterable[msgspec.Struct]) -> int:
    """Queue every message, ten to a call; gives their number.  ``RetryLater`` when SQS refused any of them."""
    entries = [
        {"Id": str(at), "MessageBody": msgspec.json.encode(message).decode()} for at, message in enumerate(messages)
    ]
    for start in range(0, len(entries), 10):
        answer = aws.sqs().send_message_batch(QueueUrl=queue_url, Entries=entries[start : start + 10])  # type: ignore[arg-type]
        if answer.get("Failed"):
            raise RetryLater("the queue refused messages")
    return len(entries)


def work_through(
    event: Mapping[str, Any],
    queue_url: str,
    message_type: type[M],
    work: Callable[[M], None],
    lost: Callable[[M, str], None] = lambda message, reason: None,
) -> dict[str, Any]:
    """Do ``work`` for each message of a Lambda SQS event; gives the partial-failure report Lambda expects.

    ``lost`` is told of each message that becomes a dead letter, and why, so that nothing waits for it.
    Source of the report's shape: Lambda developer guide, "Reporting batch item failures for Lambda functions with SQS".
    """
    failures = [
        {"itemIdentifier": record["messageId"]}
        for record in event["Records"]
        if not _handled(record, queue_url, message_type, work, lost)
    ]
    return {"batchItemFailures": failures}


def _handled(
    record: Mapping[str, Any],
    queue_url: str,
    message_type: type[M],
    work: Callable[[M], None],
    lost: Callable[[M, str], None],
) -> bool:
    try:
        message = msgspec.json.decode(record["body"], type=message_type)
    except msgspec.MsgspecError as error:
        correlate("")
        return _put_aside(record, queue_url, f"unreadable: {error}")
    correlate(getattr(message, "correlation_id", ""))
    try:
        work(message)
        return True
    except RetryLater as error:
        if _send_again(record, queue_url, error):
            return True
        reason = f"tried for {GIVE_UP_AFTER // 3600} h: {error}"
    except (Reject, GiveUp) as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001  whatever it is, its neighbours go on and SQS brings it again
        logger().exception("message failed", extra={"message_id": record["messageId"]})
        _come_back_soon(record, queue_url)
        if _times_received(record) >= RECEIVES:
            lost(message, f"failed {RECEIVES} times: {error!r}")
        return False
    lost(message, reason)
    return _put_aside(record, queue_url, reason)


def _come_back_soon(record: Mapping[str, Any], queue_url: str) -> None:
    """Have SQS bring a failed message back after a pause that grows, not after the long visibility timeout.

    That timeout is made for workers that die; one that failed lets go of its message.
    """
    if "receiptHandle" not in record:
        return
    received = _times_received(record)
    try:
        aws.sqs().change_message_visibility(
            QueueUrl=queue_url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=RETRY_AFTER * received**2
        )
    except Exception:  # noqa: BLE001  it then comes back after the visibility timeout
        logger().exception("message keeps its timeout", extra={"message_id": record["messageId"]})


def _times_received(record: Mapping[str, Any]) -> int:
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", "1"))


def _send_again(record: Mapping[str, Any], queue_url: str, error: RetryLater) -> bool:
    """Queue the message once more with a delay; ``False`` where that has been done for too long."""
    attributes = {name: value["stringValue"] for name, value in record.get("messageAttributes", {}).items()}
    first_sent = float(attributes.get("FirstSent", time.time()))
    attempt = int(attributes.get("Attempt", "0")) + 1
    if time.time() - first_sent > GIVE_UP_AFTER:
        return False
    delay = error.after_seconds if error.after_seconds is not None else _backoff(attempt)
    logger().warning("message waits", extra={"reason": str(error), "seconds": delay, "attempt": attempt})
    aws.sqs().send_message(
        QueueUrl=queue_url,
        MessageBody=record["body"],
        DelaySeconds=min(delay, MAXIMUM_DELAY),
        MessageAttributes=_attributes({**attributes, "FirstSent": str(first_sent), "Attempt": str(attempt)}),
    )
    return True


def _backoff(attempt: int) -> int:
    """Seconds to wait: doubling from 2 to 300, with full jitter above one second."""
    return 1 + int(random.uniform(0, min(300, 2**attempt)))


def _put_aside(record: Mapping[str, Any], queue_url: str, reason: str) -> bool:
    logger().error("message put aside", extra={"reason": reason, "message_id": record["messageId"]})
    aws.sqs().send_message(
        QueueUrl=queue_url + DEAD_LETTERS,
        MessageBody=record["body"],
        MessageAttributes=_attributes({"Reason": reason[:1000]}),
    )
    return True


def _attributes(attributes: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
