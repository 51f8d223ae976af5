"""robots.txt: what a shop asks automatic readers to leave alone, and how fast they may come (RFC 9309).  Pure rules.

The file is fetched once a day for a host and kept in the pipeline table by ``RobotsStore``.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from urllib.parse import urlsplit

from protego import Protego

from chalicelib import aws
from chalicelib.errors import RetryLater
from chalicelib.items import Item
from chalicelib.scraping.pages import PageFailed
from chalicelib.settings import settings

AGENT = "Shelfwatch"
"""Our product token in robots.txt."""
KEPT_SECONDS = 86_400
"""RFC 9309, section 2.4: not longer than 24 hours."""
LONGEST_FILE = 500 * 1024
"""Bytes; RFC 9309, section 2.5."""
Fetch = Callable[[str], tuple[int, str]]
"""Gives status and text of a URL; raises ``PageFailed`` when the host cannot be reached."""


class Robots:
    """The rules of one host for us."""

    def __init__(self, text: str) -> None:
        self._rules = Protego.parse(text)

    def allows(self, url: str) -> bool:
        """Whether we may read ``url``."""
        return bool(self._rules.can_fetch(url, AGENT))

    @property
    def pause(self) -> float:
        """Seconds between two pages the host asks for; 0 when it does not say."""
        rate = self._rules.request_rate(AGENT)
        per_rate = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return max(float(self._rules.crawl_delay(AGENT) or 0), float(per_rate))


def text_for(status: int, body: str) -> str:
    """The rules a robots.txt answer means.

    A missing file allows everything (4xx), except that 429 and server errors mean "not now": ``RetryLater`` (RFC 9309,
    sections 2.3.1.3 and 2.3.1.4).
    """
    if status == 200:
        return body[:LONGEST_FILE]
    if status == 429 or status >= 500:
        raise RetryLater(f"robots.txt answered {status}")
    return ""


class RobotsStore:
    """robots.txt of hosts, kept for a day for all workers: ``Host#<host>`` / ``Robots`` in the pipeline table."""

    def __init__(self, fetch: Fetch, table: str | None = None) -> None:
        self._fetch, self._table = fetch, table or settings().pipeline_table
        self._known: dict[str, tuple[float, Robots]] = {}

    def of(self, url: str) -> Robots:
        """The rules of the host of ``url``.  ``RetryLater`` when they cannot be had: nothing is read without them."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = self._known.get(origin)
        if known is None or known[0] < time.time():
            known = self._known[origin] = (time.time() + KEPT_SECONDS / 24, Robots(self._text(origin)))
        return known[1]

    def _text(self, origin: str) -> str:
        key: Item = {"PK": {"S": f"Host#{origin}"}, "SK": {"S": "Robots"}}
        item = aws.dynamodb().get_item(TableName=self._table, Key=key).get("Item")
        if item and float(item["ExpiresAt"]["N"]) > time.time():
            return zlib.decompress(bytes(item["Body"]["B"])).decode()
        try:
            text = text_for(*self._fetch(f"{origin}/robots.txt"))
        except PageFailed as error:
            raise RetryLater(f"robots.txt cannot be read: {error}") from None
        body = zlib.compress(text.encode())
        if len(body) < 350_000:
            expiry = {"N": str(int(time.time()) + KEPT_SECONDS)}
            aws.dynamodb().put_item(TableName=self._table, Item=key | {"Body": {"B": body}, "ExpiresAt": expiry})
        return text
