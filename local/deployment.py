"""A package put onto the emulator with CloudFormation, the way ``aws cloudformation package`` and ``deploy`` do it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local import cloudformation
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
    url = f"{place.emulator}/{BUCKET}/{_put(place, 'template.json', json.dumps(template).encode())}"
    fitting = {name: value for name, value in wanted.items() if name in known}
    told = cloudformation.apply(client(place, "cloudformation"), STACK, {"TemplateURL": url}, fitting, patience=120)
    _assert_layer(place)
    return told


def outputs(place: Place) -> dict[str, str]:
    """The outputs of the deployed stack."""
    return cloudformation.outputs(client(place, "cloudformation"), STACK)


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


def _assert_layer(place: Place) -> None:
    """The emulator makes an empty layer of a missing key without a word."""
    functions = client(place, "lambda").list_functions()["Functions"]
    layers = [layer for function in functions for layer in function.get("Layers", [])]
    if not layers or not all(layer["CodeSize"] for layer in layers):
        raise Trouble("the browser's layer is empty on the emulator: run make clean, then again")
