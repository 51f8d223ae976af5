"""Claiming what is news, so that nobody else tells it: one notification per request and run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from chalicelib.errors import RetryLater
from chalicelib.items import to_item
from chalicelib.models import Product, UserRequest
from chalicelib.notifications import ledger, store
from chalicelib.notifications.episodes import Episode, Phase, is_news, terms_of
from chalicelib.notifications.ledger import Delivery, milliseconds
from chalicelib.notifications.messages import Channel, NotifiedProduct, UserNotification, notified
from chalicelib.notifications.states import State
from chalicelib.notifications.store import Refused, Write

MOST_PRODUCTS = 50
"""Products of one notification, so that its claim fits a transaction; the others are claimed by the next run."""
CLAIM_ATTEMPTS = 8


def claim(
    request: UserRequest,
    products: Sequence[Product],
    channels: Sequence[Channel],
    now: datetime,
    seen_at: Mapping[str, datetime],
    correlation_id: str,
) -> list[Delivery]:
    """Claim those of ``products`` that are news, all in one notification: one delivery for each of ``channels``.

    ``seen_at`` says when a shop was last read.  Gives no delivery where nothing is news.  Two callers at once never
    claim the same episode: the later one's transaction is refused, and it looks again.  ``RetryLater`` where that goes
    on, or the ledger is away.
    """
    for _ in range(CLAIM_ATTEMPTS):
        known = ledger.episodes(request.request_id, [product.product_id for product in products])
        news = _news(request.request_id, products, known)
        if not news:
            return []
        message = _message(request, news, known, channels, now, seen_at, correlation_id)
        deliveries = _deliveries(message, now)
        writes = [store.put(ledger.delivery_item(delivery, now)) for delivery in deliveries]
        writes += [_open_episode(request, product, known.get(product.product_id), message, now) for product in news]
        try:
            store.transact(writes)
        except Refused:
            continue
        return deliveries
    raise RetryLater("others keep claiming the same products")


def _news(request_id: str, products: Sequence[Product], known: Mapping[str, Episode]) -> list[Product]:
    """The products to tell of, deepest discount first.

    A further fall of a product whose last text still waits is no news yet: that text is checked against the catalogue
    before it goes, and then says the lower price.
    """
    unique = {product.product_id: product for product in products}
    news = {product_id: product for product_id, product in unique.items() if is_news(known.get(product_id), product)}
    told = {known[product_id].notification_id for product_id in news if _is_open(known.get(product_id))}
    waiting = _waiting(request_id, told)
    fresh = [
        product
        for product_id, product in news.items()
        if not (_is_open(known.get(product_id)) and known[product_id].notification_id in waiting)
    ]
    return sorted(fresh, key=lambda product: (-product.discount, product.product_id))[:MOST_PRODUCTS]


def _is_open(episode: Episode | None) -> bool:
    return episode is not None and episode.phase is Phase.OPEN


def _waiting(request_id: str, notification_ids: set[str]) -> set[str]:
    if not notification_ids:
        return set()
    found = ledger.deliveries(request_id, notification_ids)
    return {delivery.message.notification_id for delivery in found if delivery.delivery_state is State.CLAIMED}


def _message(
    request: UserRequest,
    news: Sequence[Product],
    known: Mapping[str, Episode],
    channels: Sequence[Channel],
    now: datetime,
    seen_at: Mapping[str, datetime],
    correlation_id: str,
) -> UserNotification:
    items = [_item(product, known.get(product.product_id), seen_at.get(product.shop)) for product in news]
    return UserNotification(
        v=1,
        notification_id=f"{milliseconds(now):012x}-{ledger.new_token()[:20]}",
        request_id=request.request_id,
        postcode=request.postcode,
        channel=channels[0],
        channels=tuple(channels),
        items=tuple(items),
        claimed_at=now,
        correlation_id=correlation_id,
    )


def _item(product: Product, before: Episode | None, seen_at: datetime | None) -> NotifiedProduct:
    told = terms_of(before) if before is not None and before.phase is Phase.OPEN else None
    return notified(product, before.episode + 1 if before else 1, seen_at, told)


def _deliveries(message: UserNotification, now: datetime) -> list[Delivery]:
    token = ledger.new_token()
    return [
        Delivery(
            message=msgspec.structs.replace(message, channel=channel),
            delivery_state=State.CLAIMED,
            owner_token=token,
            due_at=ledger.lease_until(now, now),
            changed_at=now,
        )
        for channel in message.channels
    ]


def _open_episode(
    request: UserRequest, product: Product, before: Episode | None, message: UserNotification, now: datetime
) -> Write:
    episode = Episode(
        request_id=request.request_id,
        product_id=product.product_id,
        episode=before.episode + 1 if before else 1,
        phase=Phase.OPEN,
        notification_id=message.notification_id,
        shop=product.shop,
        last_run=before.last_run if before else "",
        price=product.price,
        prior_price=product.prior_price,
        currency=product.currency,
        discount=product.discount,
    )
    item = to_item(
        episode,
        PK=ledger.partition(request.request_id),
        SK=ledger.product_key(product.product_id),
        Misses=0,
        LastRun=episode.last_run,
        Watch=ledger.watch(request.postcode, product.shop),
        ExpiresAt=int(max(ledger.kept_until(now), request.expires_at + timedelta(days=30)).timestamp()),
    )
    if before is None:
        return store.put(item)
    # The terms as well: a waiting text that is sent at another price changes them, and nothing else.
    seen = {"episode": before.episode, "phase": before.phase.value, "discount": before.discount, "price": before.price}
    known = {name: value for name, value in seen.items() if value is not None}
    return store.put(item, " AND ".join(f"{name.title()} = :{name}" for name in known), known)
