"""One delivery worker as a process of its own, for ``notifications``: it may be killed at any moment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from chalicelib import aws
from chalicelib.pipeline import notifying
from chalicelib.settings import settings


def work(sms_endpoint: str, folder: Path) -> None:
    """Take batches of ten from the queue as Lambda does, for ever.

    Each message adds a line to ``folder/tally``: the requests to DynamoDB it cost.
    """
    with (folder / "workers.log").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    client = boto3.client("sns", endpoint_url=sms_endpoint, config=Config(retries={"total_max_attempts": 1}))
    aws.sns_sms = lambda: client
    requests, queue = _counted(), settings().require("deliveries_queue_url")
    while True:
        answer = aws.sqs().receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        done: list[Any] = []
        for received in answer.get("Messages", []):
            before = requests[0]
            record = {"messageId": received["MessageId"], "body": received["Body"]}
            report = notifying.deliver({"Records": [record]}, lambda: 60_000)
            with (folder / "tally").open("a") as tally:
                tally.write(f"{requests[0] - before}\n")
            if not report["batchItemFailures"]:
                done.append({"Id": str(len(done)), "ReceiptHandle": received["ReceiptHandle"]})
        if done:
            aws.sqs().delete_message_batch(QueueUrl=queue, Entries=done)


def _counted() -> list[int]:
    """The number of requests this process has sent to DynamoDB, retries included."""
    requests = [0]

    def sent(**_: Any) -> None:
        requests[0] += 1

    aws.dynamodb().meta.events.register("before-send.dynamodb", sent)
    return requests
