"""What Chromium's network log says of a page's own document.  Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.scraping.waiting import seconds_of


def answer_of(entries: Iterable[Mapping[str, Any]], url: str) -> tuple[int, int | None]:
    """Status and ``Retry-After`` seconds of the document at ``url``, from entries of the driver's performance log.

    Status 0 where the log has no answer for it.
    """
    status, retry_after = 0, None
    for entry in entries:
        if '"Network.responseReceived"' not in entry["message"] or '"Document"' not in entry["message"]:
            continue
        answer = json.loads(entry["message"])["message"]["params"]["response"]
        if answer["url"].split("#")[0] == url.split("#")[0]:
            headers = {name.lower(): value for name, value in answer["headers"].items()}
            status, retry_after = int(answer["status"]), seconds_of(headers.get("retry-after"))
    return status, retry_after
