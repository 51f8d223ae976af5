"""A page as it was read, whichever way it was read."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.errors import RetryLater

MAX_HTML = 5_000_000
"""Characters kept of a page's HTML."""
PAGE_BYTES = 20_000_000
"""Bytes one page may load, everything together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: its address after redirects, HTTP status (0: unknown), HTML, and how long a refusal asks us to wait."""

    url: str
    status: int
    html: str
    retry_after: int | None = None
    """Seconds of a ``Retry-After`` header."""
    ready: bool = True
    """Whether it came to show what the shop's declaration waits for."""
    next_url: str | None = None
    """Where the shop's next-link leads, absolute, where the reader looked for it."""


class PageFailed(RetryLater):
    """The page could not be read: too large, too slow, or the shop cannot be reached.  The message says which."""


class BrowserLost(RetryLater):
    """Browser or driver died under a page.  The next use starts a new one, which knows no cookies."""
