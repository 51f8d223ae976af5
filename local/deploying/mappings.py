"""Event source mappings as Chalice leaves them: one for each source, with the properties it does not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from local.deploying.declared import Source
from local.deploying.stage import Stage


def take_unrecorded(stage: Stage, sources: Iterable[Source], recorded: Mapping[str, Any]) -> list[str]:
    """Delete mappings of the declared ``sources`` that Chalice's record does not know; gives their ids.

    A deployment that failed half-way made them, and the next one would make them again (on AWS it would be refused).
    Nothing is lost: queues keep their messages, and a stream is read anew from its oldest record.
    """
    known = {made.get("event_uuid") for made in recorded.values()}
    functions = stage.client("lambda")
    unknown = [
        mapping["UUID"]
        for source in sources
        for mapping in _of(functions, stage, source)
        if mapping["UUID"] not in known
    ]
    for uuid in unknown:
        functions.delete_event_source_mapping(UUID=uuid)
    return unknown


def finish(stage: Stage, sources: Iterable[Source]) -> None:
    """Give the mapping of each of ``sources`` its declared properties; one that has them is left alone."""
    functions = stage.client("lambda")
    for source in sources:
        for mapping in _of(functions, stage, source):
            differing = {key: value for key, value in source.properties.items() if not _has(mapping.get(key), value)}
            if differing:
                functions.update_event_source_mapping(UUID=mapping["UUID"], **differing)


def detach(stage: Stage, function: str) -> None:
    """Delete every mapping of a function of the app, those made at run time too."""
    functions = stage.client("lambda")
    for mapping in _listed(functions, stage.function(function)):
        functions.delete_event_source_mapping(UUID=mapping["UUID"])


def _of(functions: Any, stage: Stage, source: Source) -> list[dict[str, Any]]:
    return _listed(functions, stage.function(source.function), EventSourceArn=source.arn)


def _listed(functions: Any, function: str, **by: str) -> list[dict[str, Any]]:
    pages = functions.get_paginator("list_event_source_mappings").paginate(**by)
    found = [mapping for page in pages for mapping in page["EventSourceMappings"]]
    return [one for one in found if _name(one["FunctionArn"]) == function and one.get("State") != "Deleting"]


def _name(arn: str) -> str:
    """The function's name in its ARN, which a version may follow."""
    return arn.split(":")[6]


def _has(there: Any, wanted: Any) -> bool:
    """Whether ``there`` holds all of ``wanted``: AWS adds empty parts of its own."""
    if isinstance(wanted, Mapping):
        return isinstance(there, Mapping) and all(_has(there.get(key), part) for key, part in wanted.items())
    return bool(there == wanted)
