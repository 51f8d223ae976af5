"""A stage taken away again, with what was made at run time and what its stack keeps.

The stack goes last: a destruction that stopped half-way still finds it, and goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from local import cloudformation
from local.deploying import application, gateway, layer, mappings, remains, secrets
from local.deploying import stack as stateful
from local.deploying.functions import log_groups
from local.deploying.stage import Stage, config
from local.trouble import Trouble

Say = Callable[[str], None]
_STATEFUL = ("UserRequestsTable", "NotificationsTable", "PipelineTable")


def demand_deployed(stage: Stage) -> None:
    """``Trouble`` where there is nothing of ``stage``."""
    if not cloudformation.exists(stage.client("cloudformation"), stage.stack):
        raise Trouble(f"there is no stage {stage.name} in account {stage.account}, {stage.region}: another region?")


def destroy(stage: Stage, say: Say) -> None:
    """Take away everything that ``stage`` has; safe to repeat.  ``Trouble``, nothing touched, where a table is
    protected."""
    tables = stage_tables(stage)
    _demand_unprotected(stage, tables)
    told = stateful.outputs(stage)
    say("run-time mappings")
    mappings.detach(stage, "indexer")
    say("gateway, functions, roles and schedules")
    gateway.delete(stage)
    if told:  # a stack that never came up has no outputs, and nothing was deployed on it
        application.delete(stage, told)
    remains.remove(stage)
    say("layer, secrets and logs")
    _forget_layer(stage)
    secrets.forget(stage)
    _forget_logs(stage)
    say(f"{len(tables)} tables and the index")
    _drop(stage, tables)
    _drop_index(stage)
    say("stack")
    _empty_bucket(stage)
    cloudformation.delete(stage.client("cloudformation"), stage.stack, stateful.PATIENCE)


def stage_tables(stage: Stage) -> list[str]:
    """Names of the tables of ``stage``: the stack's, and the catalogues that were made at run time."""
    own, catalogue = {f"{stage.prefix}{name}" for name in _STATEFUL}, f"{stage.prefix}ProductCatalog_"
    pages = stage.client("dynamodb").get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"] if name in own or name.startswith(catalogue)]


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
    named = [f"/aws/lambda/{stage.stack}-{name}" for name in config()["lambda_functions"]]
    for group in (*named, *log_groups(stage)):
        with suppress(logs.exceptions.ResourceNotFoundException):
            logs.delete_log_group(logGroupName=group)


def _drop(stage: Stage, tables: list[str]) -> None:
    """Tables that the stack keeps when it goes, so that a mistake there loses nothing."""
    client = stage.client("dynamodb")
    for name in tables:
        with suppress(client.exceptions.ResourceNotFoundException):
            client.delete_table(TableName=name)


def _drop_index(stage: Stage) -> None:
    """The search domain, which the stack keeps too; where the stage uses one of its own, there is none of this name."""
    client = stage.client("opensearch")
    with suppress(client.exceptions.ResourceNotFoundException):
        client.delete_domain(DomainName=stage.stack)


def _empty_bucket(stage: Stage) -> None:
    """A bucket with versions in it cannot be deleted."""
    client = stage.client("s3")
    with suppress(client.exceptions.NoSuchBucket):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=stage.bucket):
            for kind in ("Versions", "DeleteMarkers"):
                for found in page.get(kind, []):
                    client.delete_object(Bucket=stage.bucket, Key=found["Key"], VersionId=found["VersionId"])
