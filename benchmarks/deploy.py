"""Deployment of the packaged app onto the running local stack: packaged anew, put there, and answering."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from benchmarks.harness import CannotRun, Limit, Report, seconds, single
from benchmarks.pipeline_stack import PLACE
from local.calling import ask
from local.emulator import emulator
from local.packaging import package
from local.places import PACKAGES
from local.processes import wait_ready
from local.stack import STAGE, Api, bring_down, bring_up, put_app
from local.trouble import Trouble

LONGEST = 60
"""Seconds, from a warm checkout: what is installed stays, the package is made anew."""
LARGEST = 15
"""MB of the one zip that every function runs from."""


def run(data: Path | None) -> Report:
    """Package, deploy, and ask the deployed API once; then the same again with nothing changed."""
    try:
        bring_up(PLACE, keep=False)
        wait_ready(emulator(PLACE))
        return _measured()
    except Trouble as trouble:
        raise CannotRun(str(trouble)) from trouble
    finally:
        bring_down(PLACE)


def _measured() -> Report:
    for made in PACKAGES.glob(f"{STAGE}-*"):
        shutil.rmtree(made)
    packaging = seconds(lambda: package(STAGE))
    first = packaging + _deployed()
    again = _deployed()
    size = package(STAGE).code.stat().st_size / 1_000_000
    return Report(
        figures={
            "deploy": single(first, "s"),
            "of it packaging": single(packaging, "s"),
            "deploy again, unchanged": single(again, "s"),
            "function zip": single(size, "MB"),
        },
        limits={"deploy": Limit(at_most=LONGEST), "function zip": Limit(at_most=LARGEST)},
        notes=["From the first step of packaging to the first answer of the deployed API; the servers run already."],
    )


def _deployed() -> float:
    """Seconds until the API of the deployed app has answered a call."""
    begun = time.perf_counter()
    api = put_app(PLACE)
    _demand_answer(api)
    return time.perf_counter() - begun


def _demand_answer(api: Api) -> None:
    answer = ask(api, "GET", "listrequests")
    if answer.status != 200:
        raise CannotRun(f"the deployed API answered {answer.status}: {answer.body}")
