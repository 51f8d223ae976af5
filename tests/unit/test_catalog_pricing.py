"""What a discount is measured against."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.catalog.changes import as_product
from chalicelib.catalog.pricing import WINDOW, discount, for_another_quantity, prior_price, with_price
from chalicelib.models import PricePoint
from tests.fakes.cloud import scraped

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
Seen = list[tuple[int, Decimal]]


def history(seen: Seen) -> tuple[PricePoint, ...]:
    """The history after seeing prices on days counted from the start."""
    points: tuple[PricePoint, ...] = ()
    for day, price in seen:
        points = with_price(points, price, START + day * DAY)
    return points


def prior(seen: Seen, was: str) -> Decimal | None:
    return prior_price(history(seen), Decimal(was))


def test_first_seen_product_is_measured_against_its_was_price() -> None:
    assert prior([(0, Decimal(8))], was="10") == Decimal(10)


def test_was_price_counts_no_more_than_the_lowest_of_the_30_days_before() -> None:
    # 12 until day 5, 9 until day 10, 11 until day 20: the lowest of days -10 to 20 is 9.
    assert prior([(0, Decimal(12)), (5, Decimal(9)), (10, Decimal(11)), (20, Decimal(8))], was="15") == Decimal(9)


def test_was_price_below_the_lowest_counts_itself() -> None:
    assert prior([(0, Decimal(12)), (20, Decimal(8))], was="10") == Decimal(10)


def test_price_that_ended_more_than_30_days_before_no_longer_counts() -> None:
    # 5 ended on day 1; the window of the price that began on day 31 starts on day 1.
    assert prior([(0, Decimal(5)), (1, Decimal(20)), (31, Decimal(10))], was="18") == Decimal(18)


def test_price_that_ended_within_the_30_days_counts() -> None:
    assert prior([(0, Decimal(5)), (2, Decimal(20)), (31, Decimal(10))], was="18") == Decimal(5)


def test_window_ends_where_the_present_price_began_however_long_ago_that_is() -> None:
    seen = [(0, Decimal(12)), (20, Decimal(8)), (90, Decimal(8)), (400, Decimal(8))]
    assert prior(seen, was="15") == Decimal(12)
    assert len(history(seen)) == 2


def test_without_a_was_price_there_is_nothing_to_measure_against() -> None:
    assert prior_price(history([(0, Decimal(12)), (20, Decimal(8))]), None) is None


def test_price_that_is_not_shown_leaves_the_history_alone() -> None:
    before = history([(0, Decimal(12))])
    assert with_price(before, None, START + DAY) == before


def test_a_smaller_pack_is_measured_per_unit() -> None:
    """Six for 3.00 became four for 2.40, "was 3.00": dearer by the piece, however the shop puts it."""
    past = for_another_quantity(history([(0, Decimal(3))]), "6 pack", "4 pack")
    assert [point.price for point in past] == [Decimal(2)]
    assert prior_price(with_price(past, Decimal("2.40"), START + 5 * DAY), Decimal(3)) == Decimal(2)


def test_a_smaller_pack_at_the_same_price_begins_a_new_price() -> None:
    past = for_another_quantity(history([(0, Decimal(3))]), "1 kg", "750g")
    assert [point.price for point in with_price(past, Decimal(3), START + DAY)] == [Decimal("2.25"), Decimal(3)]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (None, "500g"),
        ("500g", None),
        ("500g", "500 ml"),
        ("0.5 kg", "500 g"),
        ("6 x 330ml", "1.98 l"),
        ("0 pack", "1 pack"),
    ],
)
def test_quantities_that_are_equal_or_cannot_be_compared_leave_the_prices(before: str | None, now: str | None) -> None:
    past = history([(0, Decimal(3)), (3, Decimal(2))])
    assert for_another_quantity(past, before, now) == past


def test_a_product_whose_pack_shrank_has_no_discount_for_that() -> None:
    full = scraped(1, quantity="6 pack", price=Decimal(3), was_price=None)
    shrunk = scraped(1, quantity="4 pack", price=Decimal("2.40"), was_price=Decimal(3))
    before = as_product("AB12CD", full, None, START)
    assert as_product("AB12CD", shrunk, before, START + DAY).discount == 0


def test_a_price_per_unit_is_never_rounded_up() -> None:
    assert for_another_quantity(history([(0, Decimal(1))]), "3 pack", "2 pack")[0].price == Decimal("0.6666")


def test_discount_is_cut_to_four_places() -> None:
    assert discount(Decimal(2), Decimal(3)) == Decimal("33.3333")  # 33.33333…
    assert discount(Decimal("0.000001"), Decimal(1)) == Decimal("99.9999")
    assert discount(Decimal(8), Decimal(10)) == Decimal(20)


def test_dearer_free_or_unpriced_products_have_no_discount() -> None:
    assert discount(Decimal(11), Decimal(10)) == discount(Decimal(10), Decimal(10)) == 0
    assert discount(Decimal(0), Decimal(10)) == discount(None, Decimal(10)) == discount(Decimal(8), None) == 0


prices = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(99), places=2)
sightings = st.lists(st.tuples(st.integers(0, 120), prices), min_size=1, max_size=25).map(
    lambda pairs: sorted(pairs, key=lambda pair: pair[0])
)


def lowest_by_definition(seen: Seen) -> Decimal | None:
    """The lowest price in force at any moment of the 30 days before the present price began, from the whole record."""
    spans: list[tuple[int, Decimal]] = []
    for day, price in seen:
        if not spans or spans[-1][1] != price:
            spans.append((day, price))
    began = spans[-1][0]
    start = began - WINDOW.days
    ends = [day for day, _ in spans[1:]]
    earlier = zip(spans[:-1], ends, strict=True)
    return min((price for (_, price), end in earlier if end > start), default=None)


@given(sightings)
def test_kept_history_gives_the_low_of_the_whole_record(seen: Seen) -> None:
    distinct = dict(seen)  # one price a day
    record = sorted(distinct.items())
    low = lowest_by_definition(record)
    assert prior(record, was="1000") == (low if low is not None else Decimal(1000))


@given(sightings)
def test_history_stays_short_and_rising_before_the_present_price(seen: Seen) -> None:
    points = history(sorted(dict(seen).items()))
    earlier = [point.price for point in points[:-1]]
    assert earlier == sorted(set(earlier))


@given(prices, prices)
def test_cut_discount_is_never_more_than_the_true_one_and_less_by_under_a_ten_thousandth(
    price: Decimal, was: Decimal
) -> None:
    cut = discount(price, was)
    if price < was:
        assert cut * was <= (was - price) * 100 < (cut + Decimal("0.0001")) * was
    else:
        assert cut == 0
