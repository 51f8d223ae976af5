"""When a phone may ring: quiet hours by the time zones of its country.  Pure but for the zone files.

A country of several zones is asked in all of them, as a mobile number does not tell in which its owner is: it is quiet
as long as it is quiet in one.  Zones by country are those of ``zone.tab`` of the tz database (package ``tzdata``).
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from chalicelib.errors import SettingError
from chalicelib.notifications import phones

_FAR_PARTS = {"+1907": ("America/Anchorage",), "+1808": ("Pacific/Honolulu",)}
"""Area codes of Alaska and Hawaii (North American Numbering Plan): without them a number of the United States is in one
of the states that lie together, and need not wait for Hawaii's morning."""
_TOGETHER = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles")

Hours = tuple[time, time]
"""From (inclusive) and to (exclusive); over midnight where the first is later."""


@cache
def read_hours(text: str) -> Hours | None:
    """``21:00-08:00`` as times, ``off`` as ``None``; ``SettingError`` for anything else."""
    if text == "off":
        return None
    try:
        start, end = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError:
        raise SettingError(f"QUIET_HOURS={text!r} must be like 21:00-08:00, or off") from None
    if start == end or start.tzinfo or end.tzinfo:
        raise SettingError(f"QUIET_HOURS={text!r} must leave some hours of the day")
    return start, end


def quiet_until(phone: str, now: datetime, hours: Hours | None) -> datetime | None:
    """When the quiet hours that ``phone`` has at ``now`` are over (UTC); ``None`` when it has none.

    In a country whose zones leave no common hour, or whose zones are not known, the first zone decides (UTC where
    there is none).
    """
    if hours is None:
        return None
    local = zones(phone)
    moment = now
    for _ in range(2 * len(local) + 2):
        ends = [end for zone in local if (end := _end_of_quiet(moment.astimezone(zone), hours))]
        if not ends:
            return moment if moment > now else None
        moment = max(ends)
    return _end_of_quiet(now.astimezone(local[0]), hours)


def _end_of_quiet(local: datetime, hours: Hours) -> datetime | None:
    """End (UTC) of the quiet hours around a local time; ``None`` outside them."""
    start, end = hours
    clock = local.time().replace(tzinfo=None)
    over_midnight = start > end
    if not (clock >= start or clock < end if over_midnight else start <= clock < end):
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= start else 0)
    over = datetime.combine(day, end, local.tzinfo).astimezone(UTC)
    # Where the clock is put back over the end of the hours, that end comes twice: the second one counts.
    return over if over > local.astimezone(UTC) else over + timedelta(hours=1)


def next_day(phone: str, now: datetime) -> datetime:
    """When the next day begins for ``phone`` (UTC), by its first zone."""
    zone = zones(phone)[0]
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


def local_time(phone: str, now: datetime) -> datetime:
    """``now`` on the clock of ``phone``'s first zone."""
    return now.astimezone(zones(phone)[0])


def zones(phone: str) -> tuple[tzinfo, ...]:
    """Time zones a phone may be in; at least one."""
    region = phones.country(phone)
    names = _FAR_PARTS.get(phone[:5]) or (_TOGETHER if region == "US" else _zones_of().get(region, ()))
    return tuple(_zone(name) for name in names) or (UTC,)


@cache
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


@cache
def _zones_of() -> dict[str, tuple[str, ...]]:
    lines = files("tzdata").joinpath("zoneinfo/zone.tab").read_text().splitlines()
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), name)
    return found
