"""The API through ``chalice local``, over HTTP: schemathesis finds nothing, and every command of the guide works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_support import ROOT, make_tables, served, stage

from chalicelib.search.index import ensure_index

HERE = Path(__file__).parent
ROUTES = {"/submitanewrequest", "/preview", "/listrequests", "/deletearequest", "/update"}


@pytest.fixture
def url(
    dynamodb_local: str, opensearch_url: str, server_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    index = {"OPENSEARCH_ENDPOINT": opensearch_url, "OPENSEARCH_INDEX": "contract"}
    with stage(monkeypatch, **index):
        ensure_index()
        with served(server_folder, dynamodb_local, make_tables(dynamodb_local), **index) as made:
            yield made


def test_schemathesis_finds_nothing_with_all_its_checks(url: str, tmp_path: Path) -> None:
    command = [
        *(Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "api_schemathesis.toml", "run"),
        *(f"{url}/openapi.json", "--url", url, "--checks", "all", "--max-examples", "5", "--generation-deterministic"),
        "--suppress-health-check=too_slow",  # making names that fit the pattern takes a slow machine seconds
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=540, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert re.search(r"Tested:\s+6", done.stdout), "all but the description itself, which schemathesis reads it from"


GUIDE = (ROOT / "docs/api.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The guide's code of one language, in its order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


def ran(command: list[str], url: str, folder: Path) -> str:
    """What a program prints, run as a reader of the guide would."""
    environment = {**os.environ, "SHELFWATCH_URL": url, "SHELFWATCH_KEY": "guide"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_shell_command_of_the_guide_works(url: str, tmp_path: Path) -> None:
    commands = blocks("bash")
    assert {route for route in ROUTES if any(route in command for command in commands)} == ROUTES
    said = ran(["bash", "-euo", "pipefail", "-c", "\n".join(commands)], url, tmp_path)
    assert '"ProductName":"Ground Coffee 500 g"' in said
    assert '"Discount":33.5' in said
    assert '"Message":"4 fields are wrong: Postcode, ProductName, Discount, PhoneNumber"' in said


def test_every_line_of_python_of_the_guide_works(url: str, tmp_path: Path) -> None:
    code = blocks("python")
    assert {route for route in ROUTES if any(route in block for block in code)} == ROUTES
    assert "1 active requests" in ran([sys.executable, "-c", "\n".join(code)], url, tmp_path)
