"""The quality figures mean what they say."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from benchmarks.pairs import best_f1, metrics, read_pairs, recall_at
from benchmarks.shopper import Asked, Tally, tally

CHANCES = [0.9, 0.8, 0.7, 0.6]
SAME = [True, False, True, False]


def test_precision_recall_and_f1() -> None:
    found = metrics(CHANCES, SAME, 0.65)  # three accepted, two of them right, none missed
    assert (found.precision, found.recall) == (pytest.approx(2 / 3), 1.0)
    assert found.f1 == pytest.approx(0.8)


def test_nothing_accepted_is_worth_nothing() -> None:
    found = metrics(CHANCES, SAME, 0.95)
    assert (found.precision, found.recall, found.f1) == (0, 0, 0)


def test_recall_at_a_precision_takes_the_best_limit_that_keeps_it() -> None:
    assert recall_at(CHANCES, SAME, 0.9) == 0.5
    assert recall_at(CHANCES, SAME, 0.6) == 1.0
    assert recall_at([0.5, 0.5], [True, False], 0.9) == 0.0  # equal chances are accepted together


def test_the_best_limit_is_found() -> None:
    assert best_f1(CHANCES, SAME).f1 == pytest.approx(0.8)


def test_pairs_are_read_with_unknown_prices(tmp_path: Path) -> None:
    path = tmp_path / "some.valid.tsv.gz"
    heading = "wanted\twanted_brand\twanted_price\toffered\toffered_brand\toffered_price\tsame"
    path.write_bytes(gzip.compress(f"{heading}\r\na b\tb\t1.5\tc\t\t0.0\t1\r\nd\t\t\te\t\t\t0\r\n".encode()))
    first, second = read_pairs(path)
    assert (first.wanted_price, first.offered_price, first.same) == (1.5, None, True)
    assert (second.wanted_price, second.same) == (None, False)


def test_acceptable_answers_count_neither_way() -> None:
    asked = Asked("q", "tea", "generic", frozenset({"a", "b"}), frozenset({"c"}))
    counted = tally(asked, {"a", "c", "d"})
    assert counted == Tally(right=1, wrong=1, missed=1)
    assert (counted.precision, counted.recall) == (0.5, 0.5)
    assert tally(asked, set()).precision == 1.0
