"""The catalogue tables: made at run time when missing, complete, and repaired when half done."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib import aws
from chalicelib.catalog import mappings, registry
from chalicelib.catalog.faults import code_of, pause, understood, wait_for
from chalicelib.catalog.keys import key_of_table, table_name
from chalicelib.errors import GiveUp, RetryLater
from chalicelib.settings import settings
from chalicelib.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef

    from chalicelib.catalog.mappings import Mapping

IMAGES = "NEW_AND_OLD_IMAGES"
OWN_TAG = {"Key": "shelfwatch:catalog", "Value": "run-time"}
"""Marks the tables that Shelfwatch made itself and may therefore remove; the stack's own tables lack it."""
_STREAM: Any = {"StreamEnabled": True, "StreamViewType": IMAGES}
_FULL = re.compile(r"limit of [\d,]+ tables", re.IGNORECASE)
"""What AWS says when the account has all the tables it may have: "There is a limit of 2500 tables per subscriber"."""
LONGEST_RETIREMENT = timedelta(minutes=20)
"""No Lambda function runs longer than 15 minutes: a retirement begun before this was interrupted."""
_SEEN_WHOLE_FOR = 900.0
"""Seconds for which a process trusts that a catalogue it has checked is still whole."""
_checked: dict[str, float] = {}


def ensure_catalog(key: str, thoroughly: bool = False, known: Sequence[Mapping] | None = None) -> None:
    """Catalogue ``key`` has a table with stream, recovery, encryption and tags, and its stream feeds the indexer.

    Makes what is missing and mends what is wrong, whoever was interrupted where; what is right stays untouched.
    A process looks again after a quarter of an hour, or at once with ``thoroughly``; ``known`` are all mappings, where
    the caller has listed them.  ``RetryLater`` while AWS is busy with the table or somebody retires it, ``GiveUp``
    when the account may have no more tables.
    """
    if not thoroughly and time.monotonic() - _checked.get(key, -_SEEN_WHOLE_FOR) < _SEEN_WHOLE_FOR:
        return
    forget(key)
    _not_retiring(key)
    with understood():
        name = table_name(key)
        table = _active(name, _described(name) or _created(name))
        table = _streaming(name, table)
        _encrypted(name, table)
        _recoverable(name)
        mappings.attach(table["LatestStreamArn"], known)
    _checked[key] = time.monotonic()


def forget(key: str) -> None:
    """Have the next ``ensure_catalog`` of this process look again."""
    _checked.pop(key, None)


def catalog_keys() -> list[str]:
    """The keys of all catalogues that have a table, in order.  ``RetryLater`` while AWS is busy."""
    return sorted(key for key in map(key_of_table, all_tables()) if key is not None)


def all_tables() -> list[str]:
    """The names of all tables the account has in this region, ours and others'.  ``RetryLater`` while AWS is busy."""
    with understood():
        pages = aws.dynamodb().get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 100})
        return [name for page in pages for name in page["TableNames"]]


def stream_of(key: str) -> str | None:
    """The ARN of the catalogue's present stream; ``None`` where there is no table or no stream."""
    with understood():
        table = _described(table_name(key))
    return table.get("LatestStreamArn") if table else None


def has_table(key: str) -> bool:
    """Whether the catalogue has a table, in whatever state.  ``RetryLater`` while AWS is busy."""
    with understood():
        return _described(table_name(key)) is not None


def is_own(key: str) -> bool:
    """Whether Shelfwatch made the catalogue's table at run time (and not the stack)."""
    with understood():
        table = _described(table_name(key))
        if table is None:
            return False
        try:
            tags = aws.dynamodb().list_tags_of_resource(ResourceArn=table["TableArn"]).get("Tags", [])
        except ClientError as error:
            if code_of(error) == "UnknownOperationException":  # DynamoDB Local has no tags
                return True
            raise
    return OWN_TAG in tags


def remove_table(key: str) -> None:
    """Delete the catalogue's table and wait until it is gone; one that is gone already is fine."""
    name = table_name(key)
    forget(key)
    with understood():
        table = _described(name)
        if table is not None and table.get("TableStatus") != "DELETING":
            _active(name, table)
            _delete(name)
        wait_for(lambda: True if _described(name) is None else None, f"table {name} to be deleted")


def _delete(name: str) -> None:
    try:
        aws.dynamodb().delete_table(TableName=name)
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise


def _not_retiring(key: str) -> None:
    """A catalogue on its way out is left to whoever removes it, unless that cannot be running any more."""
    since = registry.state(key).retiring_since
    if since is None:
        return
    if datetime.now(UTC) - since < LONGEST_RETIREMENT:
        raise RetryLater(f"catalogue {key} is just being retired", after_seconds=300)
    logger().warning("interrupted retirement is called off", extra={"catalog": key})
    registry.clear_state(key)


def _described(name: str) -> TableDescriptionTypeDef | None:
    try:
        return aws.dynamodb().describe_table(TableName=name)["Table"]
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return None
        raise


def _created(name: str) -> TableDescriptionTypeDef:
    logger().info("catalogue table is made", extra={"table": name})
    try:
        return aws.dynamodb().create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "ProductID", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "ProductID", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification=_STREAM,
            SSESpecification={"Enabled": True, "SSEType": "KMS"},
            Tags=[OWN_TAG, {"Key": "shelfwatch:stage", "Value": settings().stage}],  # type: ignore[list-item]
        )["TableDescription"]
    except ClientError as error:
        return _creation_answered(name, error)


def _creation_answered(name: str, error: ClientError) -> TableDescriptionTypeDef:
    """Somebody else makes the table just now, or the account is full: told apart by what AWS says.

    The same error also means that too many tables are being made at once, which passes.
    """
    if code_of(error) == "ResourceInUseException":
        return {"TableStatus": "CREATING"}
    if code_of(error) == "LimitExceededException" and _FULL.search(str(error)):
        logger().error("table quota reached", extra={"table": name, "quota": settings().table_quota})
        raise GiveUp(f"no table for {name}: raise the account's table quota, or set CATALOG_KEYS=region") from error
    raise error


def _active(name: str, table: TableDescriptionTypeDef) -> TableDescriptionTypeDef:
    """The table's description once it is ready; made anew where it was just being deleted."""

    def ready() -> TableDescriptionTypeDef | None:
        nonlocal table
        if table.get("TableStatus") != "ACTIVE":
            table = _described(name) or _created(name)
        return table if table.get("TableStatus") == "ACTIVE" and "TableArn" in table else None

    return wait_for(ready, f"table {name} to be ready")


def _streaming(name: str, table: TableDescriptionTypeDef) -> TableDescriptionTypeDef:
    """The table with its stream on; a stream without both images is replaced, since its kind cannot be changed."""
    specification = table.get("StreamSpecification", {})
    if specification.get("StreamEnabled") and specification.get("StreamViewType") == IMAGES:
        return table
    logger().warning("catalogue table had no proper stream", extra={"table": name})
    if specification.get("StreamEnabled"):
        aws.dynamodb().update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
        _active(name, {"TableStatus": "UPDATING"})
    aws.dynamodb().update_table(TableName=name, StreamSpecification=_STREAM)
    return _active(name, {"TableStatus": "UPDATING"})


def _encrypted(name: str, table: TableDescriptionTypeDef) -> None:
    if table.get("SSEDescription", {}).get("Status") in ("ENABLED", "ENABLING", "UPDATING"):
        return
    try:
        aws.dynamodb().update_table(TableName=name, SSESpecification={"Enabled": True, "SSEType": "KMS"})
    except ClientError as error:
        if code_of(error) != "ValidationException":  # DynamoDB Local: nothing to update
            raise
        return
    _active(name, {"TableStatus": "UPDATING"})


def _recoverable(name: str) -> None:
    """Point-in-time recovery is on.  It can be asked for only some time after a table was made."""
    for attempt in range(8):
        try:
            found = aws.dynamodb().describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
            if found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
                aws.dynamodb().update_continuous_backups(
                    TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
                )
            return
        except ClientError as error:
            if code_of(error) == "UnknownOperationException":  # DynamoDB Local keeps no backups
                return
            if code_of(error) != "ContinuousBackupsUnavailableException":
                raise
        pause(attempt + 2)
    raise RetryLater(f"point-in-time recovery of {name} cannot be switched on yet")
