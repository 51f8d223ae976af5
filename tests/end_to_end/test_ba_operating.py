"""The operator's view of the running system: one wish followed by its id, the status, and dead letters brought back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from system import System

from chalicelib import aws
from chalicelib.settings import Settings, settings
from local.operating import queues, redriving, replaying
from local.operating.stage import LOCAL, enter
from local.operating.status import status
from local.processes import wait_for

PHONE = "07700 900177"


@pytest.fixture
def stage(system: System, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The running stage, entered as an operator does; left again after the test."""
    before = dict(os.environ)
    monkeypatch.setenv("EMULATOR_PORT", str(system.place.emulator_port))
    aws._client.cache_clear()
    yield enter(LOCAL)
    os.environ.clear()
    os.environ.update(before)
    aws._client.cache_clear()
    settings.cache_clear()


def lines_of(system: System, correlation_id: str) -> list[tuple[str, str]]:
    """Function and message of every log line that carries the id, in their order in time."""
    logs, found = system.aws("logs"), []
    for group in logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/shelfwatch-local")["logGroups"]:
        for event in logs.filter_log_events(logGroupName=group["logGroupName"], limit=10_000)["events"]:
            line = as_json(event["message"])
            if line.get("correlation_id") == correlation_id:
                function = group["logGroupName"].rpartition("local")[2].strip("-") or "api_handler"
                found.append((line["timestamp"], function, line["message"]))
    return [(function, message) for _, function, message in sorted(found)]


def as_json(message: str) -> dict[str, Any]:
    try:
        read = json.loads(message)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def test_one_id_leads_from_the_post_to_the_text(system: System, wish: Any) -> None:
    stored = wish(postcode="SW1A 1AA", name="logitech ultimate ears 700 earphones", discount=20, phone=PHONE)
    assert system.await_texts(PHONE, 1)
    stages = [
        ("api_handler", "request stored"),
        ("request_changes", "request changed"),
        ("match_worker", "notification published"),
        ("delivery_worker", "delivery done"),
    ]
    wait_for(lambda: set(stages) <= set(lines_of(system, stored["RequestID"])), 30, 0.5)
    followed = lines_of(system, stored["RequestID"])
    assert [entry for entry in followed if entry in stages] == stages


def test_the_status_tells_what_the_stage_holds(stage: Settings, system: System) -> None:
    now = status(datetime.now(UTC))
    assert now.requests["active"] == len(system.ask("GET", "listrequests", Status="active").body["Requests"])
    assert [run.shop for run in now.runs] == ["sample"]
    assert now.runs[0].products > 0
    assert now.catalogs.count == len(system.catalogs())
    assert now.texts > 0
    assert now.spent > 0


def test_a_dead_letter_is_worked_on_after_a_redrive(stage: Settings) -> None:
    dead = queues.dead()["MatchTasksDeadLetters"]
    body = json.dumps({"V": 1, "Postcode": "SW1A 1AA"})
    reason = {"Reason": {"DataType": "String", "StringValue": "OpenSearch was away"}}
    aws.sqs().send_message(QueueUrl=dead, MessageBody=body, MessageAttributes=reason)  # type: ignore[arg-type]
    assert redriving.redrive("MatchTasks", 10) == {"MatchTasks": 1}
    wait_for(lambda: queues.backlog(queues.working()["MatchTasks"]) == 0, 30, 0.2)
    assert queues.backlog(dead) == 0


def test_a_record_that_was_put_aside_is_replayed_and_what_nobody_can_read_stays(
    stage: Settings, system: System
) -> None:
    arn = aws.dynamodb().describe_table(TableName=stage.user_requests_table)["Table"]["LatestStreamArn"]
    image = {"RequestID": {"S": "gone"}}
    record = {"eventName": "REMOVE", "dynamodb": {"OldImage": image, "SequenceNumber": "1"}}
    url = queues.dead()[queues.STREAM_FAILURES]
    letters = [{"v": 1, "Reason": "poison", "Source": arn, "Record": record}, {"something": "else"}]
    for letter in letters:
        aws.sqs().send_message(QueueUrl=url, MessageBody=json.dumps(letter))
    try:
        done = replaying.replay(10)
        assert (done.letters, done.records, sum(done.left.values())) == (1, 1, 1)
        assert queues.backlog(url) == 1
    finally:
        aws.sqs().purge_queue(QueueUrl=url)
