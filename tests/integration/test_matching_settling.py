"""At most one match task of a postcode waits, and none is lost."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from chalicelib import aws
from chalicelib.errors import RetryLater
from chalicelib.matching import settling
from chalicelib.matching.messages import MatchTask
from chalicelib.matching.settling import begin_match, request_match
from chalicelib.settings import settings
from tests.fakes.cloud import PIPELINE_TABLE

POSTCODE = "SW1A 1AA"
TASK = MatchTask(postcode=POSTCODE, correlation_id="c1")
NOON = 1_767_355_200.0
SETTLE = 60


class Sent(list[tuple[MatchTask, int]]):
    """What was queued, with its delay."""

    def __call__(self, task: MatchTask, delay: int) -> None:
        self.append((task, delay))


@pytest.fixture(autouse=True)
def pipeline_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("SETTLE_SECONDS", str(SETTLE))
    settings.cache_clear()
    with mock_aws():
        aws._client.cache_clear()
        boto3.client("dynamodb", region_name="eu-west-2").create_table(**PIPELINE_TABLE)
        yield
    aws._client.cache_clear()
    settings.cache_clear()


def test_the_first_change_sends_a_delayed_task_and_further_ones_none() -> None:
    sent = Sent()
    assert request_match(TASK, sent, NOON)
    assert not request_match(TASK, sent, NOON + 5)
    assert not request_match(TASK, sent, NOON + 300)
    assert sent == [(TASK, SETTLE)]


def test_postcodes_do_not_wait_for_each_other() -> None:
    sent = Sent()
    other = MatchTask(postcode="M1 1AE")
    assert request_match(TASK, sent, NOON)
    assert request_match(other, sent, NOON)
    assert [task.postcode for task, _ in sent] == [POSTCODE, "M1 1AE"]


def test_a_match_waits_for_the_rest_of_the_settling_time() -> None:
    request_match(TASK, Sent(), NOON)
    request_match(TASK, Sent(), NOON + 50)
    with pytest.raises(RetryLater) as waiting:
        begin_match(POSTCODE, NOON + 60)
    assert waiting.value.after_seconds is not None
    assert 50 <= waiting.value.after_seconds <= 51
    begin_match(POSTCODE, NOON + 111)


def test_after_a_match_has_begun_the_next_change_asks_anew() -> None:
    sent = Sent()
    request_match(TASK, sent, NOON)
    begin_match(POSTCODE, NOON + 61)
    assert request_match(TASK, sent, NOON + 62)
    assert len(sent) == 2


def test_a_catalogue_that_never_settles_is_matched_all_the_same() -> None:
    longest = settling.LONGEST_WAIT * SETTLE
    for seconds in range(0, longest + 1, 30):
        request_match(TASK, Sent(), NOON + seconds)
    begin_match(POSTCODE, NOON + longest + 1)
    assert request_match(TASK, Sent(), NOON + longest + 2)


def test_a_task_without_a_marker_just_matches() -> None:
    begin_match(POSTCODE, NOON)


def test_a_crash_before_the_task_was_sent_delays_it_only_by_the_lease() -> None:
    def crash(task: MatchTask, delay: int) -> None:
        raise ConnectionError("no queue")

    with pytest.raises(ConnectionError):
        request_match(TASK, crash, NOON)
    sent = Sent()
    assert not request_match(TASK, sent, NOON + settling.SENDING_LEASE - 1)
    assert request_match(TASK, sent, NOON + settling.SENDING_LEASE + 1)
    assert sent == [(TASK, SETTLE)]


def test_a_task_that_never_arrives_is_sent_again_after_its_lease() -> None:
    sent = Sent()
    request_match(TASK, sent, NOON)
    assert not request_match(TASK, sent, NOON + settling.PENDING_LEASE - 1)
    assert request_match(TASK, sent, NOON + settling.PENDING_LEASE + 1)


def test_a_worker_faster_than_its_caller_leaves_no_marker_behind() -> None:
    def matched_at_once(task: MatchTask, delay: int) -> None:
        begin_match(task.postcode, NOON + SETTLE + 1)

    assert request_match(TASK, matched_at_once, NOON)
    sent = Sent()
    assert request_match(TASK, sent, NOON + 1)
    assert len(sent) == 1


def test_a_change_while_the_marker_is_taken_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    request_match(TASK, Sent(), NOON)
    read = settling._marker

    def changed_meanwhile(postcode: str) -> dict[str, object] | None:
        marker = read(postcode)
        request_match(TASK, Sent(), NOON + SETTLE + 1)
        return marker

    monkeypatch.setattr(settling, "_marker", changed_meanwhile)
    with pytest.raises(RetryLater):
        begin_match(POSTCODE, NOON + SETTLE + 1)
    monkeypatch.undo()


def test_the_marker_is_swept_by_the_tables_own_clock() -> None:
    request_match(TASK, Sent(), NOON)
    marker = settling._marker(POSTCODE)
    assert marker is not None
    assert int(marker["ExpiresAt"]["N"]) > NOON + settling.PENDING_LEASE
