"""A stage's setting puts the firewall in front of its API, and takes it away again, in both ways of deploying."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from moto import mock_aws

from local import policies
from local.deploying import firewall
from local.deploying.stage import Stage
from local.packaging import merged_template

STAGE = Stage("dev", "eu-west-2", "123456789012")


@pytest.fixture
def api() -> Iterator[str]:
    """The id of an API with a deployed stage."""
    with mock_aws():
        gateways = STAGE.client("apigateway")
        made: str = gateways.create_rest_api(name="shelfwatch")["id"]
        (root,) = gateways.get_resources(restApiId=made)["items"]
        gateways.put_method(restApiId=made, resourceId=root["id"], httpMethod="GET", authorizationType="NONE")
        gateways.put_integration(restApiId=made, resourceId=root["id"], httpMethod="GET", type="MOCK")
        gateways.create_deployment(restApiId=made, stageName="api")
        yield made


def made_firewall(name: str) -> str:
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}
    made = STAGE.client("wafv2").create_web_acl(
        Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen, Rules=[]
    )
    return str(made["Summary"]["ARN"])


def in_front_of(api: str) -> str:
    guarded = f"arn:aws:apigateway:eu-west-2::/restapis/{api}/stages/api"
    found = STAGE.client("wafv2").get_web_acl_for_resource(ResourceArn=guarded)
    return str(found.get("WebACL", {}).get("ARN", ""))


def test_it_is_attached_and_taken_away(api: str) -> None:
    firewall.attach(STAGE, api, "")
    assert in_front_of(api) == ""
    first, second = made_firewall("first"), made_firewall("second")
    for wanted in (first, first, "", "", second):
        firewall.attach(STAGE, api, wanted)
        assert in_front_of(api) == wanted


def test_the_packaged_template_attaches_it_by_the_same_setting() -> None:
    resources = merged_template()["Resources"]
    association = resources["ApiFirewallAssociation"]
    assert association["Condition"] == resources["ApiFirewall"]["Condition"] == "HasFirewall"
    assert association["Properties"]["WebACLArn"] == {"Fn::GetAtt": ["ApiFirewall", "Arn"]}
    assert association["Properties"]["ResourceArn"]["Fn::Sub"].endswith("/restapis/${RestAPI}/stages/api")


def test_wafv2_takes_the_firewall_as_the_template_declares_it(api: str) -> None:
    """The same calls as CloudFormation makes, checked against the service's own model by boto3."""
    declared = merged_template()["Resources"]["ApiFirewall"]["Properties"]
    stated = filled_in(declared, {"Stage": "dev", "CallsPerAddress": 2000})
    assert 10 <= stated["Rules"][0]["Statement"]["RateBasedStatement"]["Limit"] <= 2_000_000_000
    made = STAGE.client("wafv2").create_web_acl(**stated)["Summary"]
    firewall.attach(STAGE, api, made["ARN"])
    assert in_front_of(api) == made["ARN"]
    there = STAGE.client("wafv2").get_web_acl(Name="shelfwatch-dev", Scope="REGIONAL", Id=made["Id"])["WebACL"]
    assert [rule["Name"] for rule in there["Rules"]] == ["CallsPerAddress", "BadAddresses", "BadInputs"]


def filled_in(value: Any, names: Mapping[str, Any]) -> Any:
    """``value`` with its ``Ref`` and ``Fn::Sub`` expressions worked out."""
    if isinstance(value, list):
        return [filled_in(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        return names[value["Ref"]]
    if set(value) == {"Fn::Sub"}:
        return policies.filled_in(value["Fn::Sub"], names)
    return {key: filled_in(one, names) for key, one in value.items()}


def test_too_many_calls_of_one_address_are_answered_as_the_gateway_does() -> None:
    rules = {rule["Name"]: rule for rule in merged_template()["Resources"]["ApiFirewall"]["Properties"]["Rules"]}
    assert rules["CallsPerAddress"]["Action"]["Block"]["CustomResponse"] == {"ResponseCode": 429}
    assert rules["CallsPerAddress"]["Statement"]["RateBasedStatement"]["Limit"] == {"Ref": "CallsPerAddress"}
    assert sorted(rule["Priority"] for rule in rules.values()) == list(range(len(rules)))
