"""When an offer is news, as a rule over any course of prices and scrapes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.notifications.episodes import Episode, Phase, after_scrape, fell_further, is_news, terms_of
from chalicelib.notifications.states import MOVES, OPEN, UNTOLD, State, sources
from tests.support.notifications import NOON, product


def told(price: str = "1.20", prior: str = "2.00", **changes: object) -> Episode:
    values = {
        "request_id": "request-1",
        "product_id": "sample-1",
        "episode": 1,
        "phase": Phase.OPEN,
        "notification_id": "n1",
        "shop": "sample",
        **{
            name: getattr(terms_of(product(price=price, prior=prior)), name)
            for name in ("price", "prior_price", "currency", "discount")
        },
    }
    return Episode(**(values | changes))  # type: ignore[arg-type]


def test_what_was_never_told_is_news() -> None:
    assert is_news(None, product())


def test_what_is_being_told_is_no_news() -> None:
    assert not is_news(told(), product())


def test_what_ended_is_news_again() -> None:
    assert is_news(told(phase=Phase.ENDED), product())


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        (("1.20", "2.00"), ("1.00", "2.00"), True),  # 40 → 50 % exactly
        (("1.20", "2.00"), ("1.01", "2.00"), False),  # 49.5 %
        (("1.20", "2.00"), ("1.20", "2.40"), False),  # 40 → 50 %, but only the was-price rose
        (("1.20", "2.00"), ("1.19", "2.38"), True),  # 50 %, and the price did fall
        (("6.00", "9.00"), ("5.10", "9.00"), True),  # 1/3 → 43.33…: exactly 10 points, never rounded
        (("6.00", "9.00"), ("5.11", "9.00"), False),
        (("1.20", "2.00"), ("1.60", "2.00"), False),
    ],
)
def test_a_further_fall_of_ten_points_is_news(before: tuple[str, str], now: tuple[str, str], news: bool) -> None:
    assert is_news(told(*before), product("sample-1", *now)) is news


def test_another_currency_is_no_fall() -> None:
    assert not fell_further(told(), product(price="0.50", currency="EUR"))


def test_discounts_stand_in_where_a_price_is_missing() -> None:
    before = told(price="1.20", prior_price=None, discount=Decimal(40))
    assert not fell_further(before, product(price="1.10", prior_price=None, discount=Decimal("49.9999")))
    assert fell_further(before, product(price="1.10", prior_price=None, discount=Decimal(50)))


def course(scrapes: list[bool | None]) -> list[int]:
    """Positions at which a text is sent, for scrapes with the offer, without it, or failed (``None``)."""
    texts: list[int] = []
    episode: Episode | None = None
    for at, satisfied in enumerate(scrapes):
        if satisfied is None:
            continue
        if satisfied and is_news(episode, product()):
            texts.append(at)
            episode = told(episode=episode.episode + 1 if episode else 1)
        if episode is not None and episode.phase is Phase.OPEN:
            phase, misses = after_scrape(episode, satisfied)
            episode = told(episode=episode.episode, phase=phase, misses=misses)
    return texts


def test_flapping_at_the_boundary_is_one_text() -> None:
    assert course([True, False] * 20) == [0]


def test_back_after_two_good_scrapes_is_a_new_text() -> None:
    assert course([True, False, False, True]) == [0, 3]


def test_a_failed_scrape_changes_nothing() -> None:
    assert course([True, None, None, None, True]) == [0]
    assert course([True, False, None, True, False, None, True]) == [0]
    assert course([True, False, None, False, True]) == [0, 4]


@given(st.lists(st.sampled_from([True, False, None]), max_size=60))
def test_two_misses_in_a_row_lie_between_any_two_texts(scrapes: list[bool | None]) -> None:
    texts = course(scrapes)
    assert texts[:1] == [at for at, satisfied in enumerate(scrapes) if satisfied][:1]
    for start, end in pairwise(texts):
        good = [satisfied for satisfied in scrapes[start + 1 : end] if satisfied is not None]
        assert good[-2:] == [False, False]
        assert "FFT" not in "".join("T" if one else "F" for one in good), "it would have been told then"


@given(st.lists(st.sampled_from([True, False, None]), max_size=60), st.integers(0, 60))
def test_failed_scrapes_may_come_anywhere(scrapes: list[bool | None], place: int) -> None:
    place = min(place, len(scrapes))
    with_failure = [*scrapes[:place], None, *scrapes[place:]]
    assert len(course(with_failure)) == len(course(scrapes))


# States --------------------------------------------------------------------------------------------------------------


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(State)
    assert {state for state, targets in MOVES.items() if not targets} == {
        *(State.SENT, State.FAILED, State.SUPPRESSED, State.EXPIRED),
    }


def test_what_may_have_been_sent_is_never_begun_again() -> None:
    """Only a claimed delivery can be begun, and only the one who began it can make it claimed again."""
    assert {state for state, targets in MOVES.items() if State.SENDING in targets} == {State.CLAIMED}
    assert State.CLAIMED not in MOVES[State.SENT] | MOVES[State.FAILED] | MOVES[State.SUPPRESSED] | MOVES[State.EXPIRED]
    assert not OPEN & UNTOLD


def test_a_move_nobody_may_make_is_refused() -> None:
    assert sources(State.SENDING, among=frozenset({State.CLAIMED, State.SENT})) == {State.CLAIMED}
    with pytest.raises(ValueError, match="no move to sending"):
        sources(State.SENDING, among=frozenset({State.UNKNOWN}))


def test_what_is_seen_is_as_late_as_the_shop_was_read() -> None:
    from chalicelib.notifications.messages import notified

    later = NOON + timedelta(hours=1)
    assert notified(product(), 1, later).seen_at == later
    assert notified(product(), 1).seen_at == NOON
