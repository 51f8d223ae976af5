"""No phone number in any log line, whoever writes it and however it is written."""

from __future__ import annotations

import io
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.telemetry import correlate, correlation_id, count, logger, mask_phones, write_counts

WRITTEN = [
    "+447700900123",
    "+44 7700 900123",
    "+44 (0)7700 900123",
    "+44-7700-900-123",
    "%2B447700900123",
    "00447700900123",
    "0044 7700 900123",
    "07700 900123",
    "(07700) 900123",
    "07700-900-123",
    "447700900123",
    "44 7700 900123",
    "+4915112345623",
    "+33612345623",
]


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("around", ["{}", "to {}.", "phone={},", '"{}"', "tel:{} ", "'PhoneNumber': {{'S': '{}'}}"])
def test_a_phone_number_is_cut_to_its_last_two_digits(written: str, around: str) -> None:
    masked = mask_phones(around.format(written))
    assert written not in masked
    assert masked == around.format("***23")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 02:46:53,684+0000",
        "2026-11-21T02:46:53.684123Z",
        "arn:aws:sqs:eu-west-2:000000000000:MatchTasks",
        "6fa1a3a4-51b4-4c3b-9f67-0a3c6f9f3f51",
        "1795228117",
        "0.8333333333333334",
        "0.123456789",
        "4421584500000000017450439091",
        "0007421584500000000017450439091",
        "SW1A 1AA",
        "status 200, 12.5 ms",
    ],
)
def test_what_is_no_phone_number_is_left_alone(text: str) -> None:
    assert mask_phones(text) == text


@given(st.from_regex(r"\A\+[1-9][0-9]{7,14}\Z"), st.text(alphabet=" ,;:'\"[]{}()=abcxyz", max_size=5))
def test_every_international_number_is_masked_wherever_it_stands(number: str, around: str) -> None:
    assert number[1:] not in mask_phones(f"{around}{number} {around}")


@given(st.integers(0, 4_000_000_000), st.decimals(0, 1, allow_nan=False, places=9))
def test_times_and_scores_are_never_masked(seconds: int, score: Decimal) -> None:
    text = f"{datetime.fromtimestamp(seconds, UTC)} {score}"
    assert mask_phones(text) == text


def test_every_record_of_every_logger_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    other = logging.getLogger("somebody.else")
    with caplog.at_level(logging.DEBUG):
        other.debug("sending %s to %s", {"PhoneNumber": "+447700900123"}, "07700 900124")
        try:
            raise ValueError("no route to +447700900125")
        except ValueError:
            other.exception("failed")
        other.debug("wrong %d %s", "format +447700900126")
    assert [record.getMessage() for record in caplog.records] == [
        "sending {'PhoneNumber': '***23'} to ***24",
        "failed",
        "wrong %d %s ('format ***26',)",
    ]
    assert "no route to ***25" in caplog.text
    assert "7700900" not in caplog.text


def test_our_own_lines_hide_fields_named_for_a_phone_and_carry_the_correlation_id() -> None:
    written = io.StringIO()
    own = logging.StreamHandler(written)
    own.setFormatter(logger().handlers[-1].formatter)
    logger().addHandler(own)
    try:
        correlate("abc-1")
        logger().info("texted", extra={"phone_number": "7700900123", "to": "+447700900124", "count": 2})
    finally:
        logger().removeHandler(own)
    line = json.loads(written.getvalue())
    assert (line["phone_number"], line["to"], line["count"]) == ("***23", "***24", 2)
    assert (line["message"], line["correlation_id"]) == ("texted", "abc-1")
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)


def test_a_correlation_id_is_that_of_its_thread() -> None:
    correlate("mine")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(correlate, "theirs").result()
        assert pool.submit(correlation_id).result() == "theirs"
    assert correlation_id() == "mine"
    correlate("")
    assert correlation_id() == ""


def test_counters_are_written_once_as_embedded_metrics(capsys: pytest.CaptureFixture[str]) -> None:
    write_counts()
    capsys.readouterr()
    count("Matches")
    count("Matches", 2)
    count("RequestsCreated")
    write_counts()
    write_counts()
    (line,) = capsys.readouterr().out.splitlines()
    written = json.loads(line)
    assert (written["Matches"], written["RequestsCreated"], written["service"]) == ([3.0], [1.0], "shelfwatch")
    (directive,) = written["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Shelfwatch"
    assert sorted(*directive["Dimensions"]) == ["service", "stage"]
    assert [metric["Name"] for metric in directive["Metrics"]] == ["Matches", "RequestsCreated"]


def test_an_exception_is_logged_with_its_name_and_masked_text(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("no route to +447700900123")
    except ValueError:
        logger().exception("failed", extra={"run_id": "r-1"})
    line = json.loads(capsys.readouterr().out)
    assert (line["exception_name"], line["run_id"], line["level"]) == ("ValueError", "r-1", "ERROR")
    assert "no route to ***23" in line["exception"]
