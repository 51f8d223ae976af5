"""The packaged API behind its gateway: keys are asked for, too many calls refused, schemathesis finds nothing.

Among the last: it leaves requests.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from system import System, refusal

from local.gateway import API_STAGE

ROUTES = [
    ("POST", "submitanewrequest"),
    ("GET", "listrequests"),
    ("DELETE", "deletearequest"),
    ("PUT", "update"),
]


@pytest.mark.parametrize(("method", "route"), ROUTES)
@pytest.mark.parametrize("headers", [{}, {"x-api-key": "not a key of ours"}])
def test_no_route_answers_without_a_key(system: System, method: str, route: str, headers: dict[str, str]) -> None:
    assert refusal(f"{system.api.url}/{route}", method, headers) == (403, "Forbidden", None)


@pytest.mark.parametrize(("method", "route"), [("GET", "nowhere"), ("GET", "update"), ("PATCH", "listrequests")])
def test_what_is_no_route_is_not_found(system: System, method: str, route: str) -> None:
    assert refusal(f"{system.api.url}/{route}", method, {"x-api-key": system.api.key}) == (404, "NotFound", None)


def test_too_many_calls_are_asked_to_wait_even_where_no_key_is_needed(system: System) -> None:
    throttle = limits(system)
    assert throttle == {"rateLimit": 1000, "burstLimit": 2000}
    limit(system, {"rateLimit": 0.01, "burstLimit": 1})
    try:
        with urllib.request.urlopen(f"{system.api.url}/health", timeout=60) as answer:
            assert answer.status == 200
        assert refusal(f"{system.api.url}/health") == (429, "TooManyCalls", "1")
    finally:
        limit(system, throttle)
    assert limits(system) == throttle


def limits(system: System) -> dict[str, float]:
    """The throttle of the deployed stage, for every route."""
    deployed = system.aws("apigateway").get_stage(restApiId=system.api.id, stageName=API_STAGE)["methodSettings"]["*/*"]
    return {"rateLimit": deployed["throttlingRateLimit"], "burstLimit": deployed["throttlingBurstLimit"]}


def limit(system: System, throttle: dict[str, float]) -> None:
    """Set the throttle of the deployed stage."""
    operations = [
        {"op": "replace", "path": f"/*/*/throttling/{name}", "value": str(value)} for name, value in throttle.items()
    ]
    system.aws("apigateway").update_stage(restApiId=system.api.id, stageName=API_STAGE, patchOperations=operations)


@pytest.mark.parametrize("route", ["health", "openapi.json"])
def test_health_and_the_description_answer_anybody(system: System, route: str) -> None:
    with urllib.request.urlopen(f"{system.api.url}/{route}", timeout=60) as answer:
        assert answer.status == 200
        assert answer.headers["X-Request-Id"]
        assert json.loads(answer.read())


def test_schemathesis_finds_nothing_in_every_corner_of_the_schema(system: System, tmp_path: Path) -> None:
    command = [
        *(Path(sys.executable).with_name("schemathesis"), "--config-file"),
        *(Path(__file__).with_name("api_schemathesis.toml"), "run", f"{system.api.url}/openapi.json"),
        *("--url", system.api.url, "-H", f"x-api-key: {system.api.key}"),
        *("--checks", "all", "--phases", "examples,coverage", "--generation-deterministic", "--request-timeout", "60"),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=540, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    tested = re.search(r"Tested:\s+(\d+)", done.stdout)
    assert tested
    assert int(tested[1]) >= len(ROUTES) + 1, "the four routes and health"
