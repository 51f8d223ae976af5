"""What an operator asks wrongly, and what AWS refuses, is said in one line that names the remedy."""

from __future__ import annotations

import pytest
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from local.deploying import stage
from local.deploying.stage import declared_parameters, open_stage
from local.operating.__main__ import parser
from local.packaging import package
from local.refusals import in_one_line
from local.trouble import Trouble


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dev", "redrive", "--most", "many"], "MOST must be a number"),
        (["dev", "replay", "--most", "0"], "MOST must be a number"),
        (["dev", "export", ""], "FOLDER must be given"),
        (["dev", "dance"], "invalid choice"),
        (["dev"], "command"),
    ],
)
def test_a_wrong_command_line_is_one_line(arguments: list[str], said: str) -> None:
    with pytest.raises(Trouble, match=said) as told:
        parser().parse_args(arguments)
    assert "\n" not in str(told.value)


def test_a_stage_that_nobody_declared_is_neither_deployed_nor_packaged() -> None:
    for ask in (open_stage, package):
        with pytest.raises(Trouble, match=r"no stage 'prd'.*dev, local, prod"):
            ask("prd")


def test_the_stage_of_this_machine_is_not_deployed_to_aws() -> None:
    with pytest.raises(Trouble, match="make run"):
        open_stage("local")


def test_stages_that_would_share_their_tables_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = {"dev": {"NamePrefix": "dev-"}, "prod": {"NamePrefix": ""}, "qa": {}}
    monkeypatch.setattr(stage, "declared_stages", lambda: declared)
    with pytest.raises(Trouble, match=r"qa has the NamePrefix of prod \(''\)"):
        declared_parameters("qa")
    with pytest.raises(Trouble, match=r"no line for test: add test: \{NamePrefix: test-\}"):
        declared_parameters("test")
    assert declared_parameters("dev") == {"NamePrefix": "dev-"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "you\nmay not"}}, "PutItem"), "refused PutItem"),
        (EndpointConnectionError(endpoint_url="https://a.example"), "could not be asked"),
    ],
)
def test_a_refusal_of_aws_is_one_line(error: ClientError | BotoCoreError, said: str) -> None:
    with pytest.raises(Trouble, match=f"{said}.*; then this") as told, in_one_line("then this"):
        raise error
    assert "\n" not in str(told.value)
