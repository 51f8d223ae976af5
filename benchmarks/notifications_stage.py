"""What ``notifications`` runs on: the emulator with the tables, queue and topic of a stage, a stand-in for phones."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import notifications_worker
from chalicelib import aws, queues
from chalicelib.models import UserRequest
from chalicelib.notifications import claiming, ledger
from chalicelib.notifications.messages import Channel
from chalicelib.requests.records import as_item
from chalicelib.settings import settings
from local.emulator import client as emulator_client
from local.emulator import emulator
from local.places import REGION, Place
from local.processes import start, stop, wait_ready
from tests.support.notifications import product, request, table_definition
from tests.support.strict_sns import StrictSns
from tests.support.strict_sns_server import serving

WORKERS = 5
"""As many as the delivery function runs at once."""
PORT = int(os.environ.get("NOTIFICATIONS_BENCH_PORT", "8400"))
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([notifications_worker.__name__])


@dataclass
class Stage:
    """The emulator with its tables, queue and topic, and the stand-in for phones."""

    place: Place
    sns: StrictSns
    sms_endpoint: str
    queue: str

    def costs(self) -> list[int]:
        """Requests to DynamoDB of each message that was worked on."""
        return [int(line) for line in (self.place.state / "tally").read_text().split()]

    def store(self, numbers: Sequence[int]) -> list[UserRequest]:
        """Active requests of these numbers, stored."""
        wishes = [request(number, expires_at=datetime.now(UTC) + timedelta(days=365)) for number in numbers]
        self._write("UserRequestsTable", [as_item(wish) for wish in wishes])
        return wishes

    def queue_all(self, wishes: Sequence[UserRequest]) -> None:
        """Claimed deliveries in the ledger, their messages in the queue: as if the topic had handed them over."""
        now = datetime.now(UTC)
        deliveries = []
        for wish in wishes:
            message = claiming._message(wish, [product()], {}, (Channel.SMS,), now, {}, "")
            deliveries += claiming._deliveries(message, now + timedelta(hours=1))
        self._write("NotificationsTable", [ledger.delivery_item(one, now) for one in deliveries])
        queues.send_all(self.queue, [one.message for one in deliveries])

    def waiting(self) -> int:
        """Messages that the queue still has, received or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        sqs = emulator_client(self.place, "sqs")
        counts = sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)

    def states(self) -> dict[str, str]:
        """State of each phone's delivery."""
        found: dict[str, str] = {}
        dynamodb = emulator_client(self.place, "dynamodb")
        for page in dynamodb.get_paginator("scan").paginate(TableName="NotificationsTable"):
            for item in page["Items"]:
                if "DeliveryState" in item:
                    number = int(item["PK"]["S"].rsplit("-", 1)[1])
                    found[request(number).phone_number] = item["DeliveryState"]["S"]
        return found

    def worker(self) -> Any:
        """A delivery worker of its own process, begun; forked from one that has its modules, so it is soon at work."""
        process = _forks.Process(
            target=notifications_worker.work, args=(self.sms_endpoint, self.place.state), daemon=True
        )
        process.start()
        return process

    @contextmanager
    def workers(self) -> Iterator[list[Any]]:
        """All delivery workers, until the block ends."""
        processes = [self.worker() for _ in range(WORKERS)]
        try:
            yield processes
        finally:
            for process in processes:
                process.kill()
                process.join()

    def _write(self, table: str, items: Sequence[Any]) -> None:
        dynamodb = emulator_client(self.place, "dynamodb")
        for at in range(0, len(items), 25):
            puts = [{"PutRequest": {"Item": item}} for item in items[at : at + 25]]
            answer = dynamodb.batch_write_item(RequestItems={table: puts})
            assert not answer.get("UnprocessedItems")


@contextmanager
def stage() -> Iterator[Stage]:
    """A fresh stage, stopped when the block ends."""
    place = Place("bench-notifications", PORT, PORT + 1, PORT + 2, PORT + 3)
    shutil.rmtree(place.state, ignore_errors=True)
    service = emulator(place)
    with ExitStack() as stack:
        stack.callback(stop, service)
        start(service)
        wait_ready(service)
        sns = StrictSns()
        endpoint = stack.enter_context(serving(sns, PORT + 4))
        environment = _environment(place)
        os.environ.update(environment)
        settings.cache_clear()
        aws._client.cache_clear()
        yield Stage(place, sns, endpoint, environment["DELIVERIES_QUEUE_URL"])


def _environment(place: Place) -> dict[str, str]:
    """Makes tables, queue and topic; gives the environment a function of the stage has."""
    dynamodb, sqs, sns = (emulator_client(place, name) for name in ("dynamodb", "sqs", "sns"))
    dynamodb.create_table(**table_definition())
    dynamodb.create_table(
        TableName="UserRequestsTable",
        AttributeDefinitions=[{"AttributeName": "RequestID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "RequestID", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    queue = sqs.create_queue(QueueName="Deliveries", Attributes={"VisibilityTimeout": "15"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="UserNotifications")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    return {
        "AWS_ENDPOINT_URL": place.emulator,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "DELIVERIES_QUEUE_URL": queue,
        "NOTIFICATIONS_TOPIC_ARN": topic,
        "QUIET_HOURS": "off",
        "SMS_RATE": "1000",
        "SMS_PRICES": "GB=0.05",
        "SMS_MONTHLY_CAP": "100000",
        "LOG_LEVEL": "ERROR",
    }


def until(condition: Callable[[], bool], seconds: float) -> None:
    """Come back when ``condition`` holds, or the time is over."""
    deadline = time.time() + seconds
    while not condition() and time.time() < deadline:
        time.sleep(0.1)
