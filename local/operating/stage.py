"""A deployed stage as seen from here: its settings, taken from its API function, and clients that talk to it."""

from __future__ import annotations

import os
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.settings import Settings, settings
from local.places import REGION, run_place
from local.trouble import Trouble

LOCAL = "local"
_OWN = "AWS_"
"""Variables that begin so say who calls and from where: the operator's stay, the function's are left out."""


def enter(stage: str) -> Settings:
    """Take on the environment of the stage's functions, so that the app's own stores work here; gives its settings.

    ``Trouble`` where the stage is not deployed, AWS cannot be reached or refuses the operator's credentials.
    """
    if stage == LOCAL:
        os.environ.update(emulated(run_place().emulator))
    remedy = "start it: make run" if stage == LOCAL else "check the credentials, AWS_REGION and the stage's name"
    try:
        deployed = client("lambda").get_function_configuration(FunctionName=f"shelfwatch-{stage}")
    except (BotoCoreError, ClientError) as error:
        raise Trouble(f"stage {stage} cannot be read ({_reason(error)}); {remedy}") from None
    variables = deployed.get("Environment", {}).get("Variables", {})
    os.environ.update({name: value for name, value in variables.items() if not name.startswith(_OWN)})
    settings.cache_clear()
    return settings()


def emulated(endpoint: str) -> dict[str, str]:
    """The environment of somebody who calls the emulator at ``endpoint``."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def client(service: str, attempts: int = 4) -> Any:
    """A patient boto3 client, for what the app never calls (logs, streams, functions) or only in a hurry."""
    import boto3
    from botocore.config import Config

    config = Config(read_timeout=910, tcp_keepalive=True, retries={"mode": "standard", "total_max_attempts": attempts})
    return boto3.client(service, config=config)  # type: ignore[call-overload]


def _reason(error: Exception) -> str:
    if isinstance(error, ClientError):
        return str(error.response["Error"].get("Code", "refused"))
    return type(error).__name__
