"""Calls to a shopper's own address: signed, timestamped, repeated until answered, and to public hosts only.

A call is a POST of JSON.  ``Shelfwatch-Signature`` is ``v1=`` and the hex HMAC-SHA256 of ``<timestamp>.<body>`` under
the address's own key (``key_for``; the operator hands it to the shopper), ``Shelfwatch-Timestamp`` the epoch second,
and ``Shelfwatch-Notification`` the id by which a receiver knows a repeated call.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPException

import msgspec

from chalicelib.models import UserRequest
from chalicelib.notifications.channels import Hold, Letter, Limit, Reply
from chalicelib.notifications.channels.outside import Unreachable, post
from chalicelib.notifications.messages import Channel, NotifiedProduct, UserNotification
from chalicelib.notifications.states import State
from chalicelib.settings import settings

TRIED_FOR = timedelta(days=1)
_PASSING = {408, 409, 423, 425, 429}
"""Refusals that another hour may lift."""
_WAIT = 300


class Webhook:
    """Unlike a text, a repeated call does no harm: what is not answered is called again."""

    def wants(self, request: UserRequest) -> bool:
        return Channel.WEBHOOK in settings().channels and bool(settings().webhook_key and request.webhook_url)

    def held(self, request: UserRequest, now: datetime) -> Hold | None:
        return None

    def compose(self, request: UserRequest, items: tuple[NotifiedProduct, ...], now: datetime) -> Letter:
        said = {"RequestID": request.request_id, "ProductName": request.product_name, "Products": items}
        return Letter(body=msgspec.json.encode(said).decode())

    def limits(self, request: UserRequest, letter: Letter, now: datetime) -> list[Limit]:
        return []

    def pace(self) -> None:
        """Every address is its owner's."""

    def send(self, request: UserRequest, message: UserNotification, letter: Letter) -> Reply:
        url, body = request.webhook_url or "", letter.body.encode()
        headers = signed(url, body, int(time.time())) | {"Shelfwatch-Notification": message.notification_id}
        try:
            status = post(url, body, headers, settings().webhook_private_hosts)
        except Unreachable as error:
            return Reply(State.FAILED, reason=str(error))
        except (OSError, HTTPException) as error:
            return _again(message, f"no answer: {type(error).__name__}")
        if 200 <= status < 300:
            return Reply(State.SENT, message_id=message.notification_id)
        if status >= 500 or status in _PASSING:
            return _again(message, f"answered {status}")
        return Reply(State.FAILED, reason=f"answered {status}")

    def opted_out(self, request: UserRequest, now: datetime) -> None:
        """An address stops calls by its request."""


SENDER = Webhook()


def signed(url: str, body: bytes, timestamp: int) -> dict[str, str]:
    """The headers that prove a call."""
    signature = hmac.new(key_for(url).encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "Shelfwatch-Timestamp": str(timestamp),
        "Shelfwatch-Signature": f"v1={signature}",
    }


def key_for(url: str) -> str:
    """The key of one address, made from the stage's: whoever has it can prove or forge calls to this address only."""
    return hmac.new(settings().require("webhook_key").encode(), f"webhook {url}".encode(), hashlib.sha256).hexdigest()


def _again(message: UserNotification, reason: str) -> Reply:
    if datetime.now(UTC) - message.claimed_at > TRIED_FOR:
        return Reply(State.FAILED, reason=f"tried for a day: {reason}")
    return Reply(State.CLAIMED, reason=reason, after=_WAIT)
