"""Secrets of a stage: made once, kept in Parameter Store, never in the repository."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from local.deploying.stage import Stage

NAMES = ("TOKEN_KEY", "WEBHOOK_KEY")
"""Settings that are secrets; the second one only where a stage calls webhooks."""


def environment(stage: Stage, own: Mapping[str, str]) -> dict[str, str]:
    """Each secret setting of ``stage`` and its value, made now where there was none; ``own`` are its other settings."""
    store = stage.client("ssm")
    names = NAMES if "webhook" in own.get("CHANNELS", "") else NAMES[:1]
    return {name: _kept(store, _place(stage, name)) for name in names}


def forget(stage: Stage) -> None:
    """Delete the secrets of ``stage``."""
    stage.client("ssm").delete_parameters(Names=[_place(stage, name) for name in NAMES])


def _place(stage: Stage, name: str) -> str:
    return f"/{stage.stack}/{name}"


def _kept(store: Any, place: str) -> str:
    """The secret at ``place``; of two that make it at once, the first one's counts for both."""
    with suppress(store.exceptions.ParameterAlreadyExists):
        store.put_parameter(Name=place, Value=secrets.token_urlsafe(32), Type="SecureString", Overwrite=False)
    value: str = store.get_parameter(Name=place, WithDecryption=True)["Parameter"]["Value"]
    return value
