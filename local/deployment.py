"""A package put onto the emulator with CloudFormation, the way ``aws cloudformation package`` and ``deploy`` do it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.emulator import client
from local.packaging import Package
from local.places import LAYER, Place
from local.trouble import Trouble

BUCKET = "shelfwatch-packages"
STACK = "shelfwatch-local"


def deploy(place: Place, made: Package, parameters: Mapping[str, str]) -> dict[str, str]:
    """Create or update the stack from ``made``; gives its outputs.

    ``Trouble`` naming the first resource that failed.  Parameters the template does not have are left out.
    """
    layer = _upload(place, LAYER)
    template = json.loads(made.template.read_text())
    _point_at(template, f"s3://{BUCKET}/{_upload(place, made.code)}")
    known = template.get("Parameters", {})
    wanted = {"ScraperLayerBucket": BUCKET, "ScraperLayerKey": layer, **parameters}
    _apply(place, template, {name: value for name, value in wanted.items() if name in known})
    _assert_layer(place)
    return outputs(place)


def outputs(place: Place) -> dict[str, str]:
    """The outputs of the deployed stack."""
    stack = client(place, "cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    return {entry["OutputKey"]: entry["OutputValue"] for entry in stack.get("Outputs", [])}


def _upload(place: Place, file: Path) -> str:
    """Put ``file`` into the bucket under a name made of its content; gives that key."""
    return _put(place, file.name, file.read_bytes())


def _put(place: Place, name: str, body: bytes) -> str:
    store = client(place, "s3")
    key = f"{hashlib.sha256(body).hexdigest()[:24]}/{name}"
    if not any(bucket["Name"] == BUCKET for bucket in store.list_buckets()["Buckets"]):
        store.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    if not store.list_objects_v2(Bucket=BUCKET, Prefix=key).get("KeyCount"):
        store.put_object(Bucket=BUCKET, Key=key, Body=body)
    return key


def _point_at(template: dict[str, Any], code: str) -> None:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code


def _apply(place: Place, template: dict[str, Any], parameters: Mapping[str, str]) -> None:
    stacks = client(place, "cloudformation")
    kind = "UPDATE" if _exists(place) else "CREATE"
    name = f"local-{int(time.time() * 1000)}"
    stacks.create_change_set(
        StackName=STACK,
        ChangeSetName=name,
        ChangeSetType=kind,
        # By its place, not in the call itself, which holds 51,200 bytes at most (AWS CloudFormation quotas).
        TemplateURL=f"{place.emulator}/{BUCKET}/{_put(place, 'template.json', json.dumps(template).encode())}",
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    change = _settled(lambda: stacks.describe_change_set(StackName=STACK, ChangeSetName=name))
    if change["Status"] == "FAILED":
        if "didn't contain changes" in change.get("StatusReason", ""):
            return
        raise Trouble(f"the stack was refused: {change.get('StatusReason', 'no reason given')}")
    stacks.execute_change_set(StackName=STACK, ChangeSetName=name)
    stack = _settled(lambda: stacks.describe_stacks(StackName=STACK)["Stacks"][0], "StackStatus")
    if stack["StackStatus"] != f"{kind}_COMPLETE":
        raise Trouble(f"the stack did not come up: {_first_failure(place)}")


def _settled(describe: Any, field: str = "Status") -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while True:
        found: dict[str, Any] = describe()
        if not found[field].endswith(("IN_PROGRESS", "PENDING")):
            return found
        if time.monotonic() > deadline:
            raise Trouble(f"CloudFormation is still at {found[field]} after two minutes")
        time.sleep(0.1)


def _exists(place: Place) -> bool:
    from botocore.exceptions import ClientError

    try:
        client(place, "cloudformation").describe_stacks(StackName=STACK)
    except ClientError:
        return False
    return True


def _first_failure(place: Place) -> str:
    events = client(place, "cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [event for event in reversed(events) if event["ResourceStatus"].endswith("FAILED")]
    if not failed:
        return "no reason given"
    return f"{failed[0]['LogicalResourceId']}: {failed[0].get('ResourceStatusReason', 'no reason given')}"


def _assert_layer(place: Place) -> None:
    """The emulator makes an empty layer of a missing key without a word."""
    functions = client(place, "lambda").list_functions()["Functions"]
    layers = [layer for function in functions for layer in function.get("Layers", [])]
    if not layers or not all(layer["CodeSize"] for layer in layers):
        raise Trouble("the browser's layer is empty on the emulator: run make clean, then again")
