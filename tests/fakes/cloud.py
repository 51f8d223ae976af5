"""DynamoDB, Lambda and SQS in memory behind ``chalicelib.aws``, and products to put into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from chalicelib import aws
from chalicelib.catalog import faults, tables
from chalicelib.models import Availability, ScrapedProduct
from chalicelib.search import indexing
from chalicelib.settings import settings
from tests.fakes.dynamodb import FakeDynamoDB
from tests.fakes.lambda_ import FakeLambda

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FAILURES_ARN = "arn:aws:sqs:eu-west-2:000000000000:StreamFailures"
PIPELINE_TABLE: dict[str, Any] = {
    "TableName": "PipelineTable",
    "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "PK", "AttributeType": "S"},
        {"AttributeName": "SK", "AttributeType": "S"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


class Crash(BaseException):
    """The process ends here: nothing may catch it."""


@dataclass
class FakeQueue:
    """SQS with one queue, which keeps what it is sent."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False

    def get_queue_url(self, QueueName: str) -> dict[str, str]:  # noqa: N803
        return {"QueueUrl": f"http://127.0.0.1/{QueueName}"}

    def send_message(self, QueueUrl: str, MessageBody: str) -> dict[str, str]:  # noqa: N803
        if self.broken:
            raise ConnectionError("no queue")
        self.sent.append(msgspec.json.decode(MessageBody))
        return {}


@dataclass
class Cloud:
    """What the code under test talks to."""

    dynamodb: FakeDynamoDB
    lambda_: FakeLambda
    sqs: FakeQueue

    def calls(self) -> int:
        """The number of calls so far."""
        return self.dynamodb.calls.total() + self.lambda_.calls.total()

    def fault(self, fault: Callable[[str, str], None]) -> None:
        """Ask ``fault(operation, "before" | "after")`` around every call."""
        self.dynamodb.fault = self.lambda_.fault = fault

    def writes(self, key: str) -> int:
        """Items written to a catalogue so far."""
        return self.dynamodb.item_writes[f"ProductCatalog_{key}"]


@contextmanager
def cloud(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Iterator[Cloud]:
    """A cloud with an empty pipeline table; waiting takes no time."""
    made = Cloud(FakeDynamoDB(), FakeLambda(), FakeQueue())
    made.dynamodb.create_table(**PIPELINE_TABLE)
    with stage(monkeypatch, INDEXER_FUNCTION="indexer", INDEXER_FAILURES_QUEUE_ARN=FAILURES_ARN, **environment):
        monkeypatch.setattr(aws, "dynamodb", lambda: made.dynamodb)
        monkeypatch.setattr(aws, "lambda_", lambda: made.lambda_)
        monkeypatch.setattr(aws, "sqs", lambda: made.sqs)
        for module in (faults, indexing):
            monkeypatch.setattr(module, "sleep", lambda seconds: None)
        yield made


@contextmanager
def stage(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Iterator[None]:
    """A stage with these settings, and nothing remembered from another one."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _forget()
    yield
    _forget()


def _forget() -> None:
    settings.cache_clear()
    indexing._failures_queue.cache_clear()
    tables._checked.clear()


def scraped(number: int | str, **changes: Any) -> ScrapedProduct:
    """A product of the shop ``sample`` at 8 instead of 10 pounds."""
    plain = ScrapedProduct(
        shop="sample",
        shop_product_id=str(number),
        product_name=f"Oak Table {number}",
        url=f"https://shop.example/p/{number}",
        store_brand="Larkfield",
        price=Decimal("8.00"),
        was_price=Decimal("10.00"),
        currency="GBP",
        availability=Availability.IN_STOCK,
    )
    return msgspec.structs.replace(plain, **changes)
