"""What each function imports before its first event, in a fresh process: the figures of docs/cold-starts.md."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.harness import ROOT, Report, figure

REPEATS = 7
ENTRIES = {
    "api_handler": "chalicelib.requests.handlers",
    "request_changes": "chalicelib.pipeline.matching",
    "scraper": "chalicelib.pipeline.planning",
    "scrape_worker": "chalicelib.pipeline.scraping",
    "indexer": "chalicelib.pipeline.indexing",
    "matcher": "chalicelib.pipeline.matching",
    "match_worker": "chalicelib.pipeline.matching",
    "delivery_worker": "chalicelib.pipeline.notifying",
    "sweeper": "chalicelib.pipeline.notifying",
    "reconciler": "chalicelib.pipeline.mending",
    "reindexer": "chalicelib.pipeline.mending",
}
"""Function → what its entry in ``app.py`` imports when it is called; functions that import the same are timed once."""
_TIMED = "import time; began = time.perf_counter(); import {modules}; print((time.perf_counter() - began) * 1000)"


def run(data: Path | None) -> Report:
    """Interpreters in turn, so that a busy moment falls on all alike; the first of each writes the byte code."""
    timed = {"chalice alone": "chalice.app", **{module: f"app, {module}" for module in ENTRIES.values()}}
    taken: dict[str, list[float]] = {name: [] for name in timed}
    for turn in range(REPEATS + 1):
        for name, modules in timed.items():
            milliseconds = _imported(modules)
            if turn:
                taken[name].append(milliseconds)
    bare = figure(taken["chalice alone"], "ms")
    figures = {name: figure(taken[module], "ms") for name, module in ENTRIES.items()}
    return Report(figures=figures, baseline=dict.fromkeys(figures, bare), notes=["baseline: chalice alone"])


def _imported(modules: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _TIMED.format(modules=modules)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(done.stdout)
