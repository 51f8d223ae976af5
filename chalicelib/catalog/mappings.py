"""The event source mappings that feed the catalogue tables' streams to the indexer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib import aws
from chalicelib.catalog.faults import code_of, understood
from chalicelib.catalog.keys import key_of_table, table_of_stream
from chalicelib.errors import RetryLater
from chalicelib.settings import settings
from chalicelib.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef

    Mapping = EventSourceMappingConfigurationTypeDef

RETRIES = 10_000
LONGEST_WAIT = 82_800
"""Seconds.  A stream keeps its records for 24 h: after 23 h they are reported to the failure queue, not lost unsaid."""


def wanted() -> dict[str, Any]:
    """The properties of every mapping, as ``update_event_source_mapping`` takes them."""
    properties: dict[str, Any] = {
        "BatchSize": 500,
        "MaximumBatchingWindowInSeconds": 1,
        "ParallelizationFactor": 1,
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": RETRIES,
        "MaximumRecordAgeInSeconds": LONGEST_WAIT,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    if settings().indexer_failures_queue_arn:
        properties["DestinationConfig"] = {"OnFailure": {"Destination": settings().indexer_failures_queue_arn}}
    return properties


def attach(stream_arn: str, known: Iterable[Mapping] | None = None) -> None:
    """The stream feeds the indexer through exactly one enabled mapping with the wanted properties.

    ``known`` are all mappings of the indexer, where the caller has listed them already.  ``RetryLater`` while AWS is
    still deleting a mapping of the stream: it takes no other one beside it.
    """
    listed = _listed(EventSourceArn=stream_arn) if known is None else known
    found = [each for each in listed if each.get("EventSourceArn") == stream_arn]
    staying = [each for each in found if each["State"] != "Deleting"]
    if not staying:
        if found:
            raise RetryLater(f"the mapping of {stream_arn} is just being deleted", after_seconds=60)
        _create(stream_arn)
        return
    kept, *others = sorted(staying, key=lambda mapping: (mapping["State"] == "Disabled", mapping["UUID"]))
    for other in others:
        logger().warning("stream had two mappings", extra={"stream": stream_arn, "mapping": other["UUID"]})
        delete(other)
    _mend(kept)


def all_mappings() -> list[Mapping]:
    """Every mapping that feeds a catalogue's stream to the indexer.  ``RetryLater`` while AWS is busy."""
    with understood():
        return [mapping for mapping in _listed() if key_of_mapping(mapping) is not None]


def mappings_of(table: str) -> list[Mapping]:
    """The mappings of every stream the table has, or had before it was made anew."""
    return [mapping for mapping in all_mappings() if table_of_stream(mapping["EventSourceArn"]) == table]


def key_of_mapping(mapping: Mapping) -> str | None:
    """The key of the catalogue whose stream the mapping reads; ``None`` for any other source."""
    arn = mapping.get("EventSourceArn", "")
    return key_of_table(table_of_stream(arn)) if ":dynamodb:" in arn else None


def delete(mapping: Mapping) -> None:
    """Delete a mapping; one that is gone or going is fine."""
    try:
        aws.lambda_().delete_event_source_mapping(UUID=mapping["UUID"])
    except ClientError as error:
        if code_of(error) not in ("ResourceNotFoundException", "ResourceInUseException"):
            raise


def detach_all(found: Iterable[Mapping]) -> None:
    """Delete every mapping of ``found``.  ``RetryLater`` while AWS is busy."""
    with understood():
        for mapping in found:
            delete(mapping)


def _listed(**restricted_to: str) -> Iterator[Mapping]:
    """Mappings of the indexer, in pages of 100 (the most the API gives)."""
    function = settings().require("indexer_function")
    marker: dict[str, Any] = {}
    while True:
        page = aws.lambda_().list_event_source_mappings(
            FunctionName=function, MaxItems=100, **restricted_to, **marker
        )
        yield from page["EventSourceMappings"]
        if not page.get("NextMarker"):
            return
        marker = {"Marker": page["NextMarker"]}


def _create(stream_arn: str) -> None:
    """AWS refuses a second mapping of one stream to one function: then somebody else was faster, which is as good."""
    try:
        aws.lambda_().create_event_source_mapping(
            EventSourceArn=stream_arn,
            FunctionName=settings().require("indexer_function"),
            StartingPosition="TRIM_HORIZON",
            Enabled=True,
            **wanted(),
        )
    except ClientError as error:
        if code_of(error) != "ResourceConflictException":
            raise
    else:
        logger().info("stream attached", extra={"stream": stream_arn})


def _mend(mapping: Mapping) -> None:
    wrong = {name: value for name, value in wanted().items() if not _includes(mapping.get(name), value)}
    if mapping["State"] in ("Disabled", "Disabling"):
        wrong["Enabled"] = True
    if not wrong:
        return
    logger().warning("mapping mended", extra={"mapping": mapping["UUID"], "properties": sorted(wrong)})
    aws.lambda_().update_event_source_mapping(UUID=mapping["UUID"], **wrong)


def _includes(found: Any, value: Any) -> bool:
    """Whether a property is as wanted; AWS may add to a group of properties those that nobody set."""
    if isinstance(value, dict) and isinstance(found, dict):
        return all(_includes(found.get(name), inner) for name, inner in value.items())
    return bool(found == value)
