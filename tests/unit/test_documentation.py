"""What the documents promise is there: commands, files, links, settings."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from chalicelib.settings import Settings
from local.settings_page import PAGE, render
from local.shop.stock import read_stock

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    {ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")}
)
PATH_LIKE = re.compile(r"`((?:\.chalice|chalicelib|local|vendor|tests|benchmarks|docs)/[\w./-]*)`")
STAGE_FILE = re.compile(r"`((?:requests|scraping|catalog|search|matching|notifications)/[\w./-]+)`")

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def make_targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


def code_of(document: Path) -> str:
    """Everything a document shows as code, where commands stand."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", document.read_text(encoding="utf-8"), re.DOTALL))


@every_document
def test_commands_are_targets_of_the_makefile(document: Path) -> None:
    named = set(re.findall(r"(?<![\w-])make ([a-z][a-z-]*)", code_of(document)))
    assert named - make_targets() == set()


@every_document
def test_named_files_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = [ROOT / found for found in PATH_LIKE.findall(text)]
    named += [ROOT / "chalicelib" / found for found in STAGE_FILE.findall(text)]
    assert [str(path.relative_to(ROOT)) for path in named if not path.exists()] == []


@every_document
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?://)([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


@every_document
def test_modules_to_run_exist(document: Path) -> None:
    named = set(re.findall(r"python -m ([\w.]+)", code_of(document)))
    places = [ROOT.joinpath(*name.split(".")) for name in named]
    missing = [
        place for place in places if not place.with_suffix(".py").exists() and not (place / "__main__.py").exists()
    ]
    assert missing == []


def test_the_page_of_settings_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run python -m local.settings_page"


def test_every_setting_has_a_row_with_its_default() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = {setting.metadata["name"]: setting.metadata["default"] for setting in fields(Settings)}
    assert [
        name for name, default in rows.items() if f"| `{name}` | {f'`{default}`' if default else ''} |" not in page
    ] == []


def test_the_readme_shows_the_picture_and_the_two_commands_on_its_first_screen() -> None:
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:30]
    assert "```mermaid" in first_screen
    assert [line.split()[1] for line in first_screen if line.startswith("make ")] == ["run", "test"]


def test_products_of_the_sample_shop_that_are_named_are_sold_there() -> None:
    named = {
        sku for document in DOCUMENTS for sku in re.findall(r"\bS[0-9]{6}\b", document.read_text(encoding="utf-8"))
    }
    assert named
    assert named - set(read_stock()) == set()


def test_decisions_have_a_number_of_their_own_and_are_short() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in decisions if path.name != "README.md"]
    assert [number for number in numbers if not number.isdigit() or numbers.count(number) > 1] == []
    assert [path.name for path in decisions if len(path.read_text(encoding="utf-8").splitlines()) > 60] == []
