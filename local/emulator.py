"""The AWS emulator (MiniStack) as a child process, boto3 clients that talk to it, and the texts it received."""

from __future__ import annotations

import json
import urllib.request
from functools import cache
from typing import Any

from local.places import EMULATOR_PYTHON, HOST, REGION, Place
from local.processes import Service

_POSITIONS = "dynamodb_stream_positions"


def emulator(place: Place) -> Service:
    """The emulator of ``place``; it runs Lambda functions as child processes and keeps its state when it is stopped.

    Its environment is all its own: whatever it is started with leaks into the functions.
    """
    data = place.state / "emulator"
    environment = {
        "AWS_DEFAULT_REGION": REGION,
        "MINISTACK_REGION": REGION,
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": str(place.emulator_port),
        "LAMBDA_EXECUTOR": "local",
        "PERSIST_STATE": "1",
        "S3_PERSIST": "1",
        "STATE_DIR": str(data / "state"),
        "S3_DATA_DIR": str(data / "s3"),
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": place.preloaded,
    }
    return Service(
        name="emulator",
        command=(str(EMULATOR_PYTHON), "-m", "ministack"),
        folder=place.state,
        port=place.emulator_port,
        health=f"{place.emulator}/_ministack/health",
        remedy="set EMULATOR_PORT to a free port, or stop what uses it",
        environment=environment,
    )


def forget_stream_positions(place: Place) -> None:
    """Make a stopped emulator deliver stream records from the start.

    It saves how many records each mapping had read, but not the records: without this, each mapping would pass over as
    many new records as it had delivered before.
    """
    saved = place.state / "emulator" / "state" / "lambda.json"
    if saved.exists():
        state = json.loads(saved.read_text())
        if _forget(state):
            saved.write_text(json.dumps(state))


def _forget(state: Any) -> bool:
    """Take the positions out of a saved state (wrapped or not); gives whether there were any."""
    holder = state.get("payload", state)
    return holder.pop(_POSITIONS, None) is not None


@cache
def client(place: Place, service: str) -> Any:
    """A boto3 client of ``service`` at the emulator of ``place``."""
    import boto3
    from botocore.config import Config

    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=place.emulator,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(read_timeout=910, retries={"total_max_attempts": 1}),
    )


def inbox(place: Place) -> list[dict[str, Any]]:
    """The texts that phones received, oldest first: ``{"PhoneNumber", "Message", ...}``."""
    with urllib.request.urlopen(f"{place.emulator}/_ministack/sns/sms-messages", timeout=10) as answer:
        by_phone = json.load(answer)["sms_messages"]
    found = [{"PhoneNumber": phone, **text} for phone, texts in by_phone.items() for text in texts]
    return sorted(found, key=lambda text: str(text.get("Timestamp", "")))
