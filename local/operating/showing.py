"""A stage's status as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from local.operating.status import ShopRun, Status


def board(status: Status, stage: str) -> RenderableType:
    """Every figure of ``status``; what asks for an operator is red, with the command that helps."""
    facts = Table.grid(padding=(0, 2))
    for name, said in _facts(status):
        facts.add_row(f"[bold]{name}[/]", said)
    return Group(f"[bold]stage {stage}[/]", facts, *_advice(status))


def _facts(status: Status) -> Iterator[tuple[str, str]]:
    yield "requests", _counts(status.requests.items())
    for run in status.runs:
        yield f"shop {run.shop}", _run(run)
    ages = status.catalogs
    oldest = f", oldest {_age(ages.oldest)} ({ages.oldest_key})" if ages.count else ""
    yield "catalogues", f"{ages.count}{oldest}" + (f", median {_age(ages.median)}" if ages.count else "")
    yield "queues", _counts(status.queues.items())
    yield "dead letters", _counts(status.dead.items(), alarming=True)
    share = 100 * status.spent / status.cap if status.cap else 100
    yield "texts", f"{status.texts} this month, {status.spent:.2f} of {status.cap} US dollars ({share:.0f} %)"
    yield "unknown", _alarming(status.unknown)


def _run(run: ShopRun) -> str:
    last = f", last at {run.finished_at[:16]}" if run.ended else ""
    jobs = f"{run.ended} of {run.jobs} jobs ended, {run.complete} complete{last}"
    figures = f"{run.products:,} products, {run.changed:,} changed"
    return "\n".join((f"{run.run_id}: {jobs}; {figures}", *(f"[red]{escape(reason)}[/]" for reason in run.reasons)))


def _advice(status: Status) -> Iterator[str]:
    letters = {name: count for name, count in status.dead.items() if count}
    if letters:
        yield "[red]dead letters: docs/runbook.md, then make redrive or make replay[/]"
    if status.unknown:
        yield "[red]unknown deliveries: make told[/]"


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
