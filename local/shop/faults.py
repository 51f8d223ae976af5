"""Bad days that an operator can order, to see what a reader of the shop makes of them."""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import Response

from local.shop.stock import WrongChange

KINDS = ("unavailable", "blocked", "slow", "empty")


class Faults:
    """Counts down the answers that still have to go wrong.  Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kind, self._left = "", 0

    def order(self, body: Any) -> None:
        """The next ``count`` answers (pages or listing calls) go wrong as ``kind`` says.

        ``WrongChange`` names wrong fields.
        """
        asked: dict[str, Any] = body if isinstance(body, dict) else {}
        kind, count = asked.get("kind", ""), asked.get("count", 1)
        errors = {}
        if kind not in KINDS:
            errors["kind"] = f"must be one of {', '.join(KINDS)}"
        if type(count) is not int or not 0 <= count <= 1_000:
            errors["count"] = "must be a whole number up to 1000"
        if errors:
            raise WrongChange(errors)
        with self._lock:
            self._kind, self._left = kind, count

    def clear(self) -> None:
        """Back to normal."""
        with self._lock:
            self._kind, self._left = "", 0

    def next(self) -> str:
        """What goes wrong with this answer; empty where nothing does."""
        with self._lock:
            if not self._left:
                return ""
            self._left -= 1
            return self._kind


def spoilt(kind: str) -> Response | None:
    """The answer of a bad day; ``None`` where the right answer may follow."""
    if kind == "unavailable":
        return Response("The shop is resting. Please come back soon.\n", 503, {"Retry-After": "2"})
    if kind == "blocked":
        return Response(
            "<!doctype html><title>Are you a robot?</title><h1>Please prove that you are human</h1>"
            '<form><div class="captcha">Tick every picture with a lark.</div></form>',
            403,
        )
    if kind == "slow":
        time.sleep(3)
    return None
