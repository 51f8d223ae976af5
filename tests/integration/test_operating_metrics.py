"""What no event tells and the sweeper reports each minute: how long ago a scrape run ended, the month's spend."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from api_support import make_tables, stage

from chalicelib.pipeline import notifying
from chalicelib.scraping.messages import ScrapeJob
from chalicelib.scraping.outcomes import JobReport, Outcome
from chalicelib.scraping.runs import RunStore
from local.packaging import read_template
from tests.support.notifications import table_definition

ALARMED_FROM = read_template("resources.yaml")["Parameters"]["StaleScrapeHours"]["Default"]
"""Hours; the threshold of the alarm ``stale-scrape``."""


@pytest.fixture
def tables(dynamodb_local: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stage with empty tables of its own, in which no opt-outs are due to be read."""
    names = make_tables(dynamodb_local)
    names["NOTIFICATIONS_TABLE"] = names["PIPELINE_TABLE"].replace("Pipeline", "Notifications")
    boto3.client("dynamodb", endpoint_url=dynamodb_local).create_table(**table_definition(names["NOTIFICATIONS_TABLE"]))
    monkeypatch.setattr(notifying.optouts, "refresh", lambda moment: 0)
    with stage(monkeypatch, AWS_ENDPOINT_URL=dynamodb_local, SMS_PRICES="GB=0.05", **names):
        yield


def run_ended(ago: timedelta, outcome: Outcome = Outcome.COMPLETE) -> None:
    """A scrape run of one job that ended so long ago."""
    ended = datetime.now(UTC) - ago
    run_id = f"{ended:%Y%m%dT%H%M%SZ}-a"
    job = ScrapeJob(run_id=run_id, shop="sample", region="london", postcodes=("SW1A1AA",))
    runs = RunStore()
    assert runs.open_run([job], ended) == [job]
    runs.mark_sent(run_id)
    assert runs.job_finished(JobReport(job=job, outcome=outcome), ended).run_over


def reported(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The metrics that one sweep writes."""
    capsys.readouterr()
    notifying.sweep(lambda: 55_000)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    found: dict[str, float] = {}
    for line in lines:
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
            value = line[metric["Name"]]
            found[metric["Name"]] = value[0] if isinstance(value, list) else value
    return found


def test_before_the_first_run_has_ended_nothing_is_stale(tables: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert "HoursSinceScrape" not in reported(capsys)


def test_hours_are_counted_from_the_last_end_and_pass_the_alarms_threshold(
    tables: None, capsys: pytest.CaptureFixture[str]
) -> None:
    run_ended(timedelta(days=9))
    hours = reported(capsys)["HoursSinceScrape"]
    assert hours == pytest.approx(216, abs=0.1)
    assert hours > ALARMED_FROM
    run_ended(timedelta(hours=2))
    hours = reported(capsys)["HoursSinceScrape"]
    assert hours == pytest.approx(2, abs=0.1)
    assert hours < ALARMED_FROM


def test_a_run_on_schedule_is_not_stale(tables: None, capsys: pytest.CaptureFixture[str]) -> None:
    run_ended(timedelta(days=7, hours=12))
    assert reported(capsys)["HoursSinceScrape"] < ALARMED_FROM


def test_a_run_that_ended_without_a_shop_read_counts_as_ended(tables: None, capsys: pytest.CaptureFixture[str]) -> None:
    """What went wrong in it is the alarm ``scrape-failures``."""
    run_ended(timedelta(hours=3), Outcome.BLOCKED)
    assert reported(capsys)["HoursSinceScrape"] == pytest.approx(3, abs=0.1)


def test_the_share_of_the_months_spend_is_told(tables: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert reported(capsys)["SmsSpendShare"] == 0
