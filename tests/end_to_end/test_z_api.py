"""The packaged API behind its gateway: keys are asked for, schemathesis finds nothing.  Last: it leaves requests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from system import System

ROUTES = [
    ("POST", "submitanewrequest"),
    ("GET", "listrequests"),
    ("DELETE", "deletearequest"),
    ("PUT", "update"),
]


@pytest.mark.parametrize(("method", "route"), ROUTES)
@pytest.mark.parametrize("headers", [{}, {"x-api-key": "not a key of ours"}])
def test_no_route_answers_without_a_key(system: System, method: str, route: str, headers: dict[str, str]) -> None:
    asked = urllib.request.Request(f"{system.api.url}/{route}", method=method, headers=headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=60)
    assert refused.value.code == 403


@pytest.mark.parametrize("route", ["health", "openapi.json"])
def test_health_and_the_description_answer_anybody(system: System, route: str) -> None:
    with urllib.request.urlopen(f"{system.api.url}/{route}", timeout=60) as answer:
        assert answer.status == 200
        assert answer.headers["X-Request-Id"]
        assert json.loads(answer.read())


def test_schemathesis_finds_nothing_with_all_its_checks(system: System, tmp_path: Path) -> None:
    command = [
        *(Path(sys.executable).with_name("schemathesis"), "--config-file"),
        *(Path(__file__).with_name("api_schemathesis.toml"), "run", f"{system.api.url}/openapi.json"),
        *("--url", system.api.url, "-H", f"x-api-key: {system.api.key}"),
        *("--checks", "all", "--max-examples", "10", "--generation-deterministic", "--request-timeout", "60"),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=540, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    tested = re.search(r"Tested:\s+(\d+)", done.stdout)
    assert tested
    assert int(tested[1]) >= len(ROUTES) + 1, "the four routes and health"
