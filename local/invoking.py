"""Calling a deployed function and waiting for its report."""

from __future__ import annotations

import json
from typing import Any

from local.trouble import Trouble

SCHEDULED = {
    "version": "0",
    "id": "0",
    "source": "aws.events",
    "detail-type": "Scheduled Event",
    "detail": {},
    "resources": [],
    "account": "000000000000",
    "region": "eu-west-2",
    "time": "2026-01-01T00:00:00Z",
}
"""What EventBridge hands to a scheduled function."""


def invoke(functions: Any, stage: str, function: str) -> Any:
    """The report of a function that is otherwise called by a schedule or by hand; ``functions`` is a Lambda client.

    ``Trouble`` with the function's own words when it fails.
    """
    answer = functions.invoke(FunctionName=f"shelfwatch-{stage}-{function}", Payload=json.dumps(SCHEDULED).encode())
    report = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        raise Trouble(f"the {function} failed: {_reason(report)}")
    return report


def _reason(report: Any) -> str:
    """What was raised (Lambda developer guide, "Function errors": ``errorMessage``)."""
    said = report.get("errorMessage") if isinstance(report, dict) else None
    return str(said or report)[:500]
