"""A stage's API key replaced in two steps, so that no program is ever without a valid one.

``make rotate-key`` makes a second key beside the first.  Once the programs use it, ``make rotate-key STEP=finish``
takes the older ones away.  Either step can be repeated.
"""

from __future__ import annotations

import sys
from typing import Any

from local.deploying import gateway
from local.deploying.stage import Stage, open_stage
from local.refusals import in_one_line
from local.trouble import Trouble, exits

STEPS = ("begin", "finish")


def begin(stage: Stage) -> str:
    """Add a new key to the usage plan of ``stage``; gives its id, that of the newest where a rotation has begun."""
    gateways = stage.client("apigateway")
    plan, keys = _plan(gateways, stage), gateway.keys(gateways, stage.stack)
    key = str(keys[-1]["id"]) if len(keys) > 1 else gateway.make_key(gateways, stage.stack)
    gateway.admit(gateways, key, plan)
    return key


def finish(stage: Stage) -> list[str]:
    """Delete all keys of ``stage`` but the newest; gives their ids, none where no rotation has begun."""
    gateways = stage.client("apigateway")
    _plan(gateways, stage)
    replaced = [str(key["id"]) for key in gateway.keys(gateways, stage.stack)[:-1]]
    for key in replaced:
        gateways.delete_api_key(apiKey=key)
    return replaced


def _plan(gateways: Any, stage: Stage) -> str:
    plans = gateways.get_paginator("get_usage_plans").paginate()
    found = [str(plan["id"]) for page in plans for plan in page["items"] if plan["name"] == stage.stack]
    if not found:
        raise Trouble(f"{stage.name} has no usage plan yet: make deploy STAGE={stage.name}")
    return found[0]


def main() -> int:
    """``python -m local.deploying.rotating STAGE begin|finish``."""
    name, step = [*sys.argv[1:], "", ""][:2]
    if not name or step not in STEPS:
        raise Trouble("say make rotate-key STAGE=dev, and when every program has the new key, with STEP=finish")
    stage = open_stage(name)
    with in_one_line(f"mend it and repeat make rotate-key STAGE={name}"):
        _rotate(stage, step)
    return 0


def _rotate(stage: Stage, step: str) -> None:
    if step == "begin":
        read = f"aws apigateway get-api-key --include-value --api-key {begin(stage)}"
        _say(f"the new key beside the old one: {read}")
        _say(f"when every program uses it: make rotate-key STAGE={stage.name} STEP=finish")
    else:
        _say(f"{len(finish(stage))} older keys deleted")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    exits(main)()
