"""What the indexer expects of OpenSearch's bulk calls and of SQS: stand-ins keep to it as the real ones do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
import msgspec
import pytest
from moto import mock_aws

from chalicelib import aws
from chalicelib.catalog.changes import as_product
from chalicelib.errors import RetryLater
from chalicelib.search import bulk, index, indexing
from chalicelib.search.bulk import Written
from chalicelib.search.client import client
from chalicelib.search.documents import Document, of_product
from chalicelib.search.indexing import IndexOutcome, index_records
from tests.fakes.cloud import FAILURES_ARN, NOW, cloud, scraped, stage
from tests.fakes.search import Answer, FakeIndex, away, index_at, refused

KEY = "SW1A1AA"


@dataclass
class Index:
    """Where documents go, and how to have the next ones refused or find nobody there."""

    write: Callable[[Sequence[Document]], Written]
    script: Callable[[Answer], None]


@pytest.fixture(params=["stand-in", "OpenSearch"])
def search(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    if request.param == "stand-in":
        fake = FakeIndex()
        yield Index(lambda documents: fake.write(documents, ["products-000001"]), fake.answers.append)
        return
    with index_at(monkeypatch, request.getfixturevalue("opensearch_url")):
        yield Index(lambda documents: bulk.write(documents, index.targets()), lambda answer: None)


def documents(*numbers: int) -> list[Document]:
    return [of_product(as_product(KEY, scraped(number), None, NOW)) for number in numbers]


def test_new_documents_are_changed_each_by_its_place(search: Index) -> None:
    assert search.write(documents(1, 2, 3)) == Written(changed=frozenset({0, 1, 2}))


def test_no_documents_change_nothing(search: Index) -> None:
    assert search.write([]) == Written()


def test_document_the_mapping_refuses_is_named_with_the_reason(search: Index) -> None:
    search.script(refused(1))
    bad = Document(key=KEY, product_id="bad", version=1, body=b'{"Postcode":"SW1A1AA","Discount":"much"}')
    written = search.write([*documents(1), bad, *documents(2)])
    assert (written.changed, written.waiting) == ({0, 2}, frozenset())
    assert written.refused[1].startswith("mapper_parsing_exception: ")


@pytest.mark.parametrize("kind", ["stand-in", "real"])
def test_node_that_is_away_means_later(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeIndex()
    fake.answers.append(away)
    with stage(monkeypatch, OPENSEARCH_ENDPOINT="http://127.0.0.1:9"):
        client.cache_clear()
        write = fake.write if kind == "stand-in" else bulk.write
        with pytest.raises(RetryLater, match="does not answer"):
            write(documents(1), ["products-000001"])
    client.cache_clear()


@dataclass
class Queue:
    """The failure queue."""

    received: Callable[[], list[dict[str, Any]]]
    lose: Callable[[], None]


@pytest.fixture(params=["stand-in", "moto"])
def queue(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    with cloud(monkeypatch) as made, mock_aws():
        monkeypatch.setattr(bulk, "write", FakeIndex().write)
        monkeypatch.setattr(index, "targets", lambda: ("products-000001",))
        if request.param == "stand-in":
            yield Queue(lambda: made.sqs.sent, lambda: setattr(made.sqs, "broken", True))
            return
        sqs = boto3.client("sqs", region_name="eu-west-2")
        url = sqs.create_queue(QueueName=FAILURES_ARN.rsplit(":", 1)[-1])["QueueUrl"]
        monkeypatch.setattr(aws, "sqs", lambda: sqs)

        def received() -> list[dict[str, Any]]:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            return [msgspec.json.decode(message["Body"]) for message in messages]

        yield Queue(received, lambda: (sqs.delete_queue(QueueUrl=url), None)[1])
        indexing._failures_queue.cache_clear()


UNREADABLE = {
    "eventName": "INSERT",
    "eventSourceARN": f"arn:aws:dynamodb:eu-west-2:123456789012:table/ProductCatalog_{KEY}/stream/now",
    "dynamodb": {"SequenceNumber": "7", "Keys": {"ProductID": {"S": "sample-1"}}, "NewImage": {"Price": {"S": "no"}}},
}


def test_record_put_aside_arrives_whole_with_its_reason(queue: Queue) -> None:
    assert index_records({"Records": [UNREADABLE]}) == IndexOutcome(failed=[], changed=set())
    (message,) = queue.received()
    assert message["Record"] == UNREADABLE
    assert message["Reason"].startswith("ValidationError")


def test_record_that_cannot_be_put_aside_comes_again(queue: Queue) -> None:
    queue.lose()
    assert index_records({"Records": [UNREADABLE]}).failed == ["7"]
