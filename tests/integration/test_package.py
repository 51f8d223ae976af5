"""The package that goes to AWS: templates that keep the rules of queues and streams, and code that loads there."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.packaging import Package, package
from local.places import ROOT

LIMIT = 15_000_000
RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
"""What Lambda's Python has beside a function's own modules: boto3, and what it stands on."""
FORTNIGHT = 14 * 24 * 3600


@pytest.fixture(scope="module")
def made() -> Package:
    return package("dev")


@pytest.fixture(scope="module")
def resources(made: Package) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made.template.read_text())["Resources"]
    return found


def of_kind(resources: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: one["Properties"] for name, one in resources.items() if one["Type"] == kind}


def sources(resources: dict[str, Any], key: str) -> Iterator[tuple[str, str]]:
    """``(function, resource)`` of each event source of a kind: ``Queue`` or ``Stream``."""
    for name, function in of_kind(resources, "AWS::Serverless::Function").items():
        for event in function.get("Events", {}).values():
            if key in event["Properties"]:
                yield name, event["Properties"][key]["Fn::GetAtt"][0]


def test_cfn_lint_has_nothing_to_say(made: Package) -> None:
    command = [
        str(Path(sys.executable).with_name("cfn-lint")),
        str(made.template),
        str(ROOT / ".chalice/resources.yaml"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_queue_hides_a_message_for_six_times_the_functions_timeout(resources: dict[str, Any]) -> None:
    """Lambda developer guide, "Configuring a queue to use with Lambda"."""
    functions, queues = of_kind(resources, "AWS::Serverless::Function"), of_kind(resources, "AWS::SQS::Queue")
    read = dict(sources(resources, "Queue"))
    assert set(read) == {"ScrapeWorker", "MatchWorker", "DeliveryWorker"}
    short = {
        name for name, queue in read.items() if queues[queue]["VisibilityTimeout"] < 6 * functions[name]["Timeout"]
    }
    assert short == set()


def test_a_queue_has_dead_letters_that_somebody_is_told_of(resources: dict[str, Any]) -> None:
    queues = of_kind(resources, "AWS::SQS::Queue")
    told = [
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in of_kind(resources, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    ]
    for _, queue in sources(resources, "Queue"):
        redrive = queues[queue]["RedrivePolicy"]
        assert redrive["maxReceiveCount"] == 3
        assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{queue}DeadLetters", "Arn"]}
        assert f"{queue}DeadLetters" in told
    assert {queue["MessageRetentionPeriod"] for queue in queues.values()} == {FORTNIGHT}
    assert [name for name, queue in queues.items() if not queue["SqsManagedSseEnabled"]] == []


def test_no_delay_is_longer_than_a_queue_takes(made: Package, resources: dict[str, Any]) -> None:
    """900 seconds (SQS developer guide, "Delay queues")."""
    delays = [queue.get("DelaySeconds", 0) for queue in of_kind(resources, "AWS::SQS::Queue").values()]
    settling = json.loads(made.template.read_text())["Parameters"]["SettleSeconds"]["Default"]
    assert max(*delays, int(settling)) <= 900


def test_each_stream_and_queue_is_read_once(resources: dict[str, Any]) -> None:
    read = [source for key in ("Stream", "Queue") for _, source in sources(resources, key)]
    assert len(read) == 5
    assert len(set(read)) == len(read)


def test_failed_records_are_bisected_bounded_and_reported(resources: dict[str, Any]) -> None:
    functions = of_kind(resources, "AWS::Serverless::Function")
    for name, _ in sources(resources, "Stream"):
        (event,) = functions[name]["Events"].values()
        properties = event["Properties"]
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert properties["BisectBatchOnFunctionError"] is True
        assert 0 < properties["MaximumRetryAttempts"] <= 10_000
        assert properties["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["StreamFailures", "Arn"]}


def test_tables_are_encrypted_recoverable_and_protected(resources: dict[str, Any]) -> None:
    tables = of_kind(resources, "AWS::DynamoDB::Table")
    assert len(tables) == 4
    for name, table in tables.items():
        assert table["SSESpecification"] == {"SSEEnabled": True}, name
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name
        assert resources[name]["DeletionPolicy"] == "RetainExceptOnCreate", name
    kept = {name for name, table in tables.items() if "DeletionProtectionEnabled" in table}
    assert kept == {"UserRequestsTable", "NotificationsTable"}
    ending = {name for name, table in tables.items() if table.get("TimeToLiveSpecification", {}).get("Enabled")}
    assert ending == set(tables) - {"FirstCatalogTable"}


def test_the_index_is_closed_to_the_public_and_talks_tls(resources: dict[str, Any]) -> None:
    (domain,) = of_kind(resources, "AWS::OpenSearchService::Domain").values()
    assert domain["DomainEndpointOptions"]["EnforceHTTPS"] is True
    assert domain["EncryptionAtRestOptions"] == domain["NodeToNodeEncryptionOptions"] == {"Enabled": True}
    for statement in domain["AccessPolicies"]["Statement"]:
        assert statement["Principal"] != "*"
        assert "*" not in statement["Principal"].values()
        assert [action for action in statement["Action"] if "*" in action] == []


def test_every_function_has_a_log_of_its_own_that_ends(resources: dict[str, Any]) -> None:
    functions = {one["FunctionName"]["Fn::Sub"] for one in of_kind(resources, "AWS::Serverless::Function").values()}
    logs = of_kind(resources, "AWS::Logs::LogGroup")
    named = {json.dumps(one["LogGroupName"]): one["RetentionInDays"] for one in logs.values()}
    assert set(named.values()) == {30}
    assert len(named) == len(functions)


def test_a_package_is_of_its_stage_unless_told_otherwise(made: Package) -> None:
    parameters = json.loads(made.template.read_text())["Parameters"]
    assert (parameters["Stage"]["Default"], parameters["NamePrefix"]["Default"]) == ("dev", "dev-")


def test_the_functions_zip_stays_small(made: Package) -> None:
    assert made.code.stat().st_size < LIMIT


def test_the_zip_loads_with_nothing_but_boto3_beside_it(made: Package, tmp_path: Path) -> None:
    code, beside = tmp_path / "code", tmp_path / "runtime"
    with zipfile.ZipFile(made.code) as archive:
        archive.extractall(code)
    beside.mkdir()
    installed = Path(sys.executable).parents[1] / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for name in RUNTIME:
        (beside / name).symlink_to(installed / "site-packages" / name)
    stages = ["indexing", "matching", "mending", "notifying", "planning", "previewing"]  # scraping needs the layer
    lines = [f"import sys; sys.path[:0] = {[str(code), str(beside)]!r}", "import app"]
    lines += [f"import chalicelib.pipeline.{stage}" for stage in stages]
    lines += ["print(app.__file__, *sorted(name for name in sys.modules if name in ('lxml', 'selenium', 'extruct')))"]
    command = [sys.executable, "-I", "-S", "-c", "\n".join(lines)]
    done = subprocess.run(command, capture_output=True, text=True, env={"AWS_REGION": "eu-west-2"}, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, str(code / "app.py")), done.stderr
