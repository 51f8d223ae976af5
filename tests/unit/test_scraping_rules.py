"""The scraper's rules: planning, paging, waiting, yields, cursors."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import SettingError
from chalicelib.scraping.messages import ScrapeJob, spaced
from chalicelib.scraping.outcomes import Cursor, Outcome, cursor_of, yield_outcome
from chalicelib.scraping.paging import first_url, next_cursor, with_number
from chalicelib.scraping.planning import plan_run
from chalicelib.scraping.shops.declaration import PageNumber, Scroll, Shop
from chalicelib.scraping.waiting import seconds_of, seconds_until_open

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SHOP = Shop(
    key="corner",
    name="Corner Shop",
    hosts=("corner.example",),
    start=("https://corner.example/all?for={postcode}", "https://corner.example/offers/{region}"),
    regions={"": "south", "S": "north", "SW": "london", "SW1A": "palace", "BT": ""},
)
JOB = ScrapeJob(run_id="r", shop="corner", region="london", postcodes=("SW72AZ",))


@pytest.mark.parametrize(
    ("postcode", "region"),
    [
        ("S1 2HE", "north"),
        ("SW7 2AZ", "london"),  # S is Sheffield: a start of letters is a whole area
        ("SW1A 1AA", "palace"),  # the longest start wins
        ("sw1a1aa", "palace"),
        ("BT1 5GS", None),  # an empty region is not served
        ("G1 1XQ", "south"),
    ],
)
def test_a_postcode_lies_in_the_region_of_its_longest_start(postcode: str, region: str | None) -> None:
    assert SHOP.region_of(postcode) == region


def test_a_shop_without_a_matching_start_does_not_serve_the_postcode() -> None:
    shop = Shop(
        key="north", name="North", hosts=("n.example",), start=("https://n.example/",), regions={"S": "sheffield"}
    )
    assert shop.region_of("SW1A 1AA") is None


def test_each_region_of_each_shop_is_planned_once_however_many_postcodes_it_has() -> None:
    other = Shop(key="other", name="Other", hosts=("o.example",), start=("https://o.example/",))
    jobs = plan_run({"SW7 2AZ", "SW5 0AA", "S1 2HE", "BT1 5GS"}, [SHOP, other], NOON)
    assert [(job.shop, job.region, job.postcodes) for job in jobs] == [
        ("corner", "london", ("SW50AA", "SW72AZ")),
        ("corner", "north", ("S12HE",)),
        ("other", "everywhere", ("BT15GS", "S12HE", "SW50AA", "SW72AZ")),
    ]
    assert len({job.run_id for job in jobs}) == 1


def test_a_plan_made_twice_in_one_second_is_one_run_and_another_plan_is_another() -> None:
    once, again = plan_run({"S1 2HE"}, [SHOP], NOON), plan_run({"S12HE"}, [SHOP], NOON)
    assert once == again
    assert plan_run({"SW7 2AZ"}, [SHOP], NOON)[0].run_id != once[0].run_id


def test_nobody_asking_means_nothing_to_read() -> None:
    assert plan_run(set(), [SHOP], NOON) == []


@given(st.sets(st.from_regex(r"[A-Z]{1,2}[0-9]{1,2} [0-9][A-Z]{2}", fullmatch=True), max_size=30))
def test_every_served_postcode_is_in_exactly_one_job_of_a_shop(postcodes: set[str]) -> None:
    planned = [key for job in plan_run(postcodes, [SHOP], NOON) for key in job.postcodes]
    served = {postcode.replace(" ", "") for postcode in postcodes if SHOP.region_of(postcode)}
    assert sorted(planned) == sorted(served)


@pytest.mark.parametrize(
    ("key", "postcode"), [("SW1A1AA", "SW1A 1AA"), ("M11AE", "M1 1AE"), ("LONDON", "LONDON"), ("75001", "75001")]
)
def test_the_shop_is_shown_the_postcode_as_shoppers_write_it(key: str, postcode: str) -> None:
    assert spaced(key) == postcode


# Paging --------------------------------------------------------------------------------------------------------------


def test_placeholders_of_start_urls_are_quoted() -> None:
    assert first_url(SHOP, JOB, 0) == "https://corner.example/all?for=SW7%202AZ"
    assert first_url(SHOP, JOB, 1) == "https://corner.example/offers/london"


def test_paging_follows_the_next_link_and_then_the_next_start_url() -> None:
    second = next_cursor(SHOP, JOB, Cursor(url="https://corner.example/all"), "https://corner.example/all?page=2", True)
    assert second == Cursor(url="https://corner.example/all?page=2", pages=1)
    assert next_cursor(SHOP, JOB, second, None, True) == Cursor(start=1, pages=2)
    assert next_cursor(SHOP, JOB, Cursor(url="https://corner.example/offers", start=1, pages=2), None, True) is None


@pytest.mark.parametrize("target", ["https://corner.example/all", "https://corner.example/all?page=1"])
def test_paging_that_leads_back_or_shows_nothing_new_is_over(target: str) -> None:
    here = Cursor(url="https://corner.example/all", start=1)
    assert next_cursor(SHOP, JOB, here, target, fresh=False) is None


def test_a_page_that_leads_to_itself_is_the_last() -> None:
    here = Cursor(url="https://corner.example/all", start=1)
    assert next_cursor(SHOP, JOB, here, "https://corner.example/all", fresh=True) is None


def test_a_failed_page_is_not_counted_against_the_next_one() -> None:
    here = Cursor(url="https://corner.example/all", failures=3)
    following = next_cursor(SHOP, JOB, here, "https://corner.example/all?page=2", True)
    assert following is not None
    assert following.failures == 0


@pytest.mark.parametrize(
    ("url", "following"),
    [
        ("https://corner.example/all", "https://corner.example/all?page=2"),
        ("https://corner.example/all?page=2&sort=a%20b", "https://corner.example/all?page=3&sort=a+b"),
        ("https://corner.example/all?page=x", "https://corner.example/all?page=2"),
    ],
)
def test_page_numbers_count_up(url: str, following: str) -> None:
    assert with_number(url, PageNumber()) == following


def test_page_numbers_may_be_offsets() -> None:
    assert (
        with_number("https://c.example/?from=48", PageNumber(parameter="from", first=0, step=24))
        == "https://c.example/?from=72"
    )


def test_a_scrolling_shop_has_one_page_for_each_start_url() -> None:
    shop = Shop(key="scroll", name="S", hosts=("s.example",), start=("https://s.example/",), paging=Scroll())
    assert next_cursor(shop, JOB, Cursor(url="https://s.example/"), None, True) is None


# Yields and cursors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "last_time", "outcome"),
    [
        (0, None, Outcome.SHRUNKEN),  # an empty shop is never believed
        (0, 400, Outcome.SHRUNKEN),
        (1, None, Outcome.COMPLETE),
        (199, 400, Outcome.SHRUNKEN),
        (200, 400, Outcome.COMPLETE),  # exactly half
        (900, 400, Outcome.COMPLETE),
        (1, 9, Outcome.COMPLETE),  # a small shop may change a lot
        (4, 10, Outcome.SHRUNKEN),
    ],
)
def test_far_fewer_products_than_last_time_are_not_believed(
    found: int, last_time: int | None, outcome: Outcome
) -> None:
    assert yield_outcome(found, last_time) is outcome


@given(
    st.builds(
        Cursor,
        url=st.none() | st.text(),
        start=st.integers(0, 99),
        pages=st.integers(0, 9999),
        applying=st.none() | st.integers(0, 99),
    )
)
def test_a_cursor_survives_its_message(cursor: Cursor) -> None:
    job = ScrapeJob(run_id="r", shop="s", region="r", postcodes=("M11AE",), cursor=cursor.encoded())
    assert cursor_of(job) == cursor


# Waiting -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("99999999999999", 86_400),
        ("Wed, 04 Mar 2026 12:01:30 GMT", 90),
        ("Wed, 04 Mar 2026 11:00:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("١٢", None),  # digits, but not those of HTTP
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: int | None) -> None:
    assert seconds_of(value, NOON) == seconds


@pytest.mark.parametrize(
    ("window", "hour", "minute", "seconds"),
    [
        ("", 12, 0, 0),
        ("22:00-06:00", 23, 0, 0),
        ("22:00-06:00", 5, 59, 0),
        ("22:00-06:00", 6, 0, 16 * 3600),
        ("09:00-17:30", 17, 29, 0),
        ("09:00-17:30", 17, 30, 15 * 3600 + 1800),
        ("09:00-17:30", 8, 0, 3600),
    ],
)
def test_shops_are_read_inside_the_window_only(window: str, hour: int, minute: int, seconds: int) -> None:
    assert seconds_until_open(window, NOON.replace(hour=hour, minute=minute)) == seconds


@pytest.mark.parametrize("window", ["22-06", "25:00-06:00", "22:00", "night"])
def test_a_wrong_window_is_said(window: str) -> None:
    with pytest.raises(SettingError, match="SCRAPE_WINDOW"):
        seconds_until_open(window, NOON)
