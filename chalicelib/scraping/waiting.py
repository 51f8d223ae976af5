"""How long to wait: ``Retry-After`` values and backoff.  Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from chalicelib.errors import SettingError

LONGEST_WAIT = 86_400
"""Seconds; a shop that asks for longer is asked again after a day."""


def seconds_of(retry_after: str | None, now: datetime | None = None) -> int | None:
    """Seconds a ``Retry-After`` value asks for: a number or an HTTP date (RFC 9110, section 10.2.3), 0 to a day.

    ``None`` where there is no value or it is neither.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0, min(int((at - (now or datetime.now(UTC))).total_seconds()), LONGEST_WAIT))


def seconds_until_open(window: str, now: datetime | None = None) -> int:
    """Seconds until the daily window (``22:00-06:00``, UTC) opens; 0 inside it or without one.

    ``SettingError`` for anything that is not two times of day.
    """
    if not window:
        return 0
    at = now or datetime.now(UTC)
    minute = at.hour * 60 + at.minute
    opens, closes = _minutes(window)
    inside = opens <= minute < closes if opens < closes else minute >= opens or minute < closes
    return 0 if inside else (opens - minute) % 1440 * 60 - at.second


def _minutes(window: str) -> tuple[int, int]:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", window)
    if not found:
        raise SettingError(f"SCRAPE_WINDOW={window!r}: must be like 22:00-06:00 (UTC)")
    opens_h, opens_m, closes_h, closes_m = map(int, found.groups())
    return opens_h * 60 + opens_m, closes_h * 60 + closes_m
