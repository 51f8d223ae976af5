"""A request's body: strict JSON, or a 4xx that says what is wrong with it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn

from chalicelib.errors import FieldError, InvalidRequest, UnreadableBody

LARGEST = 16 * 1024
"""Bytes; the longest sound request is about 4 KB."""


def read_body(raw: bytes, content_type: str | None) -> dict[str, Any]:
    """The JSON object in ``raw``, numbers with a fraction as ``Decimal``.

    Raises ``UnreadableBody`` (413, 415) for what is too large or not JSON by its content type, and ``InvalidRequest``
    for what is not one JSON object with each key once (RFC 8259 leaves repeated keys to the reader; two readers that
    choose differently are a hole).
    """
    if len(raw) > LARGEST:
        raise UnreadableBody(413, "BodyTooLarge", f"the body is larger than {LARGEST} bytes")
    if not _is_json(content_type or ""):
        raise UnreadableBody(415, "UnsupportedMediaType", "send the body as Content-Type: application/json")
    if not raw:
        raise InvalidRequest("the body is empty; send a JSON object")
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_once_each, parse_float=Decimal, parse_constant=_no_constant
        )
    except (ValueError, RecursionError, ArithmeticError):
        raise InvalidRequest("the body is not well-formed JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise InvalidRequest("the body must be a JSON object")
    return value


def _is_json(content_type: str) -> bool:
    """JSON in UTF-8, the only encoding it travels in (RFC 8259, 8.1); a charset that says so is superfluous."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [part.removeprefix("charset=").strip('"') for part in parameters if part.startswith("charset=")]
    return media_type == "application/json" and all(charset in ("utf-8", "utf8") for charset in charsets)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidRequest(
                "the body names a field twice", (FieldError(shown(key), "Repeated", "is there twice; send it once"),)
            )
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def shown(name: str) -> str:
    """A name the caller chose, made safe to answer with: printable, at most 60 characters."""
    return "".join(letter if letter.isprintable() else "�" for letter in name[:60])
