"""The audit: what looks like a secret is named by its place, and no package counts as audited that was not."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.auditing import REQUIREMENTS, judged, secrets, tracked_files
from local.places import ROOT
from local.trouble import Trouble

CLEAN = {"name": "msgspec", "version": "0.22.0", "vulns": []}
SKIPPED = {"name": "tzdata", "skip_reason": "not found"}
VULNERABLE = {
    "name": "requests",
    "version": "2.0.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.0.1"]}, {"id": "PYSEC-2", "fix_versions": []}],
}


def test_an_access_key_is_found_where_it_stands(tmp_path: Path) -> None:
    leak, harmless = tmp_path / "leak.py", tmp_path / "harmless.py"
    leak.write_text("REGION = 'eu-west-2'\nKEY = 'AKIA" + "Q3EGLK2PTVB7MZ5R'\n")
    harmless.write_text("AWS_SECRET_ACCESS_KEY = 'test'\n")
    assert secrets([leak, harmless]) == [f"{leak}:2 (AWS Access Key)"]


def test_code_settings_and_documents_are_all_looked_through() -> None:
    looked_at = {str(path.relative_to(ROOT)) for path in tracked_files()}
    assert {"app.py", ".chalice/config.json", "Makefile", "README.md", ".ci/run"} <= looked_at


def test_what_is_deployed_is_audited() -> None:
    assert [name for name in REQUIREMENTS if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        ([CLEAN, CLEAN], "2 packages without known vulnerabilities"),
        ([CLEAN, SKIPPED], "1 packages without known vulnerabilities, NOT audited: tzdata"),
        ([SKIPPED], "NOT audited: the package index tells of no vulnerabilities here"),
        ([], "NOT audited: the package index tells of no vulnerabilities here"),
    ],
)
def test_what_was_not_audited_is_said(packages: list[dict[str, object]], said: str) -> None:
    assert judged(packages) == said


def test_a_vulnerable_package_fails_the_audit_with_its_remedy() -> None:
    with pytest.raises(Trouble) as told:
        judged([CLEAN, VULNERABLE, SKIPPED])
    assert str(told.value) == "known vulnerabilities: requests 2.0.0 (PYSEC-1, PYSEC-2; mended in 2.0.1)"


def test_continuous_integration_stops_at_a_finding_before_it_tests() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert "set -eu" in script
    assert [line for line in script if "make" in line] == ["make audit", "exec make test"]
