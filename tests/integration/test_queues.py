"""Each message of a batch gets the outcome its work deserves."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib import aws, queues
from chalicelib.errors import GiveUp, Reject, RetryLater
from chalicelib.models import Record


class Job(Record, frozen=True, kw_only=True):
    name: str


@pytest.fixture
def queue_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        aws._client.cache_clear()
        client = boto3.client("sqs", region_name="eu-west-2")
        client.create_queue(QueueName="JobsDeadLetters")
        yield client.create_queue(QueueName="Jobs")["QueueUrl"]
    aws._client.cache_clear()


def received(queue_url: str) -> list[Any]:
    answer = aws.sqs().receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], AttributeNames=["All"]
    )
    return answer.get("Messages", [])


def event(*bodies: str, attributes: dict[str, str] | None = None) -> dict[str, Any]:
    typed = {name: {"stringValue": value, "dataType": "String"} for name, value in (attributes or {}).items()}
    return {
        "Records": [{"messageId": f"m{at}", "body": body, "messageAttributes": typed} for at, body in enumerate(bodies)]
    }


def raising(error: Exception) -> Any:
    def work(_: Job) -> None:
        raise error

    return work


def test_work_done_is_no_failure_and_leaves_nothing_behind(queue_url: str) -> None:
    done: list[str] = []
    report = queues.work_through(
        event('{"Name":"a"}', '{"Name":"b"}'), queue_url, Job, lambda job: done.append(job.name)
    )
    assert report == {"batchItemFailures": []}
    assert done == ["a", "b"]
    assert received(queue_url) == []


@pytest.mark.parametrize("body", ["not json", "{}", '{"Name": 3}', "[]"])
def test_an_unreadable_message_becomes_a_dead_letter_with_its_reason(queue_url: str, body: str) -> None:
    report = queues.work_through(event(body), queue_url, Job, lambda job: None)
    assert report == {"batchItemFailures": []}
    (letter,) = received(queue_url + queues.DEAD_LETTERS)
    assert letter["Body"] == body
    assert letter["MessageAttributes"]["Reason"]["StringValue"].startswith("unreadable: ")


@pytest.mark.parametrize("error", [Reject("no such shop"), GiveUp("no such shop")])
def test_hopeless_work_becomes_a_dead_letter(queue_url: str, error: Exception) -> None:
    queues.work_through(event('{"Name":"a"}'), queue_url, Job, raising(error))
    (letter,) = received(queue_url + queues.DEAD_LETTERS)
    assert letter["MessageAttributes"]["Reason"]["StringValue"] == "no such shop"


def test_work_that_must_wait_is_sent_again_and_counts_its_attempts(queue_url: str) -> None:
    again = RetryLater("index is down", after_seconds=0)
    report = queues.work_through(event('{"Name":"a"}', attributes={"Attempt": "4"}), queue_url, Job, raising(again))
    assert report == {"batchItemFailures": []}
    (message,) = received(queue_url)
    assert message["Body"] == '{"Name":"a"}'
    assert message["MessageAttributes"]["Attempt"]["StringValue"] == "5"


def test_work_that_waited_too_long_becomes_a_dead_letter(queue_url: str) -> None:
    long_ago = event('{"Name":"a"}', attributes={"FirstSent": "0", "Attempt": "90"})
    queues.work_through(long_ago, queue_url, Job, raising(RetryLater("index is down")))
    assert received(queue_url) == []
    (letter,) = received(queue_url + queues.DEAD_LETTERS)
    assert "index is down" in letter["MessageAttributes"]["Reason"]["StringValue"]


def test_the_unexpected_is_left_to_the_queue_and_spares_its_neighbours(queue_url: str) -> None:
    done: list[str] = []

    def work(job: Job) -> None:
        if job.name == "bad":
            raise KeyError("unforeseen")
        done.append(job.name)

    report = queues.work_through(event('{"Name":"a"}', '{"Name":"bad"}', '{"Name":"b"}'), queue_url, Job, work)
    assert report == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert done == ["a", "b"]


def test_all_messages_are_sent_however_many(queue_url: str) -> None:
    assert queues.send_all(queue_url, [Job(name=str(at)) for at in range(23)]) == 23
    names = {message["Body"] for _ in range(5) for message in received(queue_url)}
    assert len(names) == 23


def test_a_message_that_failed_comes_back_soon_not_after_the_long_timeout(queue_url: str) -> None:
    aws.sqs().set_queue_attributes(QueueUrl=queue_url, Attributes={"VisibilityTimeout": "5400"})
    queues.send(queue_url, Job(name="a"))
    (message,) = received(queue_url)
    handed = event(message["Body"])
    handed["Records"][0] |= {"receiptHandle": message["ReceiptHandle"], "attributes": message["Attributes"]}
    changed: list[int] = []
    change = aws.sqs().change_message_visibility

    def noted(**arguments: Any) -> Any:
        changed.append(arguments["VisibilityTimeout"])
        return change(**arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws.sqs(), "change_message_visibility", noted)
        report = queues.work_through(handed, queue_url, Job, raising(KeyError("unforeseen")))
    assert report == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert changed == [queues.RETRY_AFTER]


@pytest.mark.parametrize(("received_times", "told"), [("2", []), ("3", ["a"])])
def test_whoever_waits_for_a_message_is_told_when_it_becomes_a_dead_letter(
    queue_url: str, received_times: str, told: list[str]
) -> None:
    lost: list[str] = []
    handed = event('{"Name":"a"}')
    handed["Records"][0]["attributes"] = {"ApproximateReceiveCount": received_times}
    queues.work_through(
        handed, queue_url, Job, raising(KeyError("unforeseen")), lambda job, reason: lost.append(job.name)
    )
    assert lost == told


@pytest.mark.parametrize("error", [Reject("no such shop"), GiveUp("no such shop")])
def test_hopeless_work_is_told_of_too(queue_url: str, error: Exception) -> None:
    lost: list[tuple[str, str]] = []
    queues.work_through(
        event('{"Name":"a"}'), queue_url, Job, raising(error), lambda job, reason: lost.append((job.name, reason))
    )
    assert lost == [("a", "no such shop")]
