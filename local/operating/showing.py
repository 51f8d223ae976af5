"""A stage's status as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.table import Table

from local.operating.status import ShopRun, Status


def board(status: Status, stage: str) -> RenderableType:
    """Every figure of ``status``; what asks for an operator is red, with the command that helps."""
    facts = Table.grid(padding=(0, 2))
    for name, said in _facts(status):
        facts.add_row(f"[bold]{name}[/]", said)
    return Group(f"[bold]stage {stage}[/]", facts, _runs(status.runs), *_advice(status))


def _facts(status: Status) -> Iterator[tuple[str, str]]:
    yield "requests", _counts(status.requests.items())
    ages = status.catalogs
    oldest = f", oldest {_age(ages.oldest)} ({ages.oldest_key})" if ages.count else ""
    yield "catalogues", f"{ages.count}{oldest}" + (f", median {_age(ages.median)}" if ages.count else "")
    yield "queues", _counts(status.queues.items())
    yield "dead letters", _counts(status.dead.items(), alarming=True)
    share = 100 * status.spent / status.cap if status.cap else 100
    yield "texts", f"{status.texts} this month, {status.spent:.2f} of {status.cap} US dollars ({share:.0f} %)"
    yield "unknown", _alarming(status.unknown)


def _runs(runs: Iterable[ShopRun]) -> Table:
    drawn = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("shop", "last run", "jobs", "complete", "products", "changed", "finished", "what went wrong"):
        drawn.add_column(heading, overflow="fold")
    for run in runs:
        jobs = f"{run.ended} of {run.jobs}"
        figures = (str(run.complete), f"{run.products:,}", f"{run.changed:,}")
        drawn.add_row(run.shop, run.run_id, jobs, *figures, run.finished_at[:16], "; ".join(run.reasons))
    return drawn


def _advice(status: Status) -> Iterator[str]:
    letters = {name: count for name, count in status.dead.items() if count}
    if letters:
        yield "[red]dead letters: docs/runbook.md, then make redrive or make replay[/]"
    if status.unknown:
        yield "[red]unknown deliveries: python -m chalicelib.notifications.history --unknown[/]"


def _counts(counts: Iterable[tuple[str, int]], alarming: bool = False) -> str:
    return "  ".join(f"{name} {_alarming(count) if alarming else f'{count:,}'}" for name, count in counts)


def _alarming(count: int) -> str:
    return f"[red]{count:,}[/]" if count else "0"


def _age(age: timedelta) -> str:
    """``3 d 4 h``, ``2 h 5 min``, ``40 s``: the two largest units."""
    seconds = int(age.total_seconds())
    for size, name, smaller, small in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            return f"{seconds // size} {name} {seconds % size // smaller} {small}"
    return f"{seconds} s"
