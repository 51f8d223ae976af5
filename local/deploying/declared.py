"""What ``.chalice/overrides.yaml`` says of functions and their event sources, which Chalice itself cannot deploy.

The packaged template and ``make deploy`` both take it from there, so that a property is written once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.packaging import read_template
from local.trouble import Trouble

_SOURCES = ("Stream", "Queue")
_MAPPING = (
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "FunctionResponseTypes",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
)


@dataclass(frozen=True)
class Source:
    """An event source: the function's name in the app, the ARN it reads, and the mapping's properties."""

    function: str
    arn: str
    properties: Mapping[str, Any]


def sources(told: Mapping[str, str]) -> Iterator[Source]:
    """Every event source, resolved by the outputs ``told`` of the stack."""
    for name, properties in _functions():
        for event in properties.get("Events", {}).values():
            declared = event["Properties"]
            reads = [declared[kind] for kind in _SOURCES if kind in declared]
            mapping = {key: _resolved(declared[key], told) for key in _MAPPING if key in declared}
            yield from (Source(name, _resolved(expression, told), mapping) for expression in reads)


def storage() -> dict[str, int]:
    """Functions with a temporary disk other than Lambda's 512 MB, in MB."""
    return {name: part["EphemeralStorage"]["Size"] for name, part in _functions() if "EphemeralStorage" in part}


def throttle() -> tuple[int, int]:
    """Calls a second and burst of the usage plan."""
    parameters = read_template("overrides.yaml")["Parameters"]
    return int(parameters["ThrottleRate"]["Default"]), int(parameters["ThrottleBurst"]["Default"])


def _functions() -> Iterator[tuple[str, dict[str, Any]]]:
    for resource, content in read_template("overrides.yaml")["Resources"].items():
        properties = content.get("Properties", {})
        if "FunctionName" in properties:
            yield _app_name(resource), properties


def _app_name(resource: str) -> str:
    """``ScrapeWorker`` is ``scrape_worker`` in the app, ``APIHandler`` its ``api_handler``."""
    if resource == "APIHandler":
        return "api_handler"
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in resource).lstrip("_")


def _resolved(value: Any, told: Mapping[str, str]) -> Any:
    """``value`` with each expression of the stack replaced by the output that has the same expression."""
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("Ref", "Fn::GetAtt"):
        for name, output in read_template("resources.yaml")["Outputs"].items():
            if output["Value"] == value:
                return told[name]
        raise Trouble(f"resources.yaml has no output for {value}, which overrides.yaml uses")
    if isinstance(value, dict):
        # "Type" is a word of the template's alone, which a destination's ARN says already.
        return {key: _resolved(part, told) for key, part in value.items() if key != "Type"}
    return value
