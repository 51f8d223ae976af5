"""User requests to DynamoDB items and back.  ``ExpiresAt`` is epoch seconds there, because TTL reads nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from chalicelib.items import Item, to_item
from chalicelib.models import UserRequest


def as_item(request: UserRequest, **extra: Any) -> Item:
    """The item of ``request``; ``extra`` are attributes beside the model, such as ``Fingerprint``."""
    return to_item(request, ExpiresAt=int(request.expires_at.timestamp()), **extra)


def is_request(item: Mapping[str, Any]) -> bool:
    """Whether an item (or a stream image) is a request; what stays of a deleted one has no status any more."""
    return "Status" in item


def as_request(item: Mapping[str, Any]) -> UserRequest:
    """The request an item, or an image of the table's stream, holds.

    Raises ``msgspec.ValidationError`` for anything else.
    """
    values: dict[str, Any] = {name: _plain(typed) for name, typed in item.items()}
    return msgspec.convert(values | {"ExpiresAt": datetime.fromtimestamp(values["ExpiresAt"], UTC)}, UserRequest)


def _plain(typed: Mapping[str, str]) -> str | int | Decimal | None:
    """A request has texts and numbers only, which is a third of the work of reading any attribute there is."""
    if "S" in typed:
        return typed["S"]
    number = typed.get("N")
    return None if number is None else int(number) if number.isdigit() else Decimal(number)
