"""From published notifications to texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from chalicelib import queues
from chalicelib.catalog.store import products_of
from chalicelib.matching import service
from chalicelib.models import Product, RequestStatus, UserRequest
from chalicelib.notifications import allowance, delivery, optouts, sweeping
from chalicelib.notifications.messages import NotifiedProduct, UserNotification
from chalicelib.pipeline import Event, Report
from chalicelib.pipeline.places import catalogs_serving
from chalicelib.requests.store import RequestStore
from chalicelib.scraping.runs import RunStore
from chalicelib.settings import settings
from chalicelib.telemetry import count, observed


@observed
def deliver(event: Event, milliseconds_left: Callable[[], int]) -> Report:
    """Work through the notifications that the topic handed to the queue; none is begun that cannot be ended."""

    def work(message: UserNotification) -> None:
        delivery.deliver(
            message,
            RequestStore().get,
            still_true=_still_true,
            pause=_pause,
            seconds_left=lambda: milliseconds_left() / 1000,
        )

    return queues.work_through(event, settings().require("deliveries_queue_url"), UserNotification, work)


@observed
def sweep(milliseconds_left: Callable[[], int]) -> Report:
    """Bring back notifications that were held, lost or left by a worker that died; read opt-outs.

    As it runs every minute, it also reports what no event tells: the month's spend, and how long ago shops were read.
    """
    now = datetime.now(UTC)
    share = allowance.report(now)
    ended = RunStore().last_end()
    if ended is not None:
        count("HoursSinceScrape", (now - ended).total_seconds() / 3600)
    optouts.refresh_when_due()
    done = sweeping.sweep(seconds_left=lambda: milliseconds_left() / 1000)
    return {"Published": done.published, "Parked": done.parked, "SpendShare": float(share)}


def _still_true(request: UserRequest, items: Sequence[NotifiedProduct]) -> list[Product]:
    """Those of the products that satisfy the request as the catalogues have them now."""
    wanted = [item.product_id for item in items]
    products = [found for key in catalogs_serving(request.postcode) for found in products_of(key, wanted).values()]
    return [one.product for one in service.match([request], {request.request_id: products})]


def _pause(request: UserRequest) -> None:
    """The phone has opted out of texts: the request stops until its shopper takes it up again.

    One that has another phone by now, or is not active, stays as it is.
    """

    def paused(before: UserRequest) -> UserRequest:
        if before.status is not RequestStatus.ACTIVE or before.phone_number != request.phone_number:
            return before
        return msgspec.structs.replace(before, status=RequestStatus.PAUSED)

    RequestStore().update(request.request_id, paused)
