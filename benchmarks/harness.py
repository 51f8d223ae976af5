"""What every benchmark shares: figures, fair timing beside a baseline, and the report.

A benchmark is a module of this package with ``run(data: Path | None) -> Report``; the first line of its docstring is
what the list shows.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "benchmarks"
SHARED_DATA = ROOT.parent / "shared" / "data"
_PER_SECOND = {"s": 1.0, "ms": 1e3, "µs": 1e6}


class CannotRun(Exception):
    """A benchmark lacks something it needs; the message says what and the remedy, in one line."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity: the median of its samples and how far they spread."""

    median: float
    spread: float
    """Distance between the quartiles, in the same unit; 0 for a single sample."""
    unit: str
    samples: int = 1


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure has to keep to: its median, or its ratio to the baseline."""

    at_most: float | None = None
    at_least: float | None = None
    ratio: bool = False

    def kept(self, value: float) -> bool:
        """Whether ``value`` lies within."""
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)

    def __str__(self) -> str:
        """``≤ 60``, ``≥ 0.55``, ``ratio ≤ 1.15``."""
        bounds = ((self.at_least, "≥"), (self.at_most, "≤"))
        said = " ".join(f"{sign} {bound:g}" for bound, sign in bounds if bound is not None)
        return f"ratio {said}" if self.ratio else said


@dataclass(frozen=True, slots=True)
class Report:
    """What a benchmark found.  Names are shared: ``baseline["x"]`` is what ``figures["x"]`` is compared with."""

    figures: Mapping[str, Figure]
    baseline: Mapping[str, Figure] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=dict)
    notes: Sequence[str] = ()
    """Lines printed below the table: what the baseline is, how many cases there were."""

    def ratio(self, name: str) -> float | None:
        """The figure's median over its baseline's; ``None`` where there is no baseline, or it is zero."""
        beside = self.baseline.get(name)
        return self.figures[name].median / beside.median if beside and beside.median else None

    def kept(self, name: str) -> bool | None:
        """Whether the figure keeps its limit; ``None`` where it has none.  A ratio that cannot be had is not kept."""
        limit = self.limits.get(name)
        if limit is None:
            return None
        value = self.ratio(name) if limit.ratio else self.figures[name].median
        return value is not None and limit.kept(value)


def figure(samples: Sequence[float], unit: str) -> Figure:
    """Median and spread of ``samples`` (at least one)."""
    if len(samples) < 2:
        return Figure(float(samples[0]), 0.0, unit)
    low, _, high = statistics.quantiles(samples, n=4, method="inclusive")
    return Figure(statistics.median(samples), high - low, unit, len(samples))


def single(value: float, unit: str = "") -> Figure:
    """A figure that was measured once, such as a score over all cases."""
    return Figure(float(value), 0.0, unit)


def percentile(samples: Sequence[float], percent: float) -> float:
    """The ``percent``-th percentile of ``samples``, between its neighbours where it falls between two."""
    ordered = sorted(samples)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def tell(line: str) -> None:
    """How far a long benchmark has come, for whoever waits for it."""
    print(line, file=sys.stderr, flush=True)


def seconds(work: Callable[[], object]) -> float:
    """How long one call of ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def side_by_side(
    works: Mapping[str, Callable[[], object]], *, repeats: int = 9, warm_up: int = 1, unit: str = "ms"
) -> dict[str, Figure]:
    """Times every work ``repeats`` times in turn (a, b, a, b …), so that a busy moment falls on all alike."""
    samples: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(warm_up + repeats):
        for name, work in works.items():
            taken = seconds(work) * _PER_SECOND[unit]
            if turn >= warm_up:
                samples[name].append(taken)
    return {name: figure(taken, unit) for name, taken in samples.items()}


def cases(data: Path | None, shared: str) -> Path:
    """The folder of cases: ``data`` where the caller gave one, else the folder ``shared`` of the shared data.

    ``CannotRun`` where there is neither.
    """
    folder = data or SHARED_DATA / shared
    if not folder.is_dir():
        raise CannotRun(f"No cases in {folder}: give a folder with --data (formats: benchmarks/README.md).")
    return folder


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(pages * size / 2**30, 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    models = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


def commit() -> str:
    """The commit that was measured, with ``+`` where the working tree differs from it; empty outside a clone."""
    try:
        head = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        changed = subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=ROOT, check=False)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("+" if changed.returncode else "")


def as_json(name: str, report: Report) -> dict[str, Any]:
    """A report as it is written to ``build/benchmarks/NAME.json``."""
    return {
        "name": name,
        "figures": {
            key: {
                **asdict(measured),
                "ratio": report.ratio(key),
                "limit": str(report.limits[key]) if key in report.limits else None,
                "kept": report.kept(key),
            }
            for key, measured in report.figures.items()
        },
        "baseline": {key: asdict(measured) for key, measured in report.baseline.items()},
        "notes": list(report.notes),
        "machine": machine(),
        "commit": commit(),
    }


def write(name: str, report: Report, folder: Path = RESULTS) -> Path:
    """Writes the report and returns where."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(as_json(name, report), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
