"""What a run says when it cannot go on, and how it judges what was told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local import following
from local.calling import Sample
from local.following import Timeline, compare, follow, same_phone
from local.observing import Progress, readable
from local.places import Place
from local.trouble import Trouble

PLACE = Place("none", 4599, 9299, 8099, 8199)
GOING_ON = Progress(jobs=3, jobs_done=1, postcodes=3, pages=12, products=400, documents=300, waiting=2)
DONE = Progress(jobs=3, jobs_done=3, postcodes=3, pages=32, products=1200, documents=1200, matches=2, texts=2)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what is observed, one after the other; the last stays."""

    def see(*moments: Progress, ready: bool = True, current: bool = True) -> None:
        waiting = list(moments)
        monkeypatch.setattr(following, "observe", lambda place: waiting.pop(0) if len(waiting) > 1 else waiting[0])
        monkeypatch.setattr(following, "is_ready", lambda service: ready)
        monkeypatch.setattr(following, "search_server", lambda place: None)
        monkeypatch.setattr(following, "index_is_current", lambda place: current)
        monkeypatch.setattr(following, "dead_letters", lambda place: ["ScrapeJobsDeadLetters: unreadable: {}"])
        monkeypatch.setattr(following, "errors", lambda place: [])
        monkeypatch.setattr(following.time, "sleep", lambda seconds: None)

    return see


def silent(progress: Progress, seconds: float, note: str) -> None:
    """Shows nothing."""


def test_a_run_is_over_once_nothing_is_left_to_do(seen: Callable[..., None]) -> None:
    seen(GOING_ON, GOING_ON, DONE)
    assert follow(PLACE, silent) == DONE


def test_a_moment_between_two_stages_is_not_the_end(seen: Callable[..., None]) -> None:
    between = Progress(jobs=3, jobs_done=3, products=1200, documents=1200)
    matching = Progress(jobs=3, jobs_done=3, products=1200, documents=1200, waiting=1)
    seen(between, between, matching, DONE)
    assert follow(PLACE, silent) == DONE


def test_opensearch_away_is_told_and_waited_for(seen: Callable[..., None]) -> None:
    notes: list[str] = []
    away = Progress(jobs=3, jobs_done=3, products=1200, documents=None, waiting=1)
    seen(GOING_ON, away, away, DONE, ready=False)
    assert follow(PLACE, lambda progress, seconds, note: notes.append(note)) == DONE
    assert notes[:2] == ["", following.AWAY]
    assert "make start SERVER=opensearch" in following.AWAY


def test_a_single_run_ends_with_a_clear_message_when_opensearch_is_away(seen: Callable[..., None]) -> None:
    seen(GOING_ON, Progress(jobs=3, documents=None), ready=False)
    with pytest.raises(
        Trouble, match=r"^OpenSearch does not answer\. Nothing is lost: make run KEEP=1 finishes the work$"
    ):
        follow(PLACE, silent, give_up_when_away=True)


def test_work_that_ended_as_dead_letters_ends_the_run_with_the_reason(seen: Callable[..., None]) -> None:
    seen(GOING_ON, Progress(jobs=3, jobs_done=2, dead=1))
    with pytest.raises(Trouble, match=r"ScrapeJobsDeadLetters: unreadable: \{\}"):
        follow(PLACE, silent)


def test_the_timeline_holds_when_each_counter_last_moved() -> None:
    timeline = Timeline()
    timeline.note(Progress(jobs=3, products=10), 1.0)
    timeline.note(Progress(jobs=3, jobs_done=3, products=20), 2.0)
    timeline.note(Progress(jobs=3, jobs_done=3, products=20), 3.0)
    assert timeline.stages() == {"scraped": 2.0, "catalogues written": 2.0}


@pytest.mark.parametrize(
    ("told", "texts", "missing", "surplus"),
    [
        ([("one", "sample-S1")], {"+447700900101": 1}, [], []),
        ([], {}, ["tea: sample-S1", "tea: 0 texts"], []),
        ([("one", "sample-S1")], {"+447700900101": 2}, [], ["tea: 2 texts"]),
        (
            [("one", "sample-S1"), ("two", "sample-S9")],
            {"+447700900101": 1, "+447700900102": 1},
            [],
            ["ink: sample-S9", "ink: 1 texts"],
        ),
        ([("one", "sample-S1"), ("visitor", "sample-S3")], {"+447700900101": 1, "+447700900999": 1}, [], []),
    ],
)
def test_told_is_compared_with_expected(
    told: list[tuple[str, str]],
    texts: dict[str, int],
    missing: list[str],
    surplus: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    submitted = {
        "one": Sample("SW1A 1AA", "tea", "10", "07700 900101", frozenset({"S1"})),
        "two": Sample("SW1A 1AA", "ink", "10", "07700 900102", frozenset()),
    }
    entries = [{"RequestID": request, "ProductID": product} for request, product in told]
    received: list[dict[str, Any]] = [{"PhoneNumber": phone} for phone, count in texts.items() for _ in range(count)]
    monkeypatch.setattr(following, "told", lambda place: entries)
    monkeypatch.setattr(following, "inbox", lambda place: received)
    assert compare(PLACE, submitted) == (missing, surplus)


def test_national_and_international_writing_are_one_phone() -> None:
    assert same_phone("+447700900101", "07700 900101")
    assert not same_phone("+447700900101", "07700 900102")


def test_log_lines_are_made_for_people() -> None:
    line = (
        '{"level": "ERROR", "message": "message failed", "timestamp": "2026-11-21 02:58:43,507+0000", "shop": "sample",'
    )
    line += ' "service": "shelfwatch", "exception": "Traceback\\n  x\\nKeyError: 3"}'
    assert readable(line) == "02:58:43,507 ERROR message failed shop=sample KeyError: 3"
    assert readable("plain text\n") == "plain text"
