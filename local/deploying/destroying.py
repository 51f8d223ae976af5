"""A stage taken away again, with the catalogue tables that were made at run time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from local import cloudformation
from local.deploying import application, gateway, layer, mappings, secrets
from local.deploying import stack as stateful
from local.deploying.functions import log_groups
from local.deploying.stage import Stage
from local.trouble import Trouble

Say = Callable[[str], None]
_STATEFUL = ("UserRequestsTable", "NotificationsTable", "PipelineTable")


def destroy(stage: Stage, say: Say) -> None:
    """Take away everything that ``stage`` has.  ``Trouble``, and nothing touched, where a table is protected."""
    told = stateful.outputs(stage)
    tables = [*catalogue_tables(stage), *(told[name] for name in _STATEFUL)]
    _demand_unprotected(stage, tables)
    say("run-time mappings")
    mappings.detach(stage, "indexer")
    say("gateway, functions, roles and schedules")
    gateway.delete(stage)
    application.delete(stage, told)
    say("layer, secrets and logs")
    _forget_layer(stage)
    secrets.forget(stage)
    _forget_logs(stage)
    say("stack")
    _empty(stage, told)
    cloudformation.delete(stage.client("cloudformation"), stage.stack, stateful.PATIENCE)
    say(f"{len(tables)} tables")
    _drop(stage, tables)


def catalogue_tables(stage: Stage) -> list[str]:
    """Names of the catalogue tables of ``stage``: the first one, and those made at run time."""
    begins = f"{stage.prefix}ProductCatalog_"
    pages = stage.client("dynamodb").get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"] if name.startswith(begins)]


def _demand_unprotected(stage: Stage, tables: list[str]) -> None:
    client = stage.client("dynamodb")
    protected = [
        name for name in tables if client.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled")
    ]
    if protected:
        raise Trouble(f"nothing was destroyed: switch off the deletion protection of {', '.join(protected)} first")


def _forget_layer(stage: Stage) -> None:
    functions = stage.client("lambda")
    for version in layer.versions(functions, stage.layer):
        functions.delete_layer_version(LayerName=stage.layer, VersionNumber=version["Version"])


def _forget_logs(stage: Stage) -> None:
    logs = stage.client("logs")
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/aws/lambda/{stage.stack}")
    found = {group["logGroupName"] for page in pages for group in page["logGroups"]} | set(log_groups(stage))
    for group in found:
        if group.startswith((f"/aws/lambda/{stage.stack}-", *log_groups(stage))):
            with suppress(logs.exceptions.ResourceNotFoundException):
                logs.delete_log_group(logGroupName=group)


def _empty(stage: Stage, told: Mapping[str, str]) -> None:
    """A bucket with versions in it cannot be deleted."""
    client = stage.client("s3")
    for page in client.get_paginator("list_object_versions").paginate(Bucket=told["DeploymentBucket"]):
        for kind in ("Versions", "DeleteMarkers"):
            for found in page.get(kind, []):
                client.delete_object(Bucket=told["DeploymentBucket"], Key=found["Key"], VersionId=found["VersionId"])


def _drop(stage: Stage, tables: list[str]) -> None:
    """Tables that the stack keeps when it goes, so that a mistake there loses nothing."""
    client = stage.client("dynamodb")
    for name in tables:
        with suppress(client.exceptions.ResourceNotFoundException):
            client.delete_table(TableName=name)
