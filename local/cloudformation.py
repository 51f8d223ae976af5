"""Stacks: created, updated and deleted, with the first failure named in one line."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from local.trouble import Trouble

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


def apply(
    stacks: Any, name: str, template: Mapping[str, str], parameters: Mapping[str, str], patience: float
) -> dict[str, str]:
    """Create the stack ``name``, or update it if it differs; gives its outputs.

    ``stacks`` is a CloudFormation client, ``template`` its ``TemplateBody`` (51,200 bytes at most, AWS CloudFormation
    quotas) or ``TemplateURL``, ``patience`` in seconds.  ``Trouble`` names the first resource that failed.
    """
    kind = "UPDATE" if _takes_updates(stacks, name) else "CREATE"
    change_set = f"{name}-{int(time.time() * 1000)}"
    stacks.create_change_set(
        StackName=name,
        ChangeSetName=change_set,
        ChangeSetType=kind,
        **template,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=CAPABILITIES,
    )
    change = _settled(lambda: stacks.describe_change_set(StackName=name, ChangeSetName=change_set), "Status", patience)
    if change["Status"] == "FAILED" and not _says_nothing_changes(change):
        raise Trouble(f"the stack {name} was refused: {change.get('StatusReason', 'no reason given')}")
    if change["Status"] != "FAILED":
        _carry_out(stacks, name, change_set, kind, patience)
    return outputs(stacks, name)


def _carry_out(stacks: Any, name: str, change_set: str, kind: str, patience: float) -> None:
    stacks.execute_change_set(StackName=name, ChangeSetName=change_set)
    status = _settled(lambda: _described(stacks, name), "StackStatus", patience)["StackStatus"]
    if status != f"{kind}_COMPLETE":
        raise Trouble(f"the stack {name} did not come up: {_first_failure(stacks, name)}")


def _says_nothing_changes(change: Mapping[str, Any]) -> bool:
    reason = change.get("StatusReason", "")
    return "didn't contain changes" in reason or "No updates are to be performed" in reason


def outputs(stacks: Any, name: str) -> dict[str, str]:
    """The outputs of the stack ``name``.  ``Trouble`` where there is none."""
    if not exists(stacks, name):
        raise Trouble(f"there is no stack {name} yet: deploy it first (PART=stack)")
    return {entry["OutputKey"]: entry["OutputValue"] for entry in _described(stacks, name).get("Outputs", [])}


def exists(stacks: Any, name: str) -> bool:
    """Whether there is a stack ``name``, in whatever state."""
    try:
        _described(stacks, name)
    except ClientError:
        return False
    return True


def _takes_updates(stacks: Any, name: str) -> bool:
    """Whether the stack is there and came up once; one that never did is taken away, as it can only be made anew."""
    if not exists(stacks, name):
        return False
    if _described(stacks, name)["StackStatus"] in ("ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"):
        delete(stacks, name, patience=600)
        return False
    return True


def delete(stacks: Any, name: str, patience: float) -> None:
    """Delete the stack ``name`` and wait, ``patience`` seconds at most.  ``Trouble`` when it stays."""
    stacks.delete_stack(StackName=name)
    deadline = time.monotonic() + patience
    while True:
        try:
            status = _described(stacks, name)["StackStatus"]
        except ClientError:
            return
        if status == "DELETE_COMPLETE":
            return
        if status == "DELETE_FAILED" or time.monotonic() > deadline:
            raise Trouble(f"the stack {name} stays: {_first_failure(stacks, name)}")
        time.sleep(0.5)


def _described(stacks: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stacks.describe_stacks(StackName=name)["Stacks"][0]
    return found


def _settled(describe: Callable[[], dict[str, Any]], field: str, patience: float) -> dict[str, Any]:
    deadline = time.monotonic() + patience
    while True:
        found = describe()
        if not found[field].endswith(("IN_PROGRESS", "PENDING")):
            return found
        if time.monotonic() > deadline:
            raise Trouble(f"CloudFormation is still at {found[field]} after {patience:.0f} seconds")
        time.sleep(0.1)


def _first_failure(stacks: Any, name: str) -> str:
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in reversed(events) if event["ResourceStatus"].endswith("FAILED")]
    if not failed:
        return "no reason given"
    return f"{failed[0]['LogicalResourceId']}: {failed[0].get('ResourceStatusReason', 'no reason given')}"
