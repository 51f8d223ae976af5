"""From match to text: latency at 20 texts/s, and 10,000 queued ones drained while workers are killed."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, CannotRun, Limit, Report, figure, percentile, single
from local.emulator import client as emulator_client
from local.emulator import emulator
from local.places import BUILD, EMULATOR_PYTHON, REGION, Place
from local.processes import start, stop, wait_ready

WORKERS = 5
"""As many as the delivery function runs at once."""
QUEUED = int(os.environ.get("NOTIFICATIONS_QUEUED", "10000"))
RATE = 20
SECONDS = int(os.environ.get("NOTIFICATIONS_SECONDS", "45"))
KILL_EVERY = 3.0
PORT = int(os.environ.get("NOTIFICATIONS_BENCH_PORT", "8400"))


def run(data: Path | None) -> Report:
    """Both parts run on the emulator's DynamoDB, SQS and SNS topic; texts go to a strict stand-in that counts them."""
    if not EMULATOR_PYTHON.exists():
        raise CannotRun("The emulator is not installed: make run (or make test) installs it.")
    with _stage() as stage:
        waited = _latency(stage)
        drained = _drain(stage)
    requests = [int(line) for line in stage.tally.read_text().split()]
    share = drained.unknown / QUEUED
    return Report(
        figures={
            "match_to_text_p95": single(percentile(waited, 95), "s"),
            "match_to_text": figure(waited, "s"),
            "drained": single(drained.texts, "texts"),
            "doubles": single(drained.doubles, "texts"),
            "lost": single(drained.lost, "texts"),
            "unknown": single(drained.unknown, "texts"),
            "drain_rate": single(QUEUED / drained.seconds, "texts/s"),
            "requests_per_delivery": figure(requests, "DynamoDB"),
            "requests_per_delivery_mean": single(sum(requests) / len(requests), "DynamoDB"),
        },
        limits={
            "match_to_text_p95": Limit(at_most=10),
            "doubles": Limit(at_most=0),
            "lost": Limit(at_most=0),
            "requests_per_delivery_mean": Limit(at_most=4),
        },
        notes=[
            f"{WORKERS} workers; latency: {len(waited)} matches at {RATE}/s.",
            f"Drain: {QUEUED} queued, {drained.kills} workers killed, one every {KILL_EVERY:g} s.",
            f"Killed while sending, so parked as unknown: {drained.unknown} ({share:.2%}), of which "
            f"{drained.unknown_but_told} had reached the phone.",
        ],
    )


@dataclass
class Stage:
    """The emulator with its tables, queue and topic, and the stand-in for phones."""

    place: Place
    sns: Any
    sms_endpoint: str
    tally: Path
    environment: dict[str, str]


@dataclass
class Drained:
    """What became of the queued notifications."""

    texts: int
    doubles: int
    lost: int
    unknown: int
    unknown_but_told: int
    kills: int
    seconds: float


@contextmanager
def _stage() -> Iterator[Stage]:
    from tests.support.strict_sns import StrictSns
    from tests.support.strict_sns_server import serving

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
        _settings_again()
        stage = Stage(place, sns, endpoint, BUILD / "state" / place.name / "tally", environment)
        stage.tally.write_text("")
        yield stage


def _environment(place: Place) -> dict[str, str]:
    """Makes tables, queue and topic; gives the environment a function of the stage has."""
    from tests.support.notifications import table_definition

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
        "SMS_MONTHLY_CAP": "100000",
        "LOG_LEVEL": "ERROR",
    }


def _settings_again() -> None:
    from chalicelib import aws
    from chalicelib.settings import settings

    settings.cache_clear()
    aws._client.cache_clear()


def _latency(stage: Stage) -> list[float]:
    """Seconds from each match to its text, at a steady rate."""
    from chalicelib.notifications.publishing import publish
    from tests.support.notifications import match, product

    wishes = _stored_requests(stage, range(RATE * SECONDS))
    matched: dict[str, float] = {}
    with _workers(stage) as workers:
        _until(lambda: all(worker.poll() is None for worker in workers), 5)
        started = time.time() + 3  # the workers' own start is no part of it
        for number, wish in enumerate(wishes):
            time.sleep(max(0.0, started + number / RATE - time.time()))
            matched[wish.phone_number] = time.time()
            publish(wish, [match(wish, product())])
        _until(lambda: len(stage.sns.inbox) >= len(wishes), 60)
    arrived = dict(zip((text.phone for text in stage.sns.inbox), stage.sns.accepted_at, strict=True))
    return [arrived.get(phone, float("inf")) - at for phone, at in matched.items()]


def _drain(stage: Stage) -> Drained:
    """Queue many notifications, let the workers drain them, and kill one of them every few seconds."""
    from chalicelib.notifications.sweeping import sweep

    numbers = range(100_000 // 2, 100_000 // 2 + QUEUED)
    wishes = _stored_requests(stage, numbers)
    _queued(stage, wishes)
    phones = {wish.phone_number for wish in wishes}
    before, chance, kills = len(stage.sns.inbox), random.Random(1), 0
    started = time.time()
    with _workers(stage) as workers:
        next_kill = started + KILL_EVERY
        while _waiting(stage) and time.time() < started + 1500:
            time.sleep(0.2)
            if time.time() >= next_kill:
                victim = chance.randrange(len(workers))
                workers[victim].kill()
                workers[victim].wait()
                workers[victim] = _worker(stage)
                kills, next_kill = kills + 1, next_kill + KILL_EVERY
        seconds = time.time() - started
        sweep(lambda: datetime.now(UTC) + timedelta(hours=2))  # as if the leases had run out
        _until(lambda: not _waiting(stage), 60)
        sweep(lambda: datetime.now(UTC) + timedelta(hours=4))
    texts = Counter(text.phone for text in stage.sns.inbox[before:] if text.phone in phones)
    states = _states(stage)
    unknown = {phone for phone in phones if states[phone] == "unknown"}
    return Drained(
        texts=sum(texts.values()),
        doubles=sum(count - 1 for count in texts.values()),
        lost=len(phones - texts.keys() - unknown),
        unknown=len(unknown),
        unknown_but_told=len(unknown & texts.keys()),
        kills=kills,
        seconds=seconds,
    )


def _stored_requests(stage: Stage, numbers: Sequence[int]) -> list[Any]:
    from chalicelib.requests.records import as_item
    from tests.support.notifications import request

    wishes = [request(number, expires_at=datetime.now(UTC) + timedelta(days=365)) for number in numbers]
    _written(stage, "UserRequestsTable", [as_item(wish) for wish in wishes])
    return wishes


def _queued(stage: Stage, wishes: Sequence[Any]) -> None:
    """Claimed deliveries in the ledger, their messages in the queue: as if the topic had handed them over."""
    from chalicelib import queues
    from chalicelib.notifications import claiming, ledger
    from chalicelib.notifications.messages import Channel
    from tests.support.notifications import product

    now = datetime.now(UTC)
    deliveries = []
    for wish in wishes:
        message = claiming._message(wish, [product()], {}, (Channel.SMS,), now, {}, "")
        deliveries += claiming._deliveries(message, now + timedelta(hours=1))
    _written(stage, "NotificationsTable", [ledger.delivery_item(one, now) for one in deliveries])
    queues.send_all(stage.environment["DELIVERIES_QUEUE_URL"], [one.message for one in deliveries])


def _written(stage: Stage, table: str, items: Sequence[Any]) -> None:
    dynamodb = emulator_client(stage.place, "dynamodb")
    for at in range(0, len(items), 25):
        puts = [{"PutRequest": {"Item": item}} for item in items[at : at + 25]]
        answer = dynamodb.batch_write_item(RequestItems={table: puts})
        assert not answer.get("UnprocessedItems")


@contextmanager
def _workers(stage: Stage) -> Iterator[list[subprocess.Popen[bytes]]]:
    workers = [_worker(stage) for _ in range(WORKERS)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def _worker(stage: Stage) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks.notifications_worker", stage.sms_endpoint, str(stage.tally)]
    environment = os.environ | stage.environment
    log = (stage.tally.parent / "workers.log").open("ab")
    with log:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


def _waiting(stage: Stage) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs, queue = emulator_client(stage.place, "sqs"), stage.environment["DELIVERIES_QUEUE_URL"]
    counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(counts[name]) for name in names)


def _states(stage: Stage) -> dict[str, str]:
    """State of each phone's delivery."""
    from tests.support.notifications import request

    dynamodb = emulator_client(stage.place, "dynamodb")
    found: dict[str, str] = {}
    for page in dynamodb.get_paginator("scan").paginate(TableName="NotificationsTable"):
        for item in page["Items"]:
            if "DeliveryState" in item:
                number = int(item["PK"]["S"].rsplit("-", 1)[1])
                found[request(number).phone_number] = item["DeliveryState"]["S"]
    return found


def _until(condition: Any, seconds: float) -> None:
    deadline = time.time() + seconds
    while not condition() and time.time() < deadline:
        time.sleep(0.1)
