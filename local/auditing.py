"""``python -m local.auditing``: secrets in the repository, and known vulnerabilities of what the app depends on.

Secrets are looked for offline.  Vulnerabilities are looked up at the package index; where it does not tell of any,
behind a mirror say, the audit says that it was not made, and fails only on what it knows.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from local.places import PYTHON, ROOT
from local.trouble import Trouble, exits

REQUIREMENTS = ("requirements.txt", "vendor/selenium-layer/requirements.txt")
"""What is deployed."""
DATA = (".csv", ".html", ".lock")
"""Not scanned: pages and tables of shops, which no credential is ever written to."""
DIGESTS = ("vendor/selenium-layer/pins.json", "chalicelib/matching/trees.json", "chalicelib/matching/words.json")
"""Not scanned: digests of downloads, and trained numbers, which look random because they are."""

EMULATORS = "^test$"
"""What the emulators of AWS take for a secret access key."""


def main() -> int:
    """Both audits; gives the exit code.  ``Trouble`` names the first finding."""
    found = secrets(tracked_files())
    if found:
        raise Trouble(
            f"looks like a secret: {', '.join(found)} (a false alarm? end the line with: pragma: allowlist secret)"
        )
    _say("no secrets found")
    for requirements in REQUIREMENTS:
        _say(f"{requirements}: {judged(reported(requirements))}")
    return 0


def tracked_files() -> list[Path]:
    """The files of the repository in which a secret could be left."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if not name.endswith(DATA) and name not in DIGESTS]


def secrets(files: Iterable[Path]) -> list[str]:
    """``file:line (kind)`` of everything in ``files`` that looks like a credential."""
    from detect_secrets.core.secrets_collection import SecretsCollection
    from detect_secrets.settings import default_settings

    found = SecretsCollection()
    with default_settings() as chosen:
        chosen.filters["detect_secrets.filters.regex.should_exclude_secret"] = {"pattern": [EMULATORS]}
        for file in files:
            found.scan_file(str(file))
    return sorted(f"{name}:{secret.line_number} ({secret.type})" for name, secret in found)


def reported(requirements: str) -> list[dict[str, Any]]:
    """What pip-audit reports of each pinned package: ``{"name", "version", "vulns"}``, or ``{"name", "skip_reason"}``.

    Empty where it could not reach the index.
    """
    command = [str(PYTHON), "-m", "pip_audit", "--requirement", requirements, "--no-deps", "--disable-pip"]
    options = ["--progress-spinner=off", "--format=json"]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        dependencies: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return []
    return dependencies


def judged(packages: Sequence[Mapping[str, Any]]) -> str:
    """One line on a report.  ``Trouble`` names vulnerable packages, their advisories and the mended versions."""
    known = [package for package in packages if "vulns" in package]
    vulnerable = [_described(package) for package in known if package["vulns"]]
    if vulnerable:
        raise Trouble(f"known vulnerabilities: {'; '.join(vulnerable)}")
    skipped = [str(package["name"]) for package in packages if "vulns" not in package]
    if not known:
        return "NOT audited: the package index tells of no vulnerabilities here"
    return f"{len(known)} packages without known vulnerabilities" + (
        f", NOT audited: {', '.join(skipped)}" if skipped else ""
    )


def _described(package: Mapping[str, Any]) -> str:
    advisories = ", ".join(str(one["id"]) for one in package["vulns"])
    mended = sorted({version for one in package["vulns"] for version in one.get("fix_versions", [])})
    return f"{package['name']} {package['version']} ({advisories}; mended in {', '.join(mended) or 'no version yet'})"


def _say(line: str) -> None:
    sys.stdout.write(f"audit: {line}\n")


if __name__ == "__main__":
    exits(main)()
