"""From matches to the topic ``UserNotifications``: claim what is news, then publish it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import aws
from chalicelib.models import Match, UserRequest
from chalicelib.notifications import channels
from chalicelib.notifications.claiming import claim
from chalicelib.notifications.ledger import Delivery
from chalicelib.notifications.messages import UserNotification
from chalicelib.settings import settings
from chalicelib.telemetry import correlate, count, logger


def publish(
    request: UserRequest,
    matches: Sequence[Match],
    correlation_id: str = "",
    *,
    seen_at: Mapping[str, datetime] | None = None,
    now: datetime | None = None,
) -> int:
    """Have the shopper of ``request`` told of those of ``matches`` that are news, all in one notification.

    ``seen_at`` says when each shop (by its key) was last read; without it a product's own ``last_seen`` is shown.
    Gives the number of messages published: one per channel of the request, or 0 where nothing is news.  Raises
    ``RetryLater`` when the ledger is away.  Calling it again with the same matches publishes nothing again; what was
    claimed but not published (a crash, the topic away) is published by the sweep when the claim's lease runs out.
    """
    moment = now or datetime.now(UTC)
    products = [match.product for match in matches]
    ways = channels.wanted(request) if products else ()
    if not ways:
        return 0
    claimed = claim(request, products, ways, moment, seen_at or {}, correlation_id)
    return sum(announce(delivery) for delivery in claimed)


def announce(delivery: Delivery) -> bool:
    """Publish a claimed delivery.  ``False``: the topic did not take it, the sweep will try again."""
    message = delivery.message
    correlate(message.correlation_id)
    try:
        aws.sns_topic().publish(
            TopicArn=settings().require("notifications_topic_arn"),
            Message=msgspec.json.encode(message).decode(),
            MessageAttributes=_attributes(message),  # type: ignore[arg-type]
        )
    except (BotoCoreError, ClientError):
        logger().exception("notification not published", extra={"notification_id": message.notification_id})
        count("NotificationsNotPublished")
        return False
    facts = {"notification_id": message.notification_id, "request_id": message.request_id, "channel": message.channel}
    logger().info("notification published", extra=facts)
    return True


def _attributes(message: UserNotification) -> dict[str, dict[str, str]]:
    """What subscribers may filter by: the channel, the postcode, the shops (SNS: any of them matches)."""
    shops = sorted({item.shop for item in message.items})
    return {
        "Channel": {"DataType": "String", "StringValue": message.channel},
        "Postcode": {"DataType": "String", "StringValue": message.postcode},
        "Shop": {"DataType": "String.Array", "StringValue": json.dumps(shops)},
    }
