"""What a value object raises when a value cannot be one."""

from __future__ import annotations


class Wrong(ValueError):
    """A value that breaks a rule: ``code`` is stable, the message says what is wrong and what to do.

    It never repeats a phone number.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
