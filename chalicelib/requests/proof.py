"""Proof that a phone is the shopper's: a six-digit code by text, and the caps that keep texts from being abused."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.errors import FieldError, InvalidRequest, ShelfwatchError, TooMany
from chalicelib.models import UserRequest
from chalicelib.requests.guards import GuardStore, StoredCode
from chalicelib.settings import settings

CODE_LIFE = timedelta(minutes=10)
PAUSE = timedelta(seconds=60)
"""Between two codes for one request."""
ATTEMPTS = 5
_BLOCK = 5
"""Numbers that differ in their last five digits lie in one block, as Ofcom gives them to the operators."""
Sender = Callable[[str, str], None]
"""Texts a message (second) to a phone (first); raises ``RetryLater`` or ``Reject``."""


def reserve_text(phone: str, caller: str, guards: GuardStore, now: datetime) -> None:
    """Count a text that is about to be sent against every cap.  Raises ``TooMany`` when one of them is reached.

    From the narrowest to the widest, so that hammering on one phone does not use up what all share.
    """
    caps = settings().code_caps
    for kind, name in _capped(phone, caller):
        if not guards.count_text(kind, name, int(caps.get(kind, "0")), now):
            raise TooMany("TooManyCodes", "too many codes were texted today; try again tomorrow", _until_tomorrow(now))


def release_text(phone: str, caller: str, guards: GuardStore, now: datetime) -> None:
    """Take back a reserved text that need not be sent."""
    for kind, name in _capped(phone, caller):
        guards.uncount_text(kind, name, now)


def _capped(phone: str, caller: str) -> tuple[tuple[str, str], ...]:
    """What a text is counted for: kind of cap and name."""
    return (("phone", phone), ("prefix", phone[:-_BLOCK]), ("caller", caller), ("stage", ""))


def allow_another(request: UserRequest, guards: GuardStore, now: datetime) -> None:
    """Raises ``TooMany`` while the last code of a request is too young for another."""
    made_at = guards.code_made_at(request.request_id)
    if made_at is not None and now - made_at < PAUSE:
        raise too_soon()


def too_soon() -> TooMany:
    """The refusal of a code so shortly after another."""
    return TooMany("CodeSentRecently", "a code was just texted; wait a minute", int(PAUSE.total_seconds()))


def send_code(request: UserRequest, guards: GuardStore, send: Sender, now: datetime) -> bool:
    """Make a code for the request's phone, keep its hash and text it.  Raises what ``send`` raises.

    ``False``, and nothing sent, when one was texted within the last minute.
    """
    code = f"{secrets.randbelow(10**6):06}"
    salt = secrets.token_bytes(16)
    kept = StoredCode(salt, _digest(code, salt, request))
    if not guards.keep_code(request.request_id, kept, now, CODE_LIFE, PAUSE):
        return False
    try:
        send(request.phone_number, f"{code} is your Shelfwatch code, for 10 minutes. Not you? Ignore this text.")
    except ShelfwatchError:
        guards.drop_code(request.request_id)
        raise
    return True


def check_code(request: UserRequest, code: str, guards: GuardStore, now: datetime) -> StoredCode:
    """The kept code that ``code`` equals; it is used up by the write that confirms the phone.

    Raises ``InvalidRequest`` for a wrong code and for one that no longer counts.
    """
    kept = guards.take_attempt(request.request_id, ATTEMPTS, now)
    if kept is None:
        raise spent()
    if not hmac.compare_digest(kept.digest, _digest(code, kept.salt, request)):
        raise _refused("WrongCode", f"is not the code of the text; {ATTEMPTS - kept.attempts} attempts are left")
    return kept


def spent() -> InvalidRequest:
    """The refusal of a code that no longer counts."""
    return _refused("CodeExpired", "has expired or was tried too often; send PhoneNumber again to get another")


def _refused(code: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"VerificationCode {message}", (FieldError("VerificationCode", code, message),))


def _digest(code: str, salt: bytes, request: UserRequest) -> bytes:
    """Slow on purpose: whoever reads the table cannot try a million codes within the ten minutes one counts.

    The phone is part of it, so that a code proves the phone it was sent to and no other.
    """
    text = f"{code} {request.phone_number}".encode()
    return hashlib.scrypt(text, salt=salt, n=2**13, r=8, p=1, dklen=32)


def _until_tomorrow(now: datetime) -> int:
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((tomorrow - now).total_seconds()) + 1
