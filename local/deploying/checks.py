"""What must be there before anything is deployed, and what an operator should know; each in one line."""

from __future__ import annotations

import sys

from botocore.exceptions import BotoCoreError, ClientError

from local.deploying.stage import Stage, config
from local.places import LAYER
from local.trouble import Trouble

OLDEST_PYTHON = (3, 12)
"""Chalice takes the functions' runtime from the interpreter it runs on; older ones are not Amazon Linux 2023."""


def demand(stage: Stage) -> None:
    """Raises ``Trouble`` that names everything that is missing on this machine."""
    missing = []
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        missing.append(f"Python {wanted} or newer to deploy with: install one, then make clean-all and again")
    if not LAYER.exists():
        missing.append("the browser's layer: run make layer")
    if missing:
        raise Trouble(f"{stage.name} cannot be deployed from here, it needs " + "; and ".join(missing))


def advice(stage: Stage) -> list[str]:
    """What does not stop a deployment but the first text: prices that are not set, the SMS sandbox of the account."""
    own = config()["stages"][stage.name].get("environment_variables", {})
    unpriced = f"no text is sent before {stage.name} has SMS_PRICES in .chalice/config.json (docs/notifications.md)"
    return [unpriced] * ("SMS_PRICES" not in own) + _sandbox(stage)


def _sandbox(stage: Stage) -> list[str]:
    try:
        sandboxed = stage.client("sns").get_sms_sandbox_account_status()["IsInSandbox"]
    except (BotoCoreError, ClientError) as error:
        return [f"whether texts reach every phone could not be told: {error}"]
    if sandboxed:
        return ["the account is in the SMS sandbox: only verified numbers get texts until AWS grants production access"]
    return []
