"""How long to wait: ``Retry-After`` values and backoff.  Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

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
