"""No phone number in any log line at any level: the API's tests run with everything logged, and all of it is read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ("tests/integration/test_api_routes.py", "tests/integration/test_api_phone_proof.py")
NUMBERS = re.compile(r"7700[ -]?900[ -]?1\d\d")
"""The numbers these tests use, in whatever way they are written."""


def test_all_log_output_of_the_suite_is_free_of_phone_numbers(tmp_path: Path) -> None:
    log = tmp_path / "suite.log"
    command = [
        *(sys.executable, "-m", "pytest", *TESTS, "-p", "no:cacheprovider"),
        *(f"--log-file={log}", "--log-file-level=DEBUG", "--log-level=DEBUG", "-rA", "--show-capture=all"),
    ]
    environment = {**os.environ, "LOG_LEVEL": "DEBUG", "POWERTOOLS_LOG_DEDUPLICATION_DISABLED": "true"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:]
    lines = log.read_text(encoding="utf-8").splitlines()
    assert any("botocore" in line and "UserRequestsTable" in line for line in lines), "libraries were logged, too"
    assert any("request answered" in line for line in lines)
    assert any("***" in line for line in lines), "there was something to mask"
    assert [line for line in [*lines, *ran.stdout.splitlines()] if NUMBERS.search(line)] == []
