"""Answers: JSON with exact numbers, and the one shape of every refusal."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from chalicelib.errors import (
    Conflict,
    FieldError,
    InvalidRequest,
    NotFound,
    RetryLater,
    TooMany,
    Unauthorized,
    UnreadableBody,
)
from chalicelib.models import Record
from chalicelib.telemetry import logger


class Answer(msgspec.Struct, frozen=True):
    """Status, body (anything msgspec encodes) and headers beside the usual ones."""

    status: int
    body: Any
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)


class WrongField(Record, frozen=True, kw_only=True):
    """One wrong field: Code is stable, Message is for people."""

    field: str
    code: str
    message: str


class Refusal(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """The envelope of every refusal."""

    code: str
    message: str
    errors: tuple[WrongField, ...] = ()


def refusal(error: Exception) -> Answer:
    """The answer to ``error``: 4xx for what the caller can mend, 503 for what may pass, 500 for the rest."""
    if isinstance(error, InvalidRequest | NotFound | Conflict | UnreadableBody | TooMany | Unauthorized):
        headers = {"Retry-After": str(error.after_seconds)} if isinstance(error, TooMany) else {}
        return _refused(error.status, error.code, str(error), getattr(error, "errors", ()), headers)
    if isinstance(error, RetryLater):
        logger().warning("request must wait", extra={"reason": str(error)})
        wait = str(error.after_seconds or 1)
        return _refused(503, "ServiceUnavailable", f"{error}; try again shortly", headers={"Retry-After": wait})
    logger().exception("request failed")
    return _refused(500, "InternalError", "something went wrong on our side; the X-Request-Id tells us what")


def _refused(
    status: int, code: str, message: str, errors: tuple[FieldError, ...] = (), headers: Mapping[str, str] | None = None
) -> Answer:
    wrong = tuple(WrongField(field=one.field, code=one.code, message=one.message) for one in errors)
    return Answer(status, Refusal(code=code, message=message, errors=wrong), headers or {})


def encoded(body: Any) -> str:
    """``body`` as JSON; decimals are numbers, written exactly."""
    return _encoder().encode(body).decode()


@cache
def _encoder() -> msgspec.json.Encoder:
    return msgspec.json.Encoder(decimal_format="number")
