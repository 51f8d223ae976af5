"""The ledger: who was told what, per request, product and episode.

The partition of a request (``PK`` = ``Request#<RequestID>``) holds an item per product (``SK`` =
``Product#<ProductID>``: its present episode) and one per delivery (``SK`` = ``Delivery#<NotificationID>#<Channel>``:
one notification on one channel, with its state, the token of whoever owns it and when somebody has to look at it
again).  ``claiming`` makes them and ``moves`` changes them, each change a conditional write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zlib import crc32

import msgspec

from chalicelib.items import Item, from_item, plain, to_item
from chalicelib.models import Record
from chalicelib.notifications import store
from chalicelib.notifications.episodes import Episode
from chalicelib.notifications.messages import Channel, UserNotification
from chalicelib.notifications.states import OPEN, State
from chalicelib.settings import settings

UNKNOWN_SHARD = "unknown"
"""Partition of the same index that holds the deliveries nobody can tell of, by when they became so."""
LEASE = timedelta(minutes=5)
"""How long a claimed delivery is left to its message before the sweep publishes it again (which harms nothing)."""
LONGEST_LEASE = timedelta(hours=1)
SHARDS = 16
"""Partitions of the index of due deliveries, so that no single one bounds the rate of notifications."""


class Delivery(Record, frozen=True, kw_only=True):
    """One notification on one channel, as the ledger has it."""

    message: UserNotification
    delivery_state: State
    owner_token: str
    changed_at: datetime
    due_at: int | None = None
    """Epoch milliseconds: when somebody has to look at it again (or since when it is ``unknown``); else ``None``."""
    held_until: int | None = None
    attempts: int = 0
    reason: str = ""
    message_id: str = ""
    """What the channel calls it."""
    parts: int = 0
    cost: Decimal = Decimal(0)
    """In the currency of the stage's prices."""


def partition(request_id: str) -> str:
    """Partition key of everything about a request."""
    return f"Request#{request_id}"


def product_key(product_id: str) -> str:
    """Sort key of a product's episode."""
    return f"Product#{product_id}"


def delivery_key(notification_id: str, channel: Channel) -> str:
    """Sort key of a delivery; sorts by time, as notification ids begin with it."""
    return f"Delivery#{notification_id}#{channel}"


def key_of(message: UserNotification) -> tuple[str, str]:
    """``PK`` and ``SK`` of the delivery a message asks for."""
    return partition(message.request_id), delivery_key(message.notification_id, message.channel)


def watch(postcode: str, shop: str) -> str:
    """Partition of the index of open episodes: the products of one shop that somebody at ``postcode`` was told of."""
    return f"{postcode.replace(' ', '')}#{shop}"


def milliseconds(moment: datetime) -> int:
    """Epoch milliseconds."""
    return int(moment.timestamp() * 1000)


def new_token() -> str:
    """A token that marks whoever makes a move as its owner."""
    return uuid4().hex


def open_shard(notification_id: str) -> str:
    """Partition of the index of due deliveries."""
    return f"{crc32(notification_id.encode()) % SHARDS:x}"


def lease_until(claimed_at: datetime, now: datetime) -> int:
    """Epoch milliseconds at which the sweep looks at what is published now.

    The older the claim the longer: a queue of hours is not filled further by the sweep.
    """
    return milliseconds(now + min(max(LEASE, now - claimed_at), LONGEST_LEASE))


def kept_until(now: datetime) -> datetime:
    """When what is written now leaves the history."""
    return now + timedelta(days=settings().notification_history_days)


# Items -------------------------------------------------------------------------------------------------------------


def delivery_item(delivery: Delivery, now: datetime) -> Item:
    """The item of a new delivery."""
    pk, sk = key_of(delivery.message)
    message = msgspec.json.encode(delivery.message).decode()
    shard = {"OpenShard": open_shard(delivery.message.notification_id)} if delivery.delivery_state in OPEN else {}
    return to_item(delivery, PK=pk, SK=sk, Message=message, ExpiresAt=int(kept_until(now).timestamp()), **shard)


def delivery_of(item: Mapping[str, Any]) -> Delivery:
    """The delivery an item holds."""
    values = plain(item)
    message = msgspec.json.decode(values.pop("Message"), type=UserNotification)
    return msgspec.convert(values | {"Message": msgspec.to_builtins(message)}, Delivery, strict=False)


# Reading -----------------------------------------------------------------------------------------------------------


def find(message: UserNotification) -> Delivery | None:
    """The delivery a message asks for."""
    item = store.get(*key_of(message))
    return delivery_of(item) if item else None


def episodes(request_id: str, product_ids: Sequence[str]) -> dict[str, Episode]:
    """The present episodes of the products, by product id."""
    items = store.get_many((partition(request_id), product_key(product_id)) for product_id in product_ids)
    found = [from_item(item, Episode) for item in items]
    return {episode.product_id: episode for episode in found}


def deliveries(request_id: str, notification_ids: set[str]) -> list[Delivery]:
    """Every delivery of the notifications."""
    pk = partition(request_id)
    keys = [(pk, delivery_key(notification_id, channel)) for notification_id in notification_ids for channel in Channel]
    return [delivery_of(item) for item in store.get_many(keys)]


def history(request_id: str) -> Iterator[Delivery]:
    """Everything the shopper of a request was, or was not, told; oldest first."""
    return map(delivery_of, store.query(partition(request_id), "Delivery#"))


def due(now: datetime) -> Iterator[Delivery]:
    """Open deliveries somebody has to look at: their lease has run out, or the hour they were held for has come."""
    for shard in range(SHARDS):
        yield from _indexed(f"{shard:x}", now)


def unknown(now: datetime) -> Iterator[Delivery]:
    """Deliveries nobody can tell of, as far back as the history goes; oldest first."""
    return _indexed(UNKNOWN_SHARD, now)


def _indexed(shard: str, now: datetime) -> Iterator[Delivery]:
    for key in store.query(shard, index="OpenByDue", name="OpenShard", up_to=("DueAt", milliseconds(now))):
        item = store.get(key["PK"]["S"], key["SK"]["S"])
        if item is not None:
            yield delivery_of(item)
