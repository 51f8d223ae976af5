"""A stage's queues by their names: where they are, how much waits in them, and reading letters off one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib import aws
from chalicelib.queues import DEAD_LETTERS
from chalicelib.settings import settings
from local.trouble import Trouble

Letter = Mapping[str, Any]
"""A message as SQS gives it."""
STREAM_FAILURES = "StreamFailures"
HIDDEN = 120
"""Seconds a letter stays hidden from others while it is worked on; it comes back where that failed."""
_KINDS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


def working() -> dict[str, str]:
    """Name → URL of the queues that workers read."""
    stage = settings()
    return {
        "ScrapeJobs": stage.require("scrape_jobs_queue_url"),
        "MatchTasks": stage.require("match_tasks_queue_url"),
        "Deliveries": stage.require("deliveries_queue_url"),
    }


def dead() -> dict[str, str]:
    """Name → URL of the queues in which only an operator reads: each worker's dead letters, and the streams'."""
    letters = {name + DEAD_LETTERS: url + DEAD_LETTERS for name, url in working().items()}
    name = settings().require("indexer_failures_queue_arn").rpartition(":")[2]
    return {**letters, STREAM_FAILURES: aws.sqs().get_queue_url(QueueName=name)["QueueUrl"]}


def backlog(url: str) -> int:
    """Messages in a queue: waiting, being worked on and delayed.  SQS counts them approximately."""
    attributes = aws.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return sum(int(count) for kind, count in attributes.items() if kind in _KINDS)


def letters(url: str, most: int) -> Iterator[Letter]:
    """Up to ``most`` letters of a queue; whoever takes one deletes it when it is dealt with (``forget``).

    Ends when the queue gives none that lay there when it began: a letter that dies again at once is not taken twice.
    """
    seen: set[str] = set()
    began = time.time() * 1000
    while len(seen) < most:
        answer = aws.sqs().receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(10, most - len(seen)),
            VisibilityTimeout=HIDDEN,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
            AttributeNames=["SentTimestamp"],
        )
        fresh = [
            letter
            for letter in answer.get("Messages", [])
            if letter["MessageId"] not in seen and int(letter["Attributes"]["SentTimestamp"]) <= began
        ]
        if not fresh:
            return
        seen |= {letter["MessageId"] for letter in fresh}
        yield from fresh


def forget(url: str, letter: Letter) -> None:
    """Delete a letter that is dealt with."""
    aws.sqs().delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])


def release(url: str, letter: Letter) -> None:
    """Leave a letter in its queue, visible to everybody at once."""
    aws.sqs().change_message_visibility(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"], VisibilityTimeout=0)


def chosen(name: str, among: dict[str, str]) -> dict[str, str]:
    """The queue called ``name``, or all of ``among`` for an empty name.  ``Trouble`` for a name that is not there."""
    if name and name not in among:
        raise Trouble(f"QUEUE must be one of {', '.join(among)}")
    return {name: among[name]} if name else among
