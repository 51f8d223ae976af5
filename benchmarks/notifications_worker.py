"""One delivery worker as a process of its own, for ``notifications``: it may be killed at any moment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from chalicelib import aws
from chalicelib.notifications.messages import UserNotification
from chalicelib.pipeline.notifying import _deliver as delivered
from chalicelib.queues import work_through
from chalicelib.settings import settings


def main(sms_endpoint: str, tally: Path) -> None:
    """Take batches of ten from the queue as Lambda does, for ever; each delivery adds a line to ``tally``."""
    client = boto3.client("sns", endpoint_url=sms_endpoint, config=Config(retries={"total_max_attempts": 1}))
    aws.sns_sms = lambda: client
    requests = _counted()
    queue_url = settings().require("deliveries_queue_url")

    def work(message: UserNotification) -> None:
        before = requests[0]
        delivered(message)
        with tally.open("a") as file:
            file.write(f"{requests[0] - before}\n")

    while True:
        answer = aws.sqs().receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        records = [{"messageId": one["MessageId"], "body": one["Body"]} for one in answer.get("Messages", [])]
        if not records:
            continue
        failed = work_through({"Records": records}, queue_url, UserNotification, work)["batchItemFailures"]
        again = {entry["itemIdentifier"] for entry in failed}
        done = [one for one in answer["Messages"] if one["MessageId"] not in again]
        entries: Any = [{"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]} for at, one in enumerate(done)]
        if entries:
            aws.sqs().delete_message_batch(QueueUrl=queue_url, Entries=entries)


def _counted() -> list[int]:
    """The number of requests this process has sent to DynamoDB, retries included."""
    requests = [0]

    def sent(**_: Any) -> None:
        requests[0] += 1

    aws.dynamodb().meta.events.register("before-send.dynamodb", sent)
    return requests


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
