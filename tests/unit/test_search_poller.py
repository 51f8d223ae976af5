"""The stream poller of the tests keeps AWS's rules, and under them no record is lost and no neighbour held up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.poller import Poller, Shard, number_of


def shard(count: int) -> Shard:
    arn = "arn:aws:dynamodb:eu-west-2:123456789012:table/ProductCatalog_SW1A1AA/stream/now"
    return Shard([{"eventSourceARN": arn, "dynamodb": {"SequenceNumber": str(100 + at)}} for at in range(count)])


class Function:
    """A function that fails for some records in one way or another, and remembers what it did."""

    def __init__(self, raises: set[str] = frozenset(), reports: dict[str, int] | None = None) -> None:  # type: ignore[assignment]
        self.raises, self.reports = raises, dict(reports or {})
        self.batches: list[list[str]] = []
        self.done: list[str] = []

    def __call__(self, event: dict[str, Any]) -> dict[str, Any]:
        numbers = [number_of(record) for record in event["Records"]]
        self.batches.append(numbers)
        if self.raises & set(numbers):
            raise RuntimeError
        failed = [number for number in numbers if self.reports.get(number, 0) > 0]
        for number in failed:
            self.reports[number] -= 1
        self.done += [number for number in numbers if number not in failed]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def test_batches_come_in_order_and_once_where_nothing_fails() -> None:
    function, read = Function(), shard(5)
    Poller(function, batch_size=2).drain(read)
    assert function.batches == [["100", "101"], ["102", "103"], ["104"]]
    assert read.position == 5


def test_reported_failure_brings_back_the_lowest_failed_record_and_all_after_it() -> None:
    function = Function(reports={"102": 1, "103": 1})
    Poller(function, batch_size=5).drain(shard(5))
    assert function.batches == [["100", "101", "102", "103", "104"], ["102", "103", "104"]]


def test_error_halves_the_batch_until_the_one_record_is_alone_and_given_up() -> None:
    function = Function(raises={"102"})
    poller = Poller(function, batch_size=8, retries=2)
    poller.drain(shard(8))
    assert sorted(function.done) == [str(number) for number in range(100, 108) if number != 102]
    (given_up,) = poller.failures
    info = given_up["DDBStreamBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"]) == ("102", "102", 1)
    assert function.batches.count(["102"]) == 3  # once, and two retries


def test_without_bisect_the_neighbours_go_down_with_the_one() -> None:
    function = Function(raises={"102"})
    poller = Poller(function, batch_size=8, retries=1, bisect=False)
    poller.drain(shard(8))
    assert function.done == []
    assert poller.failures[0]["DDBStreamBatchInfo"]["batchSize"] == 8


def test_unknown_identifier_fails_the_whole_batch() -> None:
    answers = iter([{"batchItemFailures": [{"itemIdentifier": ""}]}, {"batchItemFailures": []}])
    seen: list[int] = []

    def function(event: dict[str, Any]) -> dict[str, Any]:
        seen.append(len(event["Records"]))
        return next(answers)

    Poller(function, batch_size=3).drain(shard(3))
    assert seen == [3, 3]


def test_records_that_grew_too_old_are_given_up_unseen() -> None:
    function = Function()
    poller = Poller(function, batch_size=1, is_too_old=lambda record: number_of(record) == "101")
    poller.drain(shard(3))
    assert function.done == ["100", "102"]
    assert len(poller.failures) == 1


@pytest.mark.parametrize("reports", [True, False])
def test_emulator_that_ignores_reports_loses_what_was_reported(reports: bool) -> None:
    function = Function(reports={"101": 1})
    Poller(function, batch_size=3, reports_item_failures=reports).drain(shard(3))
    assert ("101" in function.done) is reports


@given(
    count=st.integers(1, 30),
    batch=st.integers(1, 10),
    raises=st.sets(st.integers(100, 129), max_size=3),
    reports=st.dictionaries(st.integers(100, 129), st.integers(1, 4), max_size=6),
)
def test_every_record_is_done_or_given_up_alone(
    count: int, batch: int, raises: set[int], reports: dict[int, int]
) -> None:
    function = Function({str(number) for number in raises}, {str(number): times for number, times in reports.items()})
    poller = Poller(function, batch_size=batch, retries=100)
    read = shard(count)
    poller.drain(read)
    given_up = [failure["DDBStreamBatchInfo"]["startSequenceNumber"] for failure in poller.failures]
    everything = {number_of(record) for record in read.records}
    assert set(given_up) == everything & {str(number) for number in raises}
    assert set(function.done) == everything - set(given_up)
    assert read.position == count
