"""The benchmarks' arithmetic and the report they write."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import __main__ as command
from benchmarks import harness
from benchmarks.__main__ import available, main
from benchmarks.harness import CannotRun, Figure, Limit, Report, figure, percentile, side_by_side, single

SAMPLES = st.lists(st.floats(min_value=0, max_value=1e6, allow_nan=False), min_size=1, max_size=50)


def test_a_figure_is_the_median_and_the_distance_between_the_quartiles() -> None:
    assert figure([5, 1, 3, 2, 4], "ms") == Figure(median=3, spread=2, unit="ms", samples=5)
    assert figure([7], "s") == Figure(median=7, spread=0, unit="s", samples=1)


@given(SAMPLES)
def test_median_and_spread_stay_within_the_samples(samples: list[float]) -> None:
    made = figure(samples, "ms")
    assert min(samples) <= made.median <= max(samples)
    assert 0 <= made.spread <= max(samples) - min(samples)


@pytest.mark.parametrize(("percent", "expected"), [(0, 10.0), (50, 30.0), (95, 48.0), (100, 50.0)])
def test_percentiles_fall_between_their_neighbours(percent: float, expected: float) -> None:
    assert percentile([50, 10, 40, 20, 30], percent) == pytest.approx(expected)


def test_works_take_turns_so_that_a_busy_moment_falls_on_both() -> None:
    calls: list[str] = []
    timed = side_by_side({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, repeats=3, warm_up=1)
    assert calls == ["a", "b"] * 4
    assert timed["a"].samples == timed["b"].samples == 3


def test_a_ratio_compares_figures_of_one_name_and_limits_judge_medians_or_ratios() -> None:
    report = Report(
        figures={"start": single(110, "ms"), "score": single(0.5), "alone": single(1)},
        baseline={"start": single(100, "ms")},
        limits={
            "start": Limit(at_most=1.15, ratio=True),
            "score": Limit(at_least=0.55),
            "alone": Limit(at_most=2, ratio=True),
        },
    )
    assert report.ratio("start") == pytest.approx(1.1)
    assert report.kept("start") is True
    assert report.kept("score") is False
    assert report.kept("alone") is False, "a ratio without a baseline cannot be kept"


@pytest.mark.parametrize(
    ("limit", "said"),
    [(Limit(at_most=60), "≤ 60"), (Limit(at_least=0.55), "≥ 0.55"), (Limit(at_most=1.15, ratio=True), "ratio ≤ 1.15")],
)
def test_limits_read_as_people_write_them(limit: Limit, said: str) -> None:
    assert str(limit) == said


def test_the_report_is_written_with_machine_and_commit(tmp_path: Path) -> None:
    path = harness.write(
        "sizes", Report(figures={"zip": single(4.1, "MB")}, limits={"zip": Limit(at_most=15)}), tmp_path
    )
    written = json.loads(path.read_text(encoding="utf-8"))
    assert path == tmp_path / "sizes.json"
    assert set(written) == {"name", "figures", "baseline", "notes", "machine", "commit"}
    assert written["figures"]["zip"] == {
        "median": 4.1, "spread": 0.0, "unit": "MB", "samples": 1, "ratio": None, "limit": "≤ 15", "kept": True,
    }  # fmt: skip
    assert written["machine"]["cores"] >= 1


def test_missing_cases_are_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "SHARED_DATA", tmp_path / "nowhere")
    assert harness.cases(tmp_path, "product-pairs") == tmp_path
    with pytest.raises(CannotRun, match="--data") as caught:
        harness.cases(None, "product-pairs")
    assert "\n" not in str(caught.value)


def test_every_benchmark_says_what_it_measures() -> None:
    listed = available()
    assert "harness" not in listed
    assert {name for name, summary in listed.items() if not summary.endswith((".", "?"))} == set()


@pytest.fixture
def one_benchmark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Report | CannotRun], None]:
    """Makes ``python -m benchmarks probe`` give a report, or fail to run."""

    def give(outcome: Report | CannotRun) -> None:
        def run(data: Path | None) -> Report:
            if isinstance(outcome, CannotRun):
                raise outcome
            return outcome

        probe = ModuleType("benchmarks.probe")
        probe.run = run  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "benchmarks.probe", probe)
        monkeypatch.setattr(command, "available", lambda: {"probe": "A probe."})
        monkeypatch.setattr(command, "write", lambda name, report: tmp_path / name)

    return give


def test_the_exit_status_tells_what_happened(
    one_benchmark: Callable[[Report | CannotRun], None], tmp_path: Path
) -> None:
    missed = Report(figures={"x": single(3)}, limits={"x": Limit(at_most=2)})
    one_benchmark(missed)
    assert main(["probe"]) == 0
    assert main(["probe", "--strict"]) == 1
    assert main(["unknown"]) == 2
    assert main(["probe", "--data", str(tmp_path / "nowhere")]) == 2
    assert main([]) == 0


def test_what_is_missing_is_printed_and_nothing_is_written(
    one_benchmark: Callable[[Report | CannotRun], None], capsys: pytest.CaptureFixture[str]
) -> None:
    one_benchmark(CannotRun("Start the stack first: make run."))
    assert main(["probe"]) == 2
    assert "make run" in capsys.readouterr().out
