"""Reading one shop's pages for one postcode: permission, turn, page, products.  By browser, or by plain HTTP.

A page is asked for only when robots.txt allows it and it is this host's turn.  What goes wrong is said in the words of
``errors``: ``Blocked`` and ``Forbidden`` end the job, ``PageFailed`` and ``BrowserLost`` may be tried again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lxml import html as lxml_html

from chalicelib.errors import RetryLater
from chalicelib.scraping.fetching import Fetcher
from chalicelib.scraping.guard import Guard
from chalicelib.scraping.messages import ScrapeJob
from chalicelib.scraping.pages import BrowserLost, Page, PageFailed
from chalicelib.scraping.products import Blocked
from chalicelib.scraping.robots import Robots
from chalicelib.scraping.shops.declaration import ByCookie, BySteps, NextLink, Scroll, Shop
from chalicelib.scraping.turns import Turns
from chalicelib.scraping.waiting import seconds_of
from chalicelib.tracing import traced

if TYPE_CHECKING:
    from chalicelib.scraping.browser import Browser

LONGEST_NAP = 20.0
"""Seconds a worker sleeps until its turn; a longer wait is given back to the queue."""
WAIT_AFTER_REFUSAL = 30
"""Seconds to leave a host alone after "too many requests" or "unavailable" without a ``Retry-After``."""


class NotYet(RetryLater):
    """It is not our turn for ``after_seconds`` seconds: the job goes on later."""


class ShopReader:
    """Reads pages of one shop as a visitor of one postcode."""

    def __init__(
        self,
        job: ScrapeJob,
        shop: Shop,
        guard: Guard,
        turns: Turns,
        robots: Callable[[str], Robots],
        fetcher: Fetcher,
        browser: Callable[[], Browser] | None,
    ) -> None:
        """``browser`` is asked for one only when the shop needs scripts."""
        self._job, self._shop, self._guard = job, shop, guard
        self._turns, self._robots, self._fetcher, self._browser_of = turns, robots, fetcher, browser
        self._browser: Browser | None = None
        self._located_for = -1
        self._asked_at = float("-inf")

    def read(self, url: str) -> Page:
        """The page at ``url``, once the shop knows the postcode.

        ``Blocked`` when robots.txt says no, ``Forbidden`` for an address outside the shop, ``PageFailed`` or
        ``BrowserLost`` for a page that could not be read this time, ``NotYet`` when its turn is too far away.
        """
        self._guard.check_page(url)
        rules = self._robots(url)
        if not rules.allows(url):
            raise Blocked(f"robots.txt does not allow {urlsplit(url).path[:100]}")
        self._await_turn(url, max(self._shop.pause, rules.pause))
        with traced(urlsplit(url).netloc, http={"request": {"url": url, "method": "GET"}}):
            page = self._browse(url) if self._shop.needs_script else self._fetch(url)
        self._check_refusal(page)
        return page

    def _await_turn(self, url: str, pause: float) -> None:
        jitter = random.uniform(0, min(pause, 1.0) / 4)
        wait = self._turns.next_turn(urlsplit(url).netloc, pause + jitter if pause else 0)
        if wait > LONGEST_NAP:
            raise NotYet("the shop asks for a pause", int(wait) + 1)
        wait = max(wait, self._asked_at + pause - time.monotonic())  # where the last page was asked for late
        if wait > 0:
            time.sleep(wait)
        self._asked_at = time.monotonic()

    def _check_refusal(self, page: Page) -> None:
        if page.status in (429, 503):
            wait = page.retry_after if page.retry_after is not None else WAIT_AFTER_REFUSAL
            self._turns.wait_until(urlsplit(page.url).netloc, wait)
            raise PageFailed(f"the shop answered {page.status}", wait)

    # By browser ------------------------------------------------------------------------------------------------------

    def _browse(self, url: str) -> Page:
        browser = self._located()
        paging = self._shop.paging
        page = browser.open(url, self._shop.ready, paging.selector if isinstance(paging, NextLink) else None)
        if isinstance(paging, Scroll):
            page = self._scrolled(browser, paging)
        return page

    def _scrolled(self, browser: Browser, paging: Scroll) -> Page:
        for _ in range(paging.limit):
            if not browser.scroll(self._shop.ready):
                return browser.page()
        raise PageFailed(f"the page still grows after {paging.limit} screens")

    def _located(self) -> Browser:
        """The browser, after the shop was told the postcode (again, if the browser is a new one)."""
        if self._browser_of is None:
            raise BrowserLost("no browser here")
        if self._browser is None:
            self._browser = self._browser_of()
            self._browser.serve(self._guard)
            self._located_for = -1
        self._browser.shed()
        session = self._browser.session
        if self._located_for != session:
            self._locate(self._browser)
            self._located_for = session
        return self._browser

    def _locate(self, browser: Browser) -> None:
        locating = self._shop.locating
        if isinstance(locating, ByCookie):
            browser.set_cookie(self._shop.origin, locating.name, self._worded(locating.value))
        elif isinstance(locating, BySteps):
            browser.do(locating.url, locating.steps, self.words)

    @property
    def words(self) -> dict[str, str]:
        """What the placeholders of a declaration stand for here."""
        return {"{postcode}": self._job.postcode, "{key}": self._job.postcodes[0], "{region}": self._job.region}

    def _worded(self, text: str) -> str:
        return self._shop.url_with(text, self._job.postcode, self._job.region)

    # By plain HTTP ---------------------------------------------------------------------------------------------------

    def _fetch(self, url: str) -> Page:
        locating = self._shop.locating
        if isinstance(locating, ByCookie):
            self._fetcher.cookies.setdefault(locating.name, self._worded(locating.value))
        answer = self._fetcher.get(url)
        paging = self._shop.paging
        next_url = next_link(answer.text, answer.url, paging.selector) if isinstance(paging, NextLink) else None
        wait = seconds_of(answer.headers.get("retry-after"))
        return Page(url=answer.url, status=answer.status, html=answer.text, retry_after=wait, next_url=next_url)


def next_link(source: str, url: str, selector: str) -> str | None:
    """Where the first element that ``selector`` finds in the page leads, absolute; ``None`` without one."""
    from cssselect import HTMLTranslator

    if not source.strip():
        return None
    root = lxml_html.document_fromstring(source.encode(), base_url=url, parser=lxml_html.HTMLParser(encoding="utf-8"))
    root.make_links_absolute(url, resolve_base_href=True)
    for element in root.xpath(HTMLTranslator().css_to_xpath(selector)):
        target = element.get("href")
        if target and not target.endswith("#"):
            return str(target)
    return None
