"""Phones that have opted out of texts: SNS keeps the list (a shopper replies STOP), the ledger remembers it.

SNS may accept a text to such a phone and drop it, so its list is read regularly, and a phone on it is not texted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import aws
from chalicelib.notifications import allowance, store
from chalicelib.notifications.ledger import milliseconds
from chalicelib.notifications.store import Refused
from chalicelib.telemetry import logger

EVERY = timedelta(hours=6)


def refresh(now: datetime | None = None) -> int:
    """Read SNS's list and remember every phone on it; gives how many are on it.  To be run about daily."""
    moment, listed = now or datetime.now(UTC), 0
    token: dict[str, str] = {}
    while True:
        try:
            page = _sns().list_phone_numbers_opted_out(**token)
        except (BotoCoreError, ClientError) as error:
            logger().warning("opt-outs not read", extra={"error": type(error).__name__})
            return listed
        for phone in page["phoneNumbers"]:
            remember(phone, moment)
        listed += len(page["phoneNumbers"])
        if not page.get("nextToken"):
            return listed
        token = {"nextToken": page["nextToken"]}


def refresh_when_due(now: datetime | None = None) -> bool:
    """``refresh`` where nobody has for six hours; to be called as often as one likes."""
    moment = now or datetime.now(UTC)
    values = {"now": milliseconds(moment), "old": milliseconds(moment - EVERY)}
    due = "attribute_not_exists(ReadAt) OR ReadAt <= :old"
    try:
        store.write(store.update("OptOuts", "Read", "SET ReadAt = :now", due, values))
    except Refused:
        return False
    refresh(moment)
    return True


def remember(phone: str, now: datetime) -> None:
    """Note that ``phone`` has opted out; for good, as it has no ``ExpiresAt``."""
    item = {**store.key(*allowance.opt_out_key(phone)), "Since": {"S": now.isoformat()}}
    try:
        store.write(store.put(item))
    except Refused:
        return  # known since before


def is_in_again(phone: str) -> bool:
    """Whether SNS says that a remembered phone takes texts again; then it is forgotten."""
    try:
        if _sns().check_if_phone_number_is_opted_out(phoneNumber=phone)["isOptedOut"]:
            return False
    except (BotoCoreError, ClientError):
        return False
    store.write(store.delete(*allowance.opt_out_key(phone)))
    return True


def _sns() -> Any:
    return aws.sns_topic()
