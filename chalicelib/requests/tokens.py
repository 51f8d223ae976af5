"""Page tokens: opaque to callers, signed, and good only for the listing they were given for.

The signature keeps a token that is not ours from being taken for one.  It guards no secret: what a token says is a
position in a query that its caller may run anyway, so that a stage without ``TOKEN_KEY`` is sound too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec

from chalicelib.errors import FieldError, InvalidRequest
from chalicelib.requests.listing import Filter, Position
from chalicelib.settings import settings

_SIGNATURE = 12
"""Bytes of the signature that a token carries."""


def keyed_hash(purpose: str, text: str) -> bytes:
    """32 bytes that stand for ``text``; without ``TOKEN_KEY`` nobody else can compute them."""
    stage = settings()
    key = stage.token_key or f"shelfwatch {stage.stage} {stage.user_requests_table}"
    return hmac.new(key.encode(), f"{purpose}\n{text}".encode(), hashlib.sha256).digest()


def write_token(position: Position, wanted: Filter) -> str:
    """The token of the page that begins after ``position`` in the listing of ``wanted``."""
    body = msgspec.json.encode((position.segment, position.request_id, position.sort))
    return base64.urlsafe_b64encode(_signature(body, wanted) + body).decode().rstrip("=")


def read_token(token: str, wanted: Filter) -> Position:
    """The position a token says.  Raises ``InvalidRequest`` for one that is not ours, or of another listing."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise _foreign() from None
    signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(body, wanted)):
        raise _foreign()
    segment, request_id, sort = msgspec.json.decode(body, type=tuple[int, str, str])
    return Position(segment, request_id, sort)


def _signature(body: bytes, wanted: Filter) -> bytes:
    listing = msgspec.json.encode((wanted.owner, wanted.postcode, wanted.status)).decode()
    return keyed_hash("page token", f"{listing}\n{body.decode('latin-1')}")[:_SIGNATURE]


def _foreign() -> InvalidRequest:
    message = "NextToken is not a token of this listing; start again without it"
    return InvalidRequest(message, (FieldError("NextToken", "InvalidToken", message),))
