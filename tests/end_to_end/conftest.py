"""The packaged app on a local stack of its own, in a real browser.  One stack serves all end-to-end tests."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console
from system import System

from local.places import ROOT, test_place
from local.run import run
from local.stack import api, bring_down
from local.trouble import Trouble


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """A running stack on which a first run with the sample requests has just finished."""
    place, shown = replace(test_place(), preloaded=str(ROOT / "tests/support/recording")), io.StringIO()
    try:
        right = run(place, Console(file=shown, width=400), once=True, keep=False)
        yield System(place=place, api=api(place), first_run_was_right=right, first_run_output=shown.getvalue())
    except Trouble as trouble:
        pytest.fail(f"{trouble}\n{shown.getvalue()}")
    finally:
        bring_down(place)


@pytest.fixture
def wish(system: System) -> Iterator[Any]:
    """Submits requests that are deleted again after the test; call it with the fields of ``System.submit``."""
    submitted = []

    def submit(**fields: Any) -> dict[str, Any]:
        request = system.submit(**fields)
        submitted.append(request["RequestID"])
        return request

    yield submit
    for request_id in submitted:
        system.ask("DELETE", "deletearequest", RequestID=request_id)
