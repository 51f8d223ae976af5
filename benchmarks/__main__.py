"""``python -m benchmarks [NAME] [--data FOLDER] [--strict]``: lists the benchmarks, or runs one of them."""

from __future__ import annotations

import argparse
import ast
import importlib
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.harness import CannotRun, Report, write

HERE = Path(__file__).parent


def available(folder: Path = HERE) -> dict[str, str]:
    """Name → first line of the docstring, for every module of ``folder`` with a ``run``; nothing is imported."""
    found = {}
    for path in sorted(folder.glob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(part, ast.FunctionDef) and part.name == "run" for part in module.body):
            found[path.stem] = (ast.get_docstring(module) or "").split("\n", 1)[0]
    return found


def table(name: str, report: Report) -> Table:
    """The report for people: one row a figure, with its baseline, their ratio and its limit."""
    drawn = Table(title=name, title_justify="left")
    for heading in ("figure", "median", "spread", "unit", "n", "baseline", "ratio", "limit"):
        drawn.add_column(heading, justify="left" if heading in ("figure", "unit", "limit") else "right")
    for key, measured in report.figures.items():
        beside, ratio = report.baseline.get(key), report.ratio(key)
        drawn.add_row(
            key,
            _number(measured.median),
            _number(measured.spread),
            measured.unit,
            str(measured.samples),
            _number(beside.median) if beside else "",
            f"{ratio:.2f}" if ratio is not None else "",
            _verdict(report, key),
        )
    return drawn


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def _verdict(report: Report, key: str) -> str:
    kept = report.kept(key)
    return "" if kept is None else f"{'kept' if kept else 'MISSED'} ({report.limits[key]})"


def main(arguments: list[str]) -> int:
    """Runs what was asked for.  0: done; 1: a limit was missed under ``--strict``; 2: it could not run."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures Shelfwatch.")
    asked.add_argument("name", nargs="?", help="which one; none lists them")
    asked.add_argument("--data", type=Path, help="folder of cases instead of the usual one")
    asked.add_argument("--strict", action="store_true", help="exit 1 where a limit is missed")
    options = asked.parse_args(arguments)
    console, known = Console(), available()
    if options.name not in known:
        listed = Table.grid(padding=(0, 2))
        for name, summary in known.items():
            listed.add_row(f"[bold]{name}[/]", summary)
        console.print(listed, highlight=False)
        return 2 if options.name else 0
    if options.data and not options.data.is_dir():
        console.print(f"There is no folder {options.data}.")
        return 2
    return _run(options.name, options.data, strict=options.strict, console=console)


def _run(name: str, data: Path | None, *, strict: bool, console: Console) -> int:
    try:
        report: Report = importlib.import_module(f"benchmarks.{name}").run(data)
    except CannotRun as problem:
        console.print(str(problem))
        return 2
    console.print(table(name, report))
    for note in report.notes:
        console.print(note, highlight=False)
    console.print(f"Written to {write(name, report)}", highlight=False)
    return 1 if strict and any(report.kept(key) is False for key in report.figures) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
