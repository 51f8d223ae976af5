"""The same ``Idempotency-Key`` and body give the same request, never a second one.

A key and its caller make the request's id, so that the one conditional put that stores the request also decides between
two posts at the same time, and a retry after a lost answer finds what the first one stored.  See
``docs/decisions/0012-an-idempotency-key-makes-the-id.md``.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import msgspec

from chalicelib.errors import Conflict, FieldError, InvalidRequest
from chalicelib.items import Item
from chalicelib.models import UserRequest
from chalicelib.requests.inputs import NewRequest
from chalicelib.requests.records import as_request, is_request
from chalicelib.requests.tokens import keyed_hash

RETRIES = timedelta(days=1)
"""How long a deleted request's key is remembered."""
KEY_PATTERN = "^[!-~]{1,255}$"
_NAMESPACE = uuid.UUID("0f1c2f0e-3c53-4a9e-9d9b-6f0a6d1f6a55")


def read_key(header: str | None) -> str | None:
    """The key a caller sent, or ``None``.  Raises ``InvalidRequest`` for one that is no printable ASCII."""
    if header is not None and not re.fullmatch(KEY_PATTERN[1:-1], header):
        message = "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces, such as a UUID"
        raise InvalidRequest(message, (FieldError("Idempotency-Key", "InvalidKey", message),))
    return header


def request_id(caller: str, key: str | None) -> str:
    """The id of the request that a caller makes with a key; any new one without a key."""
    return str(uuid.uuid5(_NAMESPACE, f"{caller}\n{key}") if key else uuid.uuid4())


def marks(wish: NewRequest, now: datetime) -> dict[str, Any]:
    """What is stored beside a request that was made with a key."""
    return {"Fingerprint": _fingerprint(wish), "RetriesUntil": int((now + RETRIES).timestamp())}


def replayed(item: Item, wish: NewRequest) -> UserRequest:
    """The request that the key of ``item`` made, as it now is.

    Raises ``Conflict`` when it was made from another body, or was deleted since.
    """
    if item.get("Fingerprint", {}).get("S") != _fingerprint(wish):
        raise Conflict("this Idempotency-Key was used with another body; use a new key", "IdempotencyKeyReused")
    if not is_request(item):
        raise Conflict("the request of this Idempotency-Key was deleted; use a new key", "IdempotencyKeyReused")
    return as_request(item)


def _fingerprint(wish: NewRequest) -> str:
    """Of the normalised input, so that ``sw1a1aa`` and ``SW1A 1AA`` are the same body."""
    return keyed_hash("fingerprint", msgspec.json.encode(wish).decode()).hex()
