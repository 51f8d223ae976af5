"""The message the delivery worker reads, and what else may subscribe to the topic ``UserNotifications`` sees."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from chalicelib.models import Product, Record
from chalicelib.notifications.episodes import Terms

LONGEST_NAME = 120
"""Characters of a name that travel: more than any text can hold, and no name can swell a message."""
LONGEST_URL = 500
"""Bytes; a longer one does not travel, as a cut link leads nowhere."""


class Channel(StrEnum):
    """The ways to reach a shopper; each has a module in ``channels/``."""

    SMS = "sms"
    EMAIL = "email"
    WEBHOOK = "webhook"


class NotifiedProduct(Terms, frozen=True, kw_only=True):
    """One product of a notification, as it was when it matched."""

    product_id: str
    episode: int
    """Which of the product's episodes for this request is told; the first is 1."""
    product_name: str
    shop: str
    store_brand: str
    url: str
    seen_at: datetime
    told_before: Terms | None = None
    """Where the news is a further fall: the terms the shopper knows, from an episode that has not ended."""


class UserNotification(Record, frozen=True, kw_only=True):
    """Tell the shopper of ``request_id`` about ``items`` by ``channel``.

    Holds no phone number, address or URL of the shopper: whoever delivers it reads the request, which may have been
    changed or deleted meanwhile.
    """

    v: Literal[1]
    notification_id: str
    request_id: str
    postcode: str
    channel: Channel
    channels: tuple[Channel, ...]
    """Every channel of this notification; each has its own message and its own state in the ledger."""
    items: tuple[NotifiedProduct, ...]
    claimed_at: datetime
    correlation_id: str = ""


def notified(
    product: Product, episode: int, seen_at: datetime | None = None, told_before: Terms | None = None
) -> NotifiedProduct:
    """What a notification says of ``product``; ``seen_at`` is when its shop was last read, where that is known."""
    return NotifiedProduct(
        product_id=product.product_id,
        episode=episode,
        product_name=product.product_name[:LONGEST_NAME],
        shop=product.shop,
        store_brand=product.store_brand[:LONGEST_NAME],
        url=product.url if len(product.url.encode()) <= LONGEST_URL else "",
        discount=product.discount,
        price=product.price,
        prior_price=product.prior_price,
        currency=product.currency,
        seen_at=max(seen_at or product.last_seen, product.last_seen),
        told_before=told_before,
    )
