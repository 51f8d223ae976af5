"""A stage deployed, deployed again, repaired and destroyed in an account that moto plays; Chalice is the real one."""

from __future__ import annotations

import io
import json
import logging
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.awslambda.exceptions import InvalidParameterValueException

from local import policies
from local.deploying import __main__ as command
from local.deploying import checks, declared, gateway
from local.deploying import stack as stateful
from local.deploying.checks import advice
from local.deploying.stage import Stage, open_stage
from local.gateway import refusals
from local.packaging import package
from local.trouble import Trouble
from tests.support.moto_aws import moto_aws

PARAMETERS = {"Stage": "dev", "NamePrefix": "dev-", "OpenSearchEndpoint": "http://127.0.0.1:9200"}


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage ``dev`` as a first deployment leaves it; the tests of this module go on from one another."""
    folder = tmp_path_factory.mktemp("deploying")
    with pytest.MonkeyPatch.context() as patch:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        patch.setattr("local.deploying.stage.BUILD", folder)
        patch.setattr("local.deploying.stage.declared_stages", lambda: {"dev": PARAMETERS})
        patch.setattr(command, "LAYER", _layer(folder))
        patch.setattr(checks, "advice", lambda stage: [])
        with moto_aws(patch):
            for step in STEPS:
                _fail(patch, "deploy", step)
            _run(patch, "deploy", "dev")
            yield open_stage("dev")


DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "not\nyou"}}, "SomeCall")
STEPS: dict[str, Exception] = {
    "local.deploying.layer._publish": DENIED,
    "moto.awslambda.models.LambdaBackend.create_event_source_mapping": InvalidParameterValueException("not now"),
    "local.deploying.gateway._log_calls": DENIED,
}
"""Where the first deployment is made to fail, one after another: before, in the middle of and after Chalice's part."""


def _fail(patch: pytest.MonkeyPatch, verb: str, step: str, answer: str = "") -> None:
    """Deploy or destroy ``dev`` and have AWS refuse ``step``."""
    with patch.context() as refused:
        refused.setattr(step, _raising(STEPS.get(step, DENIED)))
        with pytest.raises(Trouble, match="mend it and") as told:
            _run(refused, verb, "dev", answer=answer)
    assert "\n" not in str(told.value)


def _raising(error: Exception) -> Callable[..., None]:
    def refuse(*_: Any, **__: Any) -> None:
        raise error

    return refuse


def _layer(folder: Path, content: str = "stands in for a browser, which moto would not start") -> Path:
    file = folder / "layer.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("python/readme.txt", content)
    return file


def _run(patch: pytest.MonkeyPatch, *arguments: str, answer: str = "") -> None:
    patch.setattr(sys, "argv", ["deploying", *arguments])
    patch.setattr(sys, "stdin", io.StringIO(answer + "\n"))
    assert command.main() == 0


def _mappings(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    return found


def _counted(stage: Stage) -> dict[str, int]:
    """How many there are of what a careless second deployment would double."""
    gateways, functions = stage.client("apigateway"), stage.client("lambda")
    return {
        "functions": len(functions.list_functions()["Functions"]),
        "mappings": len(_mappings(stage)),
        "layers": len(functions.list_layer_versions(LayerName=stage.layer)["LayerVersions"]),
        "rules": len(stage.client("events").list_rules()["Rules"]),
        "roles": len(stage.client("iam").list_roles()["Roles"]),
        "apis": len(gateways.get_rest_apis()["items"]),
        "keys": len(gateways.get_api_keys()["items"]),
        "plans": len(gateways.get_usage_plans()["items"]),
        "tables": len(stage.client("dynamodb").list_tables()["TableNames"]),
    }


def _packaged(kind: str) -> dict[str, dict[str, Any]]:
    resources = json.loads(package("dev").template.read_text())["Resources"]
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == kind}


def _named(stage: Stage, name: Any) -> str:
    return str(name["Fn::Sub"]).replace("${Stage}", stage.name)


def test_a_first_deployment_that_failed_at_each_step_in_turn_left_nothing_twice(account: Stage) -> None:
    functions = len(policies.written())
    assert _counted(account) == {
        "functions": functions,
        "mappings": 5,
        "layers": 1,
        "rules": 4,
        "roles": functions,
        "apis": 1,
        "keys": 1,
        "plans": 1,
        "tables": 4,
    }


def test_functions_are_those_of_the_packaged_template(account: Stage) -> None:
    deployed = {one["FunctionName"]: one for one in account.client("lambda").list_functions()["Functions"]}
    packaged = {_named(account, one["FunctionName"]): one for one in _packaged("AWS::Serverless::Function").values()}
    assert set(deployed) == set(packaged)
    for name, wanted in packaged.items():
        there = deployed[name]
        assert (there["MemorySize"], there["Timeout"]) == (wanted["MemorySize"], wanted["Timeout"]), name
        assert there["Runtime"] == wanted["Runtime"]
        assert there["TracingConfig"]["Mode"] == wanted["Tracing"]
        assert bool(there.get("Layers")) == ("Layers" in wanted), name
        assert there.get("EphemeralStorage", {"Size": 512}) == wanted.get("EphemeralStorage", {"Size": 512}), name


def test_functions_have_the_settings_of_the_packaged_template(account: Stage) -> None:
    template = json.loads(package("dev").template.read_text())
    in_template = template["Globals"]["Function"]["Environment"]["Variables"]
    chosen = {name for name, value in in_template.items() if value in [{"Ref": one} for one in _CHOSEN]}
    environment = account.client("lambda").get_function_configuration(FunctionName="shelfwatch-dev")["Environment"]
    deployed = environment["Variables"]
    assert {name for name in deployed if not name.endswith("_ARN")} == {
        name for name in in_template if not name.endswith("_ARN") and name not in chosen
    }
    assert deployed["USER_REQUESTS_TABLE"] == "dev-UserRequestsTable"
    assert deployed["INDEXER_FUNCTION"] == "shelfwatch-dev-indexer"
    assert all(deployed[name] for name in deployed)


_CHOSEN = ("LogLevel", "ShopKeys", "ShopOrigins", "PrivateHosts", "PhoneProof", "SettleSeconds")
"""Parameters of the packaged template whose defaults are those of the settings."""


def test_roles_have_the_policies_of_the_packaged_template_with_the_names_of_the_stage(account: Stage) -> None:
    roles, packaged = account.client("iam"), _packaged("AWS::IAM::Role")
    for name, policy in policies.written().items():
        role = f"shelfwatch-dev-{name}"
        given = roles.list_role_policies(RoleName=role)["PolicyNames"]
        documents = [roles.get_role_policy(RoleName=role, PolicyName=one)["PolicyDocument"] for one in given]
        assert documents == [policies.filled_in(policy, account.names)]
        in_template = packaged["".join(map(str.title, name.split("_"))) + "Role"]["Policies"]
        assert [one["PolicyDocument"] for one in in_template] == [policies.for_template(policy)]
    assert "${" not in json.dumps(documents)


def test_each_source_is_read_once_with_the_declared_properties(account: Stage) -> None:
    sources = list(declared.sources(stateful.outputs(account)))
    there = {(one["FunctionArn"].split(":")[6], one["EventSourceArn"]): one for one in _mappings(account)}
    assert set(there) == {(account.function(source.function), source.arn) for source in sources}
    assert len(sources) == len(_mappings(account)) == 5
    for source in sources:
        mapping = there[account.function(source.function), source.arn]
        assert {key: mapping.get(key) for key in source.properties} == source.properties


def test_the_gateway_asks_for_a_key_and_answers_in_the_envelope(account: Stage) -> None:
    gateways = account.client("apigateway")
    api = gateways.get_rest_apis()["items"][0]["id"]
    plan = gateways.get_usage_plans()["items"][0]
    assert plan["throttle"] == {"rateLimit": 1000.0, "burstLimit": 2000}
    assert plan["apiStages"] == [{"apiId": api, "stage": "api"}]
    keys = gateways.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
    assert [key["name"] for key in keys] == ["shelfwatch-dev"]
    answers = {one["responseType"]: one for one in gateways.get_gateway_responses(restApiId=api)["items"]}
    assert set(answers) == set(refusals())
    assert '"TooManyCalls"' in answers["THROTTLED"]["responseTemplates"]["application/json"]
    stage = gateways.get_stage(restApiId=api, stageName="api")
    throttle = stage["methodSettings"]["*/*"]
    assert (throttle["throttlingRateLimit"], throttle["throttlingBurstLimit"]) == (1000, 2000)
    assert stage["tracingEnabled"]
    assert stage["accessLogSettings"]["destinationArn"].endswith("/aws/apigateway/shelfwatch-dev")


def test_no_log_is_kept_for_ever(account: Stage) -> None:
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix="/aws")["logGroups"]
    kept = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    wanted = {f"/aws/lambda/{account.function(name)}" for name in policies.written()}
    assert {*wanted, "/aws/apigateway/shelfwatch-dev"} <= set(kept)
    assert set(kept.values()) == {30}


def test_deploying_again_with_a_new_browser_doubles_nothing(
    account: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = _counted(account)
    monkeypatch.setattr(command, "LAYER", _layer(tmp_path, "a newer browser"))
    _run(monkeypatch, "deploy", "dev")
    assert _counted(account) == before | {"layers": 2}
    functions = account.client("lambda").list_functions()["Functions"]
    used = {one["FunctionName"]: [layer["Arn"].rsplit(":", 1)[1] for layer in one["Layers"]] for one in functions}
    assert {name: versions for name, versions in used.items() if versions} == {"shelfwatch-dev-scrape_worker": ["2"]}


def test_another_answer_destroys_nothing(account: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _counted(account)
    with pytest.raises(Trouble, match="nothing was destroyed"):
        _run(monkeypatch, "destroy", "dev", answer="yes")
    assert _counted(account) == before


def test_a_protected_table_stops_the_destruction(account: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    tables, before = account.client("dynamodb"), _counted(account)
    tables.update_table(TableName="dev-NotificationsTable", DeletionProtectionEnabled=True)
    with pytest.raises(Trouble, match="dev-NotificationsTable"):
        _run(monkeypatch, "destroy", "dev", answer="dev")
    assert _counted(account) == before
    tables.update_table(TableName="dev-NotificationsTable", DeletionProtectionEnabled=False)


def test_destroying_takes_run_time_tables_too_and_leaves_other_stages_alone(
    account: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _catalogue(account, "dev-ProductCatalog_M11AE")
    account.client("lambda").create_event_source_mapping(
        EventSourceArn=made["LatestStreamArn"], FunctionName="shelfwatch-dev-indexer", StartingPosition="TRIM_HORIZON"
    )
    _catalogue(account, "ProductCatalog_M11AE")
    for name in ("shelfwatch-dev", "shelfwatch-dev2"):
        account.client("opensearch").create_domain(DomainName=name)
    _fail(monkeypatch, "destroy", "local.deploying.destroying._empty_bucket", answer="dev")
    _run(monkeypatch, "destroy", "dev", answer="dev")
    left = {name: count for name, count in _counted(account).items() if count}
    assert left == {"tables": 1}
    assert account.client("dynamodb").list_tables()["TableNames"] == ["ProductCatalog_M11AE"]
    assert account.client("s3").list_buckets()["Buckets"] == []
    assert account.client("ssm").describe_parameters()["Parameters"] == []
    assert account.client("logs").describe_log_groups()["logGroups"] == []
    domains = account.client("opensearch").list_domain_names()["DomainNames"]
    assert [one["DomainName"] for one in domains] == ["shelfwatch-dev2"]


def test_destroying_what_is_not_there_says_where_was_looked(account: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Trouble, match="no stage dev in account 123456789012, eu-west-2"):
        _run(monkeypatch, "destroy", "dev", answer="dev")


def test_a_stage_whose_first_deployment_never_ended_can_be_destroyed(
    account: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fail(monkeypatch, "deploy", "moto.awslambda.models.LambdaBackend.create_event_source_mapping")
    assert _counted(account)["functions"] > 0
    _run(monkeypatch, "destroy", "dev", answer="dev")
    assert {name: count for name, count in _counted(account).items() if count} == {"tables": 1}


def _catalogue(stage: Stage, name: str) -> dict[str, Any]:
    made = stage.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "ProductID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "ProductID", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    found: dict[str, Any] = made["TableDescription"]
    return found


def test_an_account_without_log_access_is_told_so(account: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"Error": {"Code": "BadRequestException", "Message": "CloudWatch Logs role ARN must be set"}}

    class Refusing:
        def update_stage(self, **call: Any) -> None:
            raise ClientError(said, "UpdateStage")  # type: ignore[arg-type]

    told = gateway._log_calls(account, Refusing(), "api")
    assert told == ["calls are not logged yet: CloudWatch Logs role ARN must be set"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("deploy", "nowhere"), "no stage 'nowhere'"),
        (("deploy", "dev", "everything"), "PART=stack"),
        (("deploy",), "make deploy STAGE=dev"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_one_line(
    arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Trouble) as told:
        _run(monkeypatch, *arguments)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_a_missing_region_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(Trouble, match="AWS_DEFAULT_REGION"):
        open_stage("dev")


def test_missing_credentials_are_said_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with pytest.raises(Trouble, match="aws configure"):
        open_stage("dev")


def test_an_old_python_and_a_missing_layer_are_both_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("local.deploying.checks.OLDEST_PYTHON", (9, 0))
    monkeypatch.setattr("local.deploying.checks.LAYER", tmp_path / "none.zip")
    with pytest.raises(Trouble, match=r"Python 9\.0 or newer.*make layer"):
        checks.demand(Stage("dev", "eu-west-2", "123456789012"))


def test_the_stack_of_stateful_resources_fits_into_the_call_that_makes_it() -> None:
    from local.packaging import read_template

    assert len(json.dumps(read_template("resources.yaml"), separators=(",", ":")).encode()) < 51_200


@pytest.mark.parametrize(("in_sandbox", "said"), [(True, ["SMS sandbox"]), (False, [])])
def test_what_stops_the_first_text_is_told(in_sandbox: bool, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Account:
        def get_sms_sandbox_account_status(self) -> dict[str, bool]:
            return {"IsInSandbox": in_sandbox}

    monkeypatch.setattr(Stage, "client", lambda stage, service: Account())
    told = advice(Stage("dev", "eu-west-2", "123456789012"))
    wanted = ["SMS_PRICES", *said]
    assert len(told) == len(wanted)
    assert all(word in line for word, line in zip(wanted, told, strict=True))
