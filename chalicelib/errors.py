"""One error family.  The class says what the caller does next; nothing else needs to be known of it."""

from __future__ import annotations

from dataclasses import dataclass


class ShelfwatchError(Exception):
    """Base of every error that Shelfwatch raises on purpose.

    ``str(error)`` is one line, safe to log and to show: it never holds a phone number.
    """


class SettingError(ShelfwatchError):
    """The operator has to mend a setting; the message names it and the remedy."""


class Reject(ShelfwatchError):
    """The input is wrong and will stay wrong: answer 4xx, or put the message aside with this reason."""


class RetryLater(ShelfwatchError):
    """Something we depend on is not there now; the same work may succeed later.

    ``after_seconds`` is how long to wait at least, where the other side said so.
    """

    def __init__(self, message: str, after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


class GiveUp(ShelfwatchError):
    """The work cannot be done and trying again will not help, though the input was sound."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field of a request: ``code`` is stable, ``message`` says what is wrong and what to do."""

    field: str
    code: str
    message: str


class InvalidRequest(Reject):
    """A request with wrong fields.  HTTP 400; ``errors`` names every one of them."""

    status = 400
    code = "InvalidRequest"

    def __init__(self, message: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message)
        self.errors = errors


class NotFound(Reject):
    """There is no such thing, or it is not the caller's.  HTTP 404."""

    status = 404
    code = "NotFound"


class Conflict(Reject):
    """The thing has changed, or the idempotency key was used for something else.  HTTP 409."""

    status = 409

    def __init__(self, message: str, code: str = "Conflict") -> None:
        super().__init__(message)
        self.code = code


class UnreadableBody(Reject):
    """The body as a whole cannot be taken: 413 (too large) or 415 (not JSON by its content type)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class TooMany(Reject):
    """A cap is reached.  HTTP 429; ``after_seconds`` is when the caller may try again."""

    status = 429

    def __init__(self, code: str, message: str, after_seconds: int) -> None:
        super().__init__(message)
        self.code = code
        self.after_seconds = after_seconds


class Unauthorized(Reject):
    """The caller is nobody we know.  HTTP 401."""

    status = 401
    code = "Unauthorized"
