"""Mending a stage by hand: what the reconciler and the rebuild of the index say, called until they are done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.settings import settings
from local.invoking import invoke
from local.operating.stage import client
from local.trouble import Trouble


def reconcile() -> dict[str, Any]:
    """Compare the stage's tables, mappings and index, and mend what differs; gives the report.

    ``Trouble`` where something is left, and while another call mends.
    """
    return dict(_called("reconciler"))


def reindex(progress: Callable[[int, int], None]) -> str:
    """Build the stage's index anew, in as many calls as it takes; gives the new index's name.

    ``progress`` is told after each call how many catalogues are copied, and of how many.  ``Trouble`` while another
    call mends, or when OpenSearch is away: nothing is lost, and the next ``reindex`` goes on.
    """
    while True:
        report = _called("reindexer")
        if "Catalogs" in report:
            progress(report["Catalogs"], report["Of"])
        if report["Index"]:
            return str(report["Index"])
        if "Catalogs" not in report:
            raise Trouble("the rebuild does not get on: one call has no time for a few catalogues; see its log")


def _called(function: str) -> Any:
    return invoke(client("lambda", attempts=1), settings().stage, function)
