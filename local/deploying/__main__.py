"""``python -m local.deploying deploy|destroy STAGE [stack|layer|app]``: behind ``make deploy`` and ``make destroy``."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

from local.deploying import application, checks, declared, firewall, functions, gateway, layer, mappings
from local.deploying import stack as stateful
from local.deploying.destroying import demand_deployed, destroy
from local.deploying.stage import Stage, open_stage
from local.places import LAYER
from local.refusals import in_one_line
from local.trouble import Trouble, exits

PARTS = ("stack", "layer", "app")
_STARTED = time.monotonic()


def main() -> int:
    """Deploy or destroy, as the command line says."""
    verb, name, part = [*sys.argv[1:], "", "", ""][:3]
    if verb not in ("deploy", "destroy") or not name or part not in ("", *PARTS):
        raise Trouble(
            "say make deploy STAGE=dev, make deploy STAGE=dev PART=stack|layer|app, or make destroy STAGE=dev"
        )
    stage = open_stage(name)
    say(f"stage {stage.name} in account {stage.account}, {stage.region}")
    with in_one_line(f"mend it and repeat make {verb} STAGE={stage.name}, which goes on from here"):
        return _destroyed(stage) if verb == "destroy" else _deployed(stage, (part,) if part else PARTS)


def _deployed(stage: Stage, parts: tuple[str, ...]) -> int:
    checks.demand(stage)
    for line in checks.advice(stage):
        say(f"note: {line}")
    deploy(stage, parts)
    return 0


def deploy(stage: Stage, parts: tuple[str, ...]) -> None:
    """Deploy the ``parts`` of ``stage``, in this order: stack, layer, app."""
    if "stack" in parts:
        say("stack: tables, queues, topic, index, alarms (a new index takes half an hour)")
        told = stateful.deploy(stage)
    else:
        told = stateful.outputs(stage)
    if "layer" in parts or "app" in parts:
        say("layer: the browser")
        published = layer.publish(stage, told["DeploymentBucket"], LAYER)
    if "app" in parts:
        _deploy_app(stage, told, published)


def _deploy_app(stage: Stage, told: Mapping[str, str], published: str) -> None:
    sources = list(declared.sources(told))
    application.lay_out(stage, told, published)
    recorded = application.fetch_record(stage, told)
    left = mappings.take_unrecorded(stage, sources, recorded) + gateway.take_unrecorded(stage, recorded)
    if left:
        say(f"removed what an unfinished deployment left behind: {', '.join(left)}")
    say("app: chalice deploy")
    made = application.deploy(stage, told)
    say("app: what Chalice cannot do")
    mappings.finish(stage, sources)
    functions.finish(stage)
    finished = gateway.finish(stage, made["rest_api"]["rest_api_id"])
    firewall.attach(stage, made["rest_api"]["rest_api_id"], told.get("ApiFirewallArn", ""))
    for line in finished.advice:
        say(f"note: {line}")
    _say_next(stage, finished)


def _say_next(stage: Stage, finished: gateway.Gateway) -> None:
    say(f"deployed.  URL: {finished.url}")
    say(f"API key {finished.key_name}: aws apigateway get-api-key --include-value --api-key {finished.key_id}")
    say("next: subscribe somebody to the topic OperatorAlarms, then leave a first request (docs/api.md)")


def _destroyed(stage: Stage) -> int:
    """Ask first: the answer has to be the stage's name."""
    demand_deployed(stage)
    sys.stdout.write(
        f"This deletes every request, catalogue and ledger entry of {stage.name}. Type its name to go on: "
    )
    sys.stdout.flush()
    if sys.stdin.readline().strip() != stage.name:
        raise Trouble("nothing was destroyed")
    destroy(stage, say)
    say("destroyed")
    return 0


def say(line: str) -> None:
    """One line of progress, with the seconds since the beginning."""
    sys.stdout.write(f"{time.monotonic() - _STARTED:6.1f} s  {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    exits(main)()
