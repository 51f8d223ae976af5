"""Two matchers on one postcode at the same moment find the same matches, and each shopper gets one text."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import boto3
import msgspec
import pytest
from api_support import make_tables

from chalicelib import aws
from chalicelib.catalog.changes import as_product
from chalicelib.matching.messages import MatchTask
from chalicelib.models import Match, Product, UserRequest
from chalicelib.notifications.messages import UserNotification
from chalicelib.notifications.publishing import publish
from chalicelib.pipeline import matching
from chalicelib.requests.store import RequestStore
from chalicelib.search import bulk, index
from chalicelib.search.documents import of_product
from chalicelib.search.querying import candidates
from tests.fakes.cloud import scraped
from tests.fakes.search import index_at
from tests.support.notifications import request, table_definition

POSTCODE, KEY = "SW1A 1AA", "SW1A1AA"
NOW = datetime.now(UTC)
OILS = ["Filippo Berio Olive Oil 500ml", "Larkfield Extra Virgin Olive Oil 1L"]
NAMES = [*OILS, "Oak Table", "Olive Oil Spread 500g", "Oak Table Cloth"]
OIL, TABLE = (
    request(number, product_name=name, created_at=NOW, updated_at=NOW, expires_at=NOW + timedelta(days=365))
    for number, name in enumerate(["olive oil", "oak table"], 1)
)
WHOLE, ONE = MatchTask(postcode=POSTCODE), MatchTask(postcode=POSTCODE, request_id=OIL.request_id)


@dataclass
class Telling:
    """What the matchers found, by thread and request, and what reached the topic."""

    found: dict[tuple[int, str], list[Match]] = field(default_factory=dict)
    messages: list[UserNotification] = field(default_factory=list)

    def publish(self, *, TopicArn: str, Message: str, MessageAttributes: dict[str, Any]) -> None:  # noqa: N803
        self.messages.append(msgspec.json.decode(Message, type=UserNotification))

    def tell(self, request: UserRequest, matches: Sequence[Match], *args: Any, **more: Any) -> int:
        self.found[threading.get_ident(), request.request_id] = list(matches)
        return publish(request, matches, *args, **more)

    def found_for(self, request: UserRequest) -> list[list[Match]]:
        """The matches of ``request``, once for each matcher that found some."""
        return [matches for (_, request_id), matches in self.found.items() if request_id == request.request_id]


@pytest.fixture
def telling(monkeypatch: pytest.MonkeyPatch, dynamodb_local: str, opensearch_url: str) -> Iterator[Telling]:
    """A postcode with two requests and five products, in DynamoDB Local and OpenSearch."""
    ledger = f"Notifications{uuid4().hex[:8]}"
    boto3.client("dynamodb", endpoint_url=dynamodb_local).create_table(**table_definition(ledger))
    environment = {"AWS_ENDPOINT_URL": dynamodb_local, "NOTIFICATIONS_TABLE": ledger, "SHOPS": "sample"}
    environment |= {"NOTIFICATIONS_TOPIC_ARN": "arn:aws:sns:eu-west-2:000000000000:UserNotifications"}
    made = Telling()
    aws._client.cache_clear()
    with index_at(monkeypatch, opensearch_url, **environment, **make_tables(dynamodb_local)):
        monkeypatch.setattr(aws, "sns_topic", lambda: made)
        monkeypatch.setattr(matching, "publish", made.tell)
        products = [as_product(KEY, scraped(at, product_name=name), None, NOW) for at, name in enumerate(NAMES)]
        bulk.write([of_product(product) for product in products], index.targets())
        index.refresh()
        for wish in (OIL, TABLE):
            assert RequestStore().put(wish) is None
        yield made
    aws._client.cache_clear()


def at_once(monkeypatch: pytest.MonkeyPatch, tasks: Sequence[MatchTask]) -> None:
    """Work through ``tasks`` in a thread each; none goes on from its search before all have searched."""
    searched = threading.Barrier(len(tasks), timeout=30)

    def together(key: str, wishes: Sequence[tuple[str, str, Decimal]]) -> dict[str, list[Product]]:
        found = candidates(key, wishes)
        searched.wait()
        return found

    with monkeypatch.context() as patch, ThreadPoolExecutor(len(tasks)) as pool:
        patch.setattr(matching, "candidates", together)
        list(pool.map(matching._match, tasks))


@pytest.mark.parametrize("tasks", [(WHOLE, WHOLE), (WHOLE, ONE), (ONE, ONE, WHOLE)], ids=["whole", "mixed", "three"])
def test_matchers_at_once_agree_and_tell_each_shopper_once(
    telling: Telling, monkeypatch: pytest.MonkeyPatch, tasks: Sequence[MatchTask]
) -> None:
    at_once(monkeypatch, tasks)
    for wish, names in ((OIL, OILS), (TABLE, ["Oak Table"])):
        runs = telling.found_for(wish)
        assert len(runs) == sum(task.request_id in (None, wish.request_id) for task in tasks)
        assert all(run == runs[0] for run in runs)
        assert sorted(one.product.product_name for one in runs[0]) == sorted(names)
    assert sorted(message.request_id for message in telling.messages) == [OIL.request_id, TABLE.request_id]
    told = {message.request_id: {item.product_id for item in message.items} for message in telling.messages}
    assert told[OIL.request_id] == {"sample-0", "sample-1"}

    at_once(monkeypatch, tasks)
    assert len(telling.messages) == 2
