"""Every alarm of the stack tells somebody, has a metric the code writes, and an entry in the runbook."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chalicelib.notifications.states import State
from local import policies
from local.packaging import merged_template

ROOT = Path(__file__).resolve().parents[2]
RESOURCES: dict[str, dict[str, Any]] = merged_template()["Resources"]
ALARMS = {name: one["Properties"] for name, one in RESOURCES.items() if one.get("Type") == "AWS::CloudWatch::Alarm"}
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
ENTRIES = {part.split("\n", 1)[0].strip(): part for part in RUNBOOK.split("\n## ")[1:]}
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "chalicelib").rglob("*.py"))


def short_name(alarm: dict[str, Any]) -> str:
    """The alarm's name without the stage's part."""
    named: str = alarm["AlarmName"]["Fn::Sub"]
    return named.removeprefix("shelfwatch-${Stage}-")


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_tells_the_operators_and_says_what_is_wrong(name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == [{"Ref": "OperatorAlarms"}]
    assert len(alarm["AlarmDescription"]) > 20


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_has_an_entry_in_the_runbook(name: str) -> None:
    entry = ENTRIES[short_name(ALARMS[name])]
    assert re.search(r"^Look: .+", entry, re.M)
    assert re.search(r"^Mend: .+", entry, re.M)


def test_the_runbook_has_no_entry_without_an_alarm() -> None:
    assert set(ENTRIES) == {short_name(alarm) for alarm in ALARMS.values()}


OWN = sorted({alarm["MetricName"] for alarm in ALARMS.values() if alarm["Namespace"] == "Shelfwatch"})


@pytest.mark.parametrize("metric", OWN)
def test_a_metric_of_our_own_that_is_alarmed_is_written_somewhere(metric: str) -> None:

    assert f'count("{metric}"' in SOURCE


def test_every_dead_letter_queue_is_alarmed() -> None:
    queues = {
        name
        for name, one in RESOURCES.items()
        if one.get("Type") == "AWS::SQS::Queue" and "RedrivePolicy" not in one["Properties"]
    }
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in ALARMS.values()
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }
    assert watched == queues


@pytest.mark.parametrize(
    "metric",
    [
        "ApiErrors",
        "FunctionErrors",
        "Duration",
        "Throttles",
        "HoursSinceScrape",
        "SmsSpendShare",
        "NotificationsUnknown",
    ],
)
def test_what_operators_have_to_know_of_is_alarmed(metric: str) -> None:
    assert metric in {alarm["MetricName"] for alarm in ALARMS.values()}


BOARD: list[dict[str, Any]] = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]
SHOWN = sorted(
    {metric[1] for widget in BOARD for metric in widget["properties"].get("metrics", []) if metric[0] == "Shelfwatch"}
)


@pytest.mark.parametrize("metric", SHOWN)
def test_a_metric_of_our_own_on_the_dashboard_is_written_somewhere(metric: str) -> None:
    named_by_state = {f"Notifications{state.title()}" for state in State}
    assert metric in named_by_state or f'count("{metric}"' in SOURCE


def test_widgets_of_the_dashboard_lie_side_by_side() -> None:
    taken: set[tuple[int, int]] = set()
    for widget in BOARD:
        place = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not place & taken
        assert max(x for x, _ in place) < 24
        taken |= place


def test_saved_queries_read_the_log_of_every_function() -> None:
    queries = [one["Properties"] for one in RESOURCES.values() if one.get("Type") == "AWS::Logs::QueryDefinition"]
    names = {query["Name"]["Fn::Sub"].rpartition("/")[2] for query in queries}
    assert set(re.findall(r"saved query `([a-z ]+)`", RUNBOOK)) <= names
    functions = [name for name in policies.written() if name != "api_handler"]
    groups = ["/aws/lambda/shelfwatch-${Stage}", *(f"/aws/lambda/shelfwatch-${{Stage}}-{name}" for name in functions)]
    for query in queries:
        assert sorted(group["Fn::Sub"] for group in query["LogGroupNames"]) == sorted(groups)


@pytest.mark.parametrize("name", ["ErrorsQuery", "FollowQuery", "ColdStartsQuery", "SlowCallsQuery"])
def test_saved_queries_ask_for_messages_and_fields_that_are_logged(name: str) -> None:
    query = RESOURCES[name]["Properties"]["QueryString"]
    for message in re.findall(r'message = "([^"]+)"', query):
        assert f'"{message}"' in SOURCE
    logged = set(re.findall(r"\b[a-z_]+\b", SOURCE)) | {"timestamp", "level", "message", "exception_name"}
    named = re.findall(r"(?<!@)\b[a-z_]{4,}\b", re.sub(r'"[^"]*"|/[^/]*/|\b\w+\(', " ", query))
    words = {"fields", "filter", "sort", "desc", "limit", "stats", "like", "starts", "mean_ms", "p95_ms", "calls"}
    assert set(named) - words - logged == set()


LIMITS = [
    ("ApiErrorsAlarm", "Average", 0.01),
    ("FunctionErrorsAlarm", "Average", 0.01),
    ("ApiLatencyAlarm", "p95", 1_000),
    ("ThrottlesAlarm", "Sum", 0),
    ("SmsSpendAlarm", "Maximum", 80),
    ("StaleScrapeAlarm", "Maximum", {"Ref": "StaleScrapeHours"}),
]


@pytest.mark.parametrize(("name", "statistic", "threshold"), LIMITS)
def test_an_alarm_goes_off_where_operators_expect_it(name: str, statistic: str, threshold: object) -> None:
    """Error rates above one in a hundred, one call in twenty above a second, any throttle, four fifths of the cap."""
    alarm = ALARMS[name]
    assert alarm.get("Statistic", alarm.get("ExtendedStatistic")) == statistic
    assert alarm["Threshold"] == threshold
    assert alarm["ComparisonOperator"].startswith("GreaterThan")
