"""The API key is replaced without a moment in which no key is valid; either step can be repeated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from local.deploying import gateway
from local.deploying.rotating import begin, finish
from local.deploying.stage import Stage
from local.trouble import Trouble


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A stage with one key on its usage plan, beside another stage whose name begins alike."""
    with mock_aws():
        for name in ("dev", "dev2"):
            gateways = Stage(name, "eu-west-2", "123456789012").client("apigateway")
            plan = gateways.create_usage_plan(name=f"shelfwatch-{name}")["id"]
            key = gateways.create_api_key(name=f"shelfwatch-{name}", enabled=True)["id"]
            gateways.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
        yield Stage("dev", "eu-west-2", "123456789012")


def keys(stage: Stage, name: str) -> set[str]:
    """Keys that the usage plan called ``name`` lets in."""
    gateways = stage.client("apigateway")
    (plan,) = [plan["id"] for plan in gateways.get_usage_plans()["items"] if plan["name"] == name]
    return {key["id"] for key in gateways.get_usage_plan_keys(usagePlanId=plan)["items"]}


def test_old_and_new_key_are_valid_until_the_rotation_is_finished(stage: Stage) -> None:
    (old,) = keys(stage, "shelfwatch-dev")
    new = begin(stage)
    assert keys(stage, "shelfwatch-dev") == {old, new}
    assert finish(stage) == [old]
    assert {key["id"] for key in stage.client("apigateway").get_api_keys(nameQuery="shelfwatch-dev")["items"]} == {
        new,
        *keys(stage, "shelfwatch-dev2"),
    }


def test_repeating_a_step_changes_nothing(stage: Stage) -> None:
    assert finish(stage) == []
    new = begin(stage)
    assert begin(stage) == new
    finish(stage)
    assert finish(stage) == []


def test_keys_that_were_made_in_the_same_second_are_told_apart(stage: Stage) -> None:
    """API Gateway tells the second in which a key was made, and lists keys in no order."""
    for _ in range(5):
        new = begin(stage)
        finish(stage)
        assert [key["id"] for key in gateway.keys(stage.client("apigateway"), stage.stack)] == [new]


def test_a_rotation_that_stopped_before_its_key_was_let_in_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(gateway, "admit", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            begin(stage)
    (old,) = keys(stage, "shelfwatch-dev")
    assert keys(stage, "shelfwatch-dev") == {old}
    assert keys(stage, "shelfwatch-dev") != {begin(stage)}
    assert len(keys(stage, "shelfwatch-dev")) == 2


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_deployment_during_a_rotation_names_the_new_key(stage: Stage) -> None:
    gateways = stage.client("apigateway")
    new = begin(stage)
    assert gateway._newest_key(gateways, stage.stack) == new
    assert len(gateway.keys(gateways, stage.stack)) == 2


def test_another_stage_keeps_its_key(stage: Stage) -> None:
    before = keys(stage, "shelfwatch-dev2")
    begin(stage)
    finish(stage)
    assert keys(stage, "shelfwatch-dev2") == before


def test_a_stage_that_was_never_deployed_is_said_in_one_line(stage: Stage) -> None:
    with pytest.raises(Trouble, match="make deploy STAGE=prod"):
        begin(Stage("prod", "eu-west-2", "123456789012"))
    with pytest.raises(Trouble, match="make deploy STAGE=prod"):
        finish(Stage("prod", "eu-west-2", "123456789012"))
