"""The house stands as its plan says: who may import whom, what loads when, and how large things get.

The plan is ``docs/architecture.md``.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.cold_imports import ENTRIES

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "chalicelib"
STAGES = ("requests", "scraping", "catalog", "search", "matching", "notifications")
SHARED = (
    "models", "items", "settings", "errors", "aws", "queues", "telemetry", "tracing", "discount", "leases", "edits",
    "synonyms", "quantities", "categories",
)  # fmt: skip
"""Modules every stage may use.  A new one is a decision, so it is added here by hand."""
NOT_FOR_THE_API = (
    "boto3", "botocore.session", "opensearchpy", "selenium", "lxml", "extruct", "phonenumbers", "rapidfuzz", "requests",
    "requests_aws4auth", "price_parser", "protego", "tenacity", "pydantic", "aws_xray_sdk",
)  # fmt: skip
_INDEX = {"opensearchpy", "requests", "requests_aws4auth"}
NEEDS = {
    "chalicelib.pipeline.indexing": _INDEX,
    "chalicelib.pipeline.matching": _INDEX,
    "chalicelib.pipeline.mending": _INDEX,
    "chalicelib.pipeline.scraping": {"lxml", "protego"},
}
"""Of those, what a function's modules may load by being imported; all of them call AWS in the end."""
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
"""Where it has to stop.  Files of 250 lines and functions of 25 are what is aimed at."""


def sources(*folders: str) -> list[Path]:
    """Every Python file of the project below ``folders``."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules a file imports, at its top or inside functions; relative ones are resolved."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            base = ".".join((*package, *((node.module,) if node.module else ())))
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def places(path: Path) -> set[str]:
    """Which parts of ``chalicelib`` a file imports: ``models``, ``search`` …"""
    return {name.split(".")[1] for name in imported(path) if name.startswith("chalicelib.")}


def relative(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_knows_the_shared_modules_and_itself(stage: str) -> None:
    strangers = {
        str(path.relative_to(ROOT)): found
        for path in sources(f"chalicelib/{stage}")
        if (found := places(path) - {stage, *SHARED})
    }
    assert strangers == {}


def test_shared_modules_know_no_stage() -> None:
    assert {name: places(PACKAGE / f"{name}.py") - set(SHARED) for name in SHARED} == {name: set() for name in SHARED}


def test_the_package_holds_the_stages_the_shared_modules_and_what_wires_them() -> None:
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert modules == set(SHARED)
    assert folders == {*STAGES, "pipeline"}


def test_the_deployed_code_knows_nothing_of_development() -> None:
    outside = {"app", "local", "benchmarks", "tests", "moto", "pytest", "rich", "flask"}
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in sources("chalicelib")
        if (found := {name.split(".")[0] for name in imported(path)} & outside)
    }
    assert wrong == {}


def test_only_the_browser_s_modules_drive_selenium() -> None:
    users = [path for path in sources("chalicelib") if "selenium" in {name.split(".")[0] for name in imported(path)}]
    assert relative(users) == ["chalicelib/scraping/browser.py", "chalicelib/scraping/launching.py"]


def test_clients_of_aws_are_made_in_one_place() -> None:
    """Timeouts, retries and endpoints stand in ``aws.py``; elsewhere boto3 gives its types, errors and credentials."""
    makers = [
        path
        for path in sources("chalicelib")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("client", "resource")
        if isinstance(node.value, ast.Name) and node.value.id == "boto3"
    ]
    assert relative(makers) == ["chalicelib/aws.py"]


def test_opensearch_is_imported_by_the_search_stage_alone() -> None:
    users = [
        path for path in sources("chalicelib") if "opensearchpy" in {name.split(".")[0] for name in imported(path)}
    ]
    assert {path.parent.name for path in users} == {"search"}


def test_the_api_loads_nothing_heavy() -> None:
    """A cold start pays for every import: what other stages need is loaded when they run."""
    script = f"import sys, app; print(*sorted(set({NOT_FOR_THE_API!r}) & set(sys.modules)))"
    asked = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert asked.stdout.split() == []


def test_garbage_is_collected_again_once_the_app_is_imported() -> None:
    script = "import gc, app; print(gc.isenabled(), gc.get_freeze_count() > 0)"
    asked = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert asked.stdout.split() == ["True", "True"]


@pytest.mark.parametrize("module", sorted(set(ENTRIES.values())))
def test_each_function_loads_no_library_that_it_does_not_need(module: str) -> None:
    """What keeps the figures of docs/cold-starts.md; the browser and its driver are loaded when a job needs them."""
    script = f"import sys, app, {module}; print(*sorted(set({NOT_FOR_THE_API!r}) & set(sys.modules)))"
    asked = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(asked.stdout.split()) - {"boto3", "botocore.session"} <= NEEDS.get(module, set())


def test_every_function_of_the_app_has_its_cold_start_measured() -> None:
    declared = json.loads((ROOT / ".chalice/config.json").read_text())["lambda_functions"]
    assert set(ENTRIES) == set(declared)


def test_files_stay_short_enough_to_read_at_one_sitting() -> None:
    lengths = {
        str(path.relative_to(ROOT)): lines
        for path in [ROOT / "app.py", *sources("chalicelib", "local", "benchmarks")]
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert lengths == {}


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function from ``def`` on, without its docstring."""
    first = function.body[0]
    described = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if described else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_functions_stay_short() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{function.name}": lines
        for path in sources("chalicelib", "local", "benchmarks")
        for function in functions(path)
        if not any(isinstance(inner, ast.FunctionDef) for inner in function.body)
        and (lines := body_lines(function)) > LONGEST_FUNCTION
    }
    assert long == {}


def test_public_functions_say_what_they_do() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in sources("chalicelib")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []
