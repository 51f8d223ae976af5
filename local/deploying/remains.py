"""What deployments that never came to their end left behind: Chalice deletes only what its record names."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from local.deploying import gateway, mappings
from local.deploying.stage import Stage, config


def remove(stage: Stage) -> None:
    """Delete APIs, schedules, functions and roles of ``stage`` by the names that Chalice gives them; safe to repeat."""
    gateway.take_unrecorded(stage, {})
    functions, rules, roles = stage.client("lambda"), stage.client("events"), stage.client("iam")
    for name in config()["lambda_functions"]:
        mappings.detach(stage, name)
        with suppress(functions.exceptions.ResourceNotFoundException):
            functions.delete_function(FunctionName=stage.function(name))
        with suppress(rules.exceptions.ResourceNotFoundException):
            _delete_rule(rules, f"{stage.stack}-{name}-event")
        with suppress(roles.exceptions.NoSuchEntityException):
            _delete_role(roles, f"{stage.stack}-{name}")


def _delete_rule(rules: Any, name: str) -> None:
    targets = [target["Id"] for target in rules.list_targets_by_rule(Rule=name)["Targets"]]
    if targets:
        rules.remove_targets(Rule=name, Ids=targets)
    rules.delete_rule(Name=name)


def _delete_role(roles: Any, name: str) -> None:
    for policy in roles.list_role_policies(RoleName=name)["PolicyNames"]:
        roles.delete_role_policy(RoleName=name, PolicyName=policy)
    roles.delete_role(RoleName=name)
