"""Dead letters back onto the queue they came from, once what made them die is mended.

A loop of our own: SQS's ``StartMessageMoveTask`` moves letters as they are, but ours carry why they were put aside and
since when they were tried, and with those they would be put aside again at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib import aws
from chalicelib.queues import DEAD_LETTERS
from local.operating import queues

_PAST = frozenset({"Reason", "FirstSent", "Attempt"})
"""Attributes that tell of earlier attempts."""


def redrive(name: str, most: int) -> dict[str, int]:
    """Send up to ``most`` dead letters of the queue ``name`` (``MatchTasks``; all queues if empty) to work again.

    A letter is deleted only after it was sent, so that a stop in between doubles it, which every worker bears, and
    never loses it.  Gives how many were sent, by queue.
    """
    moved: dict[str, int] = {}
    for queue, url in queues.chosen(name.removesuffix(DEAD_LETTERS), queues.working()).items():
        moved[queue] = 0
        for letter in queues.letters(url + DEAD_LETTERS, most):
            aws.sqs().send_message(QueueUrl=url, MessageBody=letter["Body"], MessageAttributes=_without_past(letter))
            queues.forget(url + DEAD_LETTERS, letter)
            moved[queue] += 1
    return moved


def _without_past(letter: Mapping[str, Any]) -> dict[str, Any]:
    attributes = letter.get("MessageAttributes", {})
    return {
        name: {"DataType": value["DataType"], "StringValue": value["StringValue"]}
        for name, value in attributes.items()
        if name not in _PAST
    }
