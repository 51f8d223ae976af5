"""The search domain of a stage: one template makes a small one for development and one that survives a zone."""

from __future__ import annotations

from typing import Any

import pytest

from local.packaging import merged_template


def domain(stage: str) -> dict[str, Any]:
    """The properties of the domain in a stage of this name."""
    resource = merged_template()["Resources"]["ProductIndex"]
    chosen: dict[str, Any] = _chosen(resource["Properties"], is_prod=stage == "prod")
    return chosen


def _chosen(value: Any, is_prod: bool) -> Any:
    """``value`` with its conditions decided."""
    if isinstance(value, list):
        return [_chosen(each, is_prod) for each in value]
    if not isinstance(value, dict):
        return value
    if "Fn::If" in value:
        condition, then, otherwise = value["Fn::If"]
        assert condition == "IsProd"
        return _chosen(then if is_prod else otherwise, is_prod)
    return {name: _chosen(each, is_prod) for name, each in value.items()}


def test_development_has_one_node_and_production_three_in_three_zones() -> None:
    dev, prod = domain("dev")["ClusterConfig"], domain("prod")["ClusterConfig"]
    assert (dev["InstanceCount"], dev["ZoneAwarenessEnabled"]) == (1, False)
    assert (prod["InstanceCount"], prod["ZoneAwarenessEnabled"]) == (3, True)
    assert prod["ZoneAwarenessConfig"] == {"AvailabilityZoneCount": 3}
    assert merged_template()["Conditions"]["IsProd"] == {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_everything_is_encrypted_on_disk_and_on_the_way(stage: str) -> None:
    properties = domain(stage)
    assert properties["EncryptionAtRestOptions"] == {"Enabled": True}
    assert properties["NodeToNodeEncryptionOptions"] == {"Enabled": True}
    assert properties["DomainEndpointOptions"]["EnforceHTTPS"] is True
    assert properties["DomainEndpointOptions"]["TLSSecurityPolicy"].startswith("Policy-Min-TLS-1-2")


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_only_the_accounts_own_roles_may_call(stage: str) -> None:
    for statement in domain(stage)["AccessPolicies"]["Statement"]:
        assert statement["Principal"] not in ("*", {"AWS": "*"})
        assert all(action.startswith("es:ESHttp") and "*" not in action for action in statement["Action"])
