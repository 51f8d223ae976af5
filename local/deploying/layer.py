"""The scrape worker's layer: published when its content changed, found again when it did not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from local.deploying.stage import Stage
from local.stamps import content_hash
from local.trouble import Trouble

RUNTIMES = ["python3.12", "python3.13"]


def publish(stage: Stage, bucket: str, archive: Path) -> str:
    """The ARN of the layer version that holds ``archive``, through ``bucket``: it is too large for the call itself.

    ``Trouble`` when AWS made an empty layer of it.
    """
    digest = content_hash(archive)[:32]
    functions = stage.client("lambda")
    number = _published(functions, stage.layer, digest) or _publish(stage, functions, bucket, archive, digest)
    found = functions.get_layer_version(LayerName=stage.layer, VersionNumber=number)
    if not found["Content"]["CodeSize"]:
        raise Trouble(f"the layer {stage.layer} is empty: run make layer, then deploy PART=layer again")
    return str(found["LayerVersionArn"])


def versions(functions: Any, name: str) -> list[dict[str, Any]]:
    """Every version of the layer ``name``, the newest first."""
    pages = functions.get_paginator("list_layer_versions").paginate(LayerName=name)
    return [version for page in pages for version in page["LayerVersions"]]


def _published(functions: Any, name: str, digest: str) -> int | None:
    found = [version for version in versions(functions, name) if digest in version.get("Description", "")]
    return int(found[0]["Version"]) if found else None


def _publish(stage: Stage, functions: Any, bucket: str, archive: Path, digest: str) -> int:
    key = f"layers/{digest}.zip"
    stage.client("s3").upload_file(str(archive), bucket, key)
    made = functions.publish_layer_version(
        LayerName=stage.layer,
        Description=f"Selenium, its driver, Chromium and the readers of pages; content {digest}",
        Content={"S3Bucket": bucket, "S3Key": key},
        CompatibleRuntimes=RUNTIMES,
        CompatibleArchitectures=["x86_64"],
    )
    return int(made["Version"])
