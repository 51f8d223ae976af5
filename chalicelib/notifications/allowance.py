"""What limits texts: opted-out phones, texts per phone and day, spend per month.  Taken with a delivery's beginning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zlib import crc32

from chalicelib.items import plain
from chalicelib.notifications import hours, optouts, store
from chalicelib.notifications.channels import Limit
from chalicelib.notifications.phones import pseudonym
from chalicelib.settings import settings
from chalicelib.telemetry import count, logger

SPEND_SHARDS = 10
"""Counters the month's spend is spread over: one counter would make workers wait for each other."""
SPEND_KEPT = timedelta(days=400)
_MICRO = 1_000_000
_OPTED_OUT = "the phone has opted out"


def opted_out(phone: str) -> Limit:
    """Refuses a phone that has opted out, unless SNS says that it is in again."""
    check = store.check(*opt_out_key(phone), "attribute_not_exists(PK)")

    def instead() -> Limit | None:
        return Limit(check, None, _OPTED_OUT, None) if optouts.is_in_again(phone) else None

    return Limit(take=check, give_back=None, reason=_OPTED_OUT, hold_until=None, instead=instead)


def opt_out_key(phone: str) -> tuple[str, str]:
    """Where an opt-out is remembered."""
    return _phone(phone), "OptOut"


def daily_cap(phone: str, now: datetime) -> Limit:
    """One of the texts a phone may get on its present day."""
    local = hours.local_time(phone, now)
    key = _phone(phone), f"Day#{local.date().isoformat()}"
    room = "attribute_not_exists(Texts) OR Texts < :cap"
    values = {"one": 1, "cap": settings().sms_daily_cap, "expires": int((now + timedelta(days=3)).timestamp())}
    return Limit(
        take=store.update(*key, "SET ExpiresAt = :expires ADD Texts :one", room, values),
        give_back=store.update(*key, "ADD Texts :less", "", {"less": -1}),
        reason="the phone got its texts of today",
        hold_until=hours.next_day(phone, now),
    )


def monthly_cap(phone: str, cost: Decimal, now: datetime) -> Limit:
    """``cost`` (US dollars) of the month's spend; a month is UTC's, as on the bill.

    The cap is spread evenly over counters; where this one is used up, one that still has room is looked for.
    """
    return _spend(crc32(phone.encode()) % SPEND_SHARDS, phone, cost, now, look_further=True)


def _spend(shard: int, phone: str, cost: Decimal, now: datetime, look_further: bool) -> Limit:
    key = f"Spend#{now:%Y-%m}", f"Shard#{shard}"
    amount = _micro(cost)
    room = "Spent <= :room OR attribute_not_exists(Spent)" if amount <= _shard_cap() else "Spent <= :room"
    values = {"cost": amount, "one": 1, "room": _shard_cap() - amount}
    values["expires"] = int((now + SPEND_KEPT).timestamp())
    return Limit(
        take=store.update(*key, "SET ExpiresAt = :expires ADD Spent :cost, Texts :one", room, values),
        give_back=store.update(*key, "ADD Spent :less, Texts :fewer", "", {"less": -amount, "fewer": -1}),
        reason="the month's spend on texts is used up",
        hold_until=hours.next_day(phone, now),
        instead=(lambda: _roomy(phone, cost, now)) if look_further else (lambda: None),
    )


def _roomy(phone: str, cost: Decimal, now: datetime) -> Limit | None:
    used = {int(counter["SK"].removeprefix("Shard#")): int(counter["Spent"]) for counter in _counters(now)}
    spent = dict.fromkeys(range(SPEND_SHARDS), 0) | used
    shard = min(spent, key=spent.__getitem__)
    if spent[shard] + _micro(cost) > _shard_cap():
        return None
    return _spend(shard, phone, cost, now, look_further=False)


def _counters(now: datetime) -> Iterator[dict[str, Any]]:
    return map(plain, store.query(f"Spend#{now:%Y-%m}"))


def spent(now: datetime) -> Decimal:
    """US dollars of the month's texts so far, as accounted."""
    return Decimal(sum(counter["Spent"] for counter in _counters(now))) / _MICRO


def texts(now: datetime) -> int:
    """Texts of the month so far, as accounted."""
    return sum(counter.get("Texts", 0) for counter in _counters(now))


def report(now: datetime) -> Decimal:
    """Percent of the month's cap that is spent, also as the metric ``SmsSpendShare``, which is alarmed before 100.

    Where a country whose phones the stage accepts has no price, that is 100 too: texts to it wait as if all were spent.
    """
    cap, unpriced = settings().sms_monthly_cap, set(settings().sms_countries) - settings().sms_prices.keys()
    if unpriced:
        logger().error("SMS_PRICES lacks countries of SMS_COUNTRIES: no texts there", extra={"lacks": sorted(unpriced)})
    share = 100 * spent(now) / cap if cap and not unpriced else Decimal(100)
    count("SmsSpendShare", float(share))
    return share


def _micro(amount: Decimal) -> int:
    return int((amount * _MICRO).to_integral_value(rounding="ROUND_CEILING"))


def _shard_cap() -> int:
    return settings().sms_monthly_cap * _MICRO // SPEND_SHARDS


def _phone(phone: str) -> str:
    return f"Phone#{pseudonym(phone)}"
