"""When a phone may ring."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from chalicelib.errors import SettingError
from chalicelib.notifications import hours, phones

NIGHT = (time(21), time(8))
SIESTA = (time(13), time(15))
LONDON, PARIS, NEW_YORK, HONOLULU, NOWHERE = "+447911000001", "+33612345678", "+12125550123", "+18085550123", "+999123"
KOLKATA = "+919876543210"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("phone", "now", "until"),
    [
        (LONDON, "2026-01-15 20:59:59", None),
        (LONDON, "2026-01-15 21:00", "2026-01-16 08:00"),
        (LONDON, "2026-01-16 07:59:59", "2026-01-16 08:00"),
        (LONDON, "2026-01-16 08:00", None),
        (LONDON, "2026-06-15 20:00", "2026-06-16 07:00"),  # 21:00 by summer time
        (PARIS, "2026-01-15 20:00", "2026-01-16 07:00"),
        (KOLKATA, "2026-01-15 15:30", "2026-01-16 02:30"),  # half an hour off the full one
        (HONOLULU, "2026-01-15 12:00", "2026-01-15 18:00"),
        # 08:30 in New York is 05:30 in Los Angeles: quiet until 08:00 there, which is 16:00 UTC.
        (NEW_YORK, "2026-01-15 13:30", "2026-01-15 16:00"),
        (NEW_YORK, "2026-01-15 16:00", None),
        # 21:00 in New York: quiet there; in the morning all wait for Los Angeles.
        (NEW_YORK, "2026-01-16 02:00", "2026-01-16 16:00"),
        (NOWHERE, "2026-01-15 22:00", "2026-01-16 08:00"),  # of no country: by UTC
        # The night in which London's clocks go forward (01:00 → 02:00 on 29 March 2026) and back (25 October).
        (LONDON, "2026-03-28 23:00", "2026-03-29 07:00"),
        (LONDON, "2026-10-24 22:00", "2026-10-25 08:00"),
    ],
)
def test_quiet_hours_are_the_phones(phone: str, now: str, until: str | None) -> None:
    assert hours.quiet_until(phone, utc(now), NIGHT) == (utc(until) if until else None)


def test_hours_within_a_day() -> None:
    assert hours.quiet_until(LONDON, utc("2026-01-15 13:30"), SIESTA) == utc("2026-01-15 15:00")
    assert hours.quiet_until(LONDON, utc("2026-01-15 15:00"), SIESTA) is None


def test_no_quiet_hours() -> None:
    assert hours.read_hours("off") is None
    assert hours.quiet_until(LONDON, utc("2026-01-15 23:00"), None) is None


@examples(max_examples=200, deadline=None)
@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([LONDON, PARIS, NEW_YORK, HONOLULU, KOLKATA, "+5511961234567", "+79161234567", "+61412345678"]),
    st.sampled_from([NIGHT, SIESTA, (time(22, 30), time(7, 15))]),
)
def test_the_end_of_quiet_is_not_quiet_and_less_than_two_days_away(
    now: datetime, phone: str, quiet: hours.Hours
) -> None:
    until = hours.quiet_until(phone, now, quiet)
    if until is None:
        assert all(not _is_quiet(now.astimezone(zone).time(), quiet) for zone in hours.zones(phone))
    else:
        assert now < until <= now + timedelta(days=2)
        assert hours.quiet_until(phone, until, quiet) is None


def _is_quiet(clock: time, quiet: hours.Hours) -> bool:
    start, end = quiet
    return start <= clock < end if start < end else clock >= start or clock < end


@pytest.mark.parametrize("text", ["21:00", "21:00-", "25:00-08:00", "08:00-08:00", "on", "21:00-08:00-09:00"])
def test_hours_that_cannot_be_are_said(text: str) -> None:
    with pytest.raises(SettingError, match="QUIET_HOURS"):
        hours.read_hours(text)


def test_the_next_day_is_the_phones() -> None:
    assert hours.next_day(LONDON, utc("2026-06-15 22:59:59")) == utc("2026-06-15 23:00")
    assert hours.next_day(LONDON, utc("2026-06-15 23:00")) == utc("2026-06-16 23:00")


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        (LONDON, "GB"),
        ("+447700900123", "GB"),  # reserved for fiction: of no network
        ("+447781123456", "GB"),  # Guernsey
        (NEW_YORK, "US"),
        ("+18765550123", "JM"),  # shares the calling code of the United States, not their price
        ("+4915112345678", "DE"),
        (NOWHERE, ""),
        ("12", ""),
    ],
)
def test_the_country_of_a_phone(phone: str, country: str) -> None:
    assert phones.country(phone) == country


def test_a_phone_has_a_name_that_is_not_its_number() -> None:
    assert phones.pseudonym(LONDON) == phones.pseudonym(LONDON)
    assert phones.pseudonym(LONDON) != phones.pseudonym(PARIS)
    assert "7911" not in phones.pseudonym(LONDON)
