"""The message the match worker reads."""

from __future__ import annotations

from chalicelib.models import Record


class MatchTask(Record, frozen=True, kw_only=True):
    """Match a postcode, or only one of its requests.

    Every field narrows the work; the rules are the same in each, so that overlapping tasks find the same matches.
    """

    v: int = 1
    postcode: str
    """Normalised: ``SW1A 1AA``."""
    request_id: str | None = None
    """Only this request (it is new or was changed)."""
    run_id: str | None = None
    """The scrape run after which this task was sent, where there was one."""
    correlation_id: str = ""
