"""The units that single operations of the app take, as DynamoDB Local tells them: what ``costs`` multiplies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import msgspec

from benchmarks.api_servers import Database
from benchmarks.indexing_servers import make_catalog, products
from chalicelib import aws
from chalicelib.models import ScrapedProduct
from chalicelib.notifications import delivery, publishing
from chalicelib.notifications.messages import UserNotification
from chalicelib.requests.guards import GuardStore
from chalicelib.requests.store import RequestStore
from chalicelib.settings import settings
from tests.support.notifications import NOON, match, product, request, table_definition
from tests.support.strict_sns import StrictSns

PRODUCTS = 1_000
"""In the catalogue that is counted with; the units of a product do not depend on it."""
READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan"})
Units = dict[str, Decimal]


@dataclass
class Meter:
    """Adds up the read and write units of every call to DynamoDB."""

    read: Decimal = Decimal(0)
    written: Decimal = Decimal(0)

    def taken(self, work: Callable[[], object]) -> tuple[Decimal, Decimal]:
        """Read and write units of ``work``."""
        self.read = self.written = Decimal(0)
        work()
        return self.read, self.written

    def ask(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
        """Have DynamoDB tell the units of a call."""
        metered = "ReturnConsumedCapacity" in model.input_shape.members
        return params | ({"ReturnConsumedCapacity": "TOTAL"} if metered else {})

    def add(self, parsed: Mapping[str, Any], model: Any, **_: Any) -> None:
        """Take in what a call has told."""
        found = parsed.get("ConsumedCapacity", [])
        units = sum(
            (Decimal(str(one["CapacityUnits"])) for one in (found if isinstance(found, list) else [found])), Decimal(0)
        )
        if model.name in READS:
            self.read += units
        else:
            self.written += units


def count(stage: Database) -> Units:
    """Units of single operations, all indexes included."""
    with _entered(stage):
        meter = Meter()
        events = aws.dynamodb().meta.events
        events.register("provide-client-params.dynamodb.*", meter.ask)
        events.register("after-call.dynamodb.*", meter.add)
        return _of_requests(meter) | _of_catalogues(meter) | _of_texts(meter)


@contextmanager
def _entered(stage: Database) -> Iterator[None]:
    """The settings of a stage whose tables are those of ``stage``, and the ledger's."""
    names = {**stage.tables, "NOTIFICATIONS_TABLE": "NotificationsTable", "SMS_PRICES": "GB=0.05"}
    topic = {"NOTIFICATIONS_TOPIC_ARN": "arn:aws:sns:eu-west-2:000000000000:UserNotifications"}
    stage.client.create_table(**table_definition("NotificationsTable"))
    with mock.patch.dict(os.environ, {"AWS_ENDPOINT_URL": stage.endpoint, **names, **topic}):
        settings.cache_clear()
        aws._client.cache_clear()
        yield
    settings.cache_clear()
    aws._client.cache_clear()


def _of_requests(meter: Meter) -> Units:
    store, guards, wish = RequestStore(), GuardStore(), request()
    slot = {"Update": guards.slot(wish.phone_number, wish.request_id, wish.expires_at)}
    return {
        "write units of a POST": meter.taken(lambda: store.put(wish, beside=[slot]))[1],
        "read units of a GET by id": meter.taken(lambda: store.get(wish.request_id))[0],
        "read units of a postcode's requests": meter.taken(lambda: list(store.active_in(wish.postcode)))[0],
        "write units of a DELETE": meter.taken(lambda: store.delete(wish.request_id))[1],
    }


def _of_catalogues(meter: Meter) -> Units:
    """Units of each product of a scrape: the first time, unchanged, and with a new price."""
    make_catalog("SW1A1AA", streamed=False)
    shown = products(PRODUCTS)
    cut = [msgspec.structs.replace(each, price=Decimal("0.50")) for each in shown]
    day = timedelta(days=1)
    begun = datetime.now(UTC)
    first = meter.taken(lambda: _scrape(shown, begun))
    same = meter.taken(lambda: _scrape(shown, begun + day))
    changed = meter.taken(lambda: _scrape(cut, begun + 2 * day))
    return {
        "write units of a new product": first[1] / PRODUCTS,
        "write units of an unchanged product": same[1] / PRODUCTS,
        "read units of an unchanged product": same[0] / PRODUCTS,
        "write units of a changed product": changed[1] / PRODUCTS,
        "read units of a changed product": changed[0] / PRODUCTS,
    }


def _scrape(shown: list[ScrapedProduct], now: datetime) -> None:
    from chalicelib.catalog.writing import finish_scrape, write_products

    write_products("SW1A1AA", "sample", shown, now)
    finish_scrape("SW1A1AA", "sample", [each.shop_product_id for each in shown], now)


def _of_texts(meter: Meter) -> Units:
    """Units of one text, from the match to the answer of the channel, the user's request included."""
    store, wish, sent = RequestStore(), request(), list[UserNotification]()

    def publish(**call: Any) -> None:
        sent.append(msgspec.json.decode(call["Message"], type=UserNotification))

    store.put(wish)
    with (
        mock.patch.object(aws, "sns_topic", return_value=mock.Mock(publish=publish)),
        mock.patch.object(aws, "sns_sms", StrictSns),
    ):
        claimed = meter.taken(lambda: publishing.publish(wish, [match(wish, product())], now=NOON))
        told = meter.taken(lambda: delivery.deliver(sent[0], store.get, clock=lambda: NOON))
    return {"read units of a text": claimed[0] + told[0], "write units of a text": claimed[1] + told[1]}
