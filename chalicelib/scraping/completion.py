"""What the ended jobs of a run add up to.  Pure; a job is the item that ``runs`` keeps of it, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.models import Record
from chalicelib.scraping.outcomes import Outcome


class RunFigures(Record, frozen=True, kw_only=True):
    """A run in numbers, as the run record keeps them."""

    jobs: int = 0
    pages: int = 0
    products: int = 0
    changed: int = 0
    complete: int = 0
    failures: int = 0
    """Jobs that ended otherwise than complete."""
    seconds: float = 0.0
    """Of reading and writing, all jobs together."""


class Completion(Record, frozen=True, kw_only=True):
    """What the end of a job means for its run."""

    run_id: str
    run_over: bool
    postcodes: tuple[str, ...] = ()
    """Catalogue keys of the job's region that all their jobs of this run have completed: match these."""
    figures: RunFigures = RunFigures()


def complete_postcodes(jobs: Sequence[Mapping[str, Any]]) -> set[str]:
    """Postcodes of a run whose every job was complete."""
    wanting = {key for job in jobs if job.get("Outcome") != Outcome.COMPLETE for key in job["Postcodes"]}
    return {key for job in jobs for key in job["Postcodes"]} - wanting


def figures_of(ended: Sequence[Mapping[str, Any]]) -> RunFigures:
    """The figures of the jobs that have ended."""
    complete = sum(job["Outcome"] == Outcome.COMPLETE for job in ended)
    return RunFigures(
        jobs=len(ended),
        pages=sum(job["Pages"] for job in ended),
        products=sum(job["Products"] for job in ended),
        changed=sum(job["Changed"] for job in ended),
        complete=complete,
        failures=len(ended) - complete,
        seconds=round(float(sum(job["Seconds"] for job in ended)), 3),
    )
