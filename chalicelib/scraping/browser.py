"""Chromium, driven by Selenium from the layer.  Only this module and ``browser_setup`` import selenium.

One browser serves a worker for as long as it lives: pages load eagerly, without images, fonts and media, and through
the filtering proxy only.  A browser that died, hung or grew too large is replaced before the next page.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from selenium.common.exceptions import (
    InvalidSessionIdException,
    JavascriptException,
    NoSuchElementException,
    TimeoutException,
    WebDriverException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from urllib3.exceptions import HTTPError

from chalicelib.scraping import chromium
from chalicelib.scraping.browser_scripts import SCROLL, SEEN, TAKE
from chalicelib.scraping.browser_setup import options, settle
from chalicelib.scraping.guard import Guard
from chalicelib.scraping.network_log import answer_of
from chalicelib.scraping.pages import MAX_HTML, PAGE_BYTES, BrowserLost, Page, PageFailed
from chalicelib.scraping.proxy import Proxy
from chalicelib.scraping.shops.declaration import Step

PAGE_SECONDS = 20
"""Until a page has its DOM; a script that loops or a server that stalls ends here."""
READY_SECONDS = 8
"""Until a rendered page shows what its declaration waits for."""
MEMORY_LIMIT = 450 * 1024 * 1024
"""Resident bytes of browser and driver above which the next page gets a new browser."""
STARTS = 3
"""Times a browser is started until it stays."""
LOOK_EVERY = 10
"""Pages between two looks at the memory."""


class Browser:
    """A browser for one worker.  Start it with ``with``, or ``close`` it; ``serve`` says which shop it is for.

    Methods raise ``PageFailed`` (this page), ``BrowserLost`` (cookies and place are lost) or ``Forbidden``.
    """

    def __init__(self, user_agent: str, unpacked: chromium.Chromium) -> None:
        """``unpacked``: what ``chromium.unpack`` gave for the layer's folder."""
        chromium.clean_orphans()
        self._user_agent = user_agent
        self._chromium = unpacked
        self._proxy = Proxy()
        self._driver: WebDriver | None = None
        self._scratch: Path | None = None
        self._document: float | None = None
        self._launches = 0
        self._pages = 0

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def session(self) -> int:
        """Counts the browsers: while it stays the same, so do cookies and the shop's memory of the postcode."""
        return self._launches + (self._driver is None)

    @property
    def refused(self) -> dict[str, int]:
        """Connections that were refused since ``serve``: reason → times."""
        return dict(self._proxy.refused)

    def serve(self, guard: Guard) -> None:
        """Read the shop of ``guard`` from now on, without cookies of the one before."""
        self._proxy.serve(guard)
        if self._driver is not None:
            with self._watched():
                self._driver.execute_cdp_cmd("Network.clearBrowserCookies", {})

    def shed(self) -> None:
        """Give up a browser that has grown too large; looked at now and then, between pages."""
        self._pages += 1
        if self._pages % LOOK_EVERY == 0 and chromium.resident_bytes(self._scratch) > MEMORY_LIMIT:
            self._drop()

    def open(self, url: str, ready: str | None = None, next_selector: str | None = None) -> Page:
        """Load ``url`` and give the page once it shows ``ready`` (a CSS selector), or after a while without it."""
        self._proxy.guard.check_page(url)
        driver = self._ready_driver()
        self._proxy.begin_page(PAGE_BYTES)
        with self._watched():
            left = None if "#" in url else self._document  # a fragment may lead to another place of the same document
            driver.get(url)
            seen = self._wait(ready, left)
            return replace(self.page(next_selector), ready=seen)

    def page(self, next_selector: str | None = None) -> Page:
        """The page as it is now.  ``Forbidden`` when it has left the shop, ``PageFailed`` when it is too large."""
        with self._watched():
            driver = self._ready_driver()
            self._one_window(driver)
            url, html, next_url = driver.execute_script(TAKE, MAX_HTML, next_selector)
            log = driver.get_log("performance")  # type: ignore[no-untyped-call]
            status, retry_after = answer_of(log, url)
        if url.startswith(("chrome-error:", "about:")):
            raise PageFailed("the shop cannot be reached")
        self._proxy.guard.check_page(url)
        if self._proxy.exhausted:
            self._drop()
            raise PageFailed(f"the page is larger than {PAGE_BYTES} bytes")
        return Page(url=url, status=status, html=html, retry_after=retry_after, next_url=next_url)

    def do(self, url: str, steps: tuple[Step, ...], words: dict[str, str]) -> None:
        """Open ``url`` and do the steps of a visitor; ``words`` are what ``{postcode}`` and the like stand for."""
        page = self.open(url)
        if page.status >= 400:
            raise PageFailed(f"the shop answered {page.status}", page.retry_after)
        with self._watched():
            for step in steps:
                self._do(step, words)

    def set_cookie(self, origin: str, name: str, value: str) -> None:
        """Give the browser a cookie for ``origin`` (``https://shop.example``)."""
        with self._watched():
            self._ready_driver().execute_cdp_cmd("Network.setCookie", {"url": origin, "name": name, "value": value})

    def scroll(self, ready: str | None = None, milliseconds: int = 1500) -> bool:
        """Scroll to the end of the page; whether it grew within ``milliseconds``."""
        with self._watched():
            grew = bool(self._ready_driver().execute_async_script(SCROLL, milliseconds))
            self._wait(ready)
            return grew

    def run(self, script: str) -> Any:
        """What a script of ours gives in the present page (never a script of a declaration)."""
        with self._watched():
            return self._ready_driver().execute_script(script)

    def screenshot(self, path: Path) -> None:
        """Save the present page's picture (PNG)."""
        with self._watched():
            self._ready_driver().save_screenshot(str(path))

    @property
    def scratch(self) -> Path | None:
        """The folder in which the running browser keeps all it writes."""
        return self._scratch

    def restart(self) -> None:
        """Take a new browser for the next page."""
        self._drop()

    def close(self) -> None:
        """End browser, driver and proxy and remove what they wrote."""
        self._drop()
        self._proxy.close()

    # Inside ----------------------------------------------------------------------------------------------------------

    def _do(self, step: Step, words: dict[str, str]) -> None:
        driver = self._ready_driver()
        try:
            element = driver.find_element(By.CSS_SELECTOR, step.selector)
        except NoSuchElementException:
            if step.optional:
                return
            raise PageFailed(f"the page does not show {step.selector!r}") from None
        if step.text is None:
            element.click()
        else:
            element.clear()
            element.send_keys(_filled(step.text, words))
        if not self._wait(step.wait):
            raise PageFailed(f"the page does not come to show {step.wait!r}")

    def _wait(self, ready: str | None, left: float | None = None) -> bool:
        """Whether the page comes to show what ``ready`` finds, in time; ``left`` is the document that was left for it.

        Asked again and again from outside: a script that waits inside the page is lost when the page is left.
        ``PageFailed`` when no page arrives at all: a download, a file, an empty answer.
        """
        deadline = time.monotonic() + READY_SECONDS
        while True:
            arrived, shown = self._look(ready, left)
            if shown:
                return True
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
        if not arrived:
            raise PageFailed("the shop gives no page there")
        return False

    def _look(self, ready: str | None, left: float | None) -> tuple[bool, bool]:
        """Whether a document other than ``left`` is there, and whether it shows what ``ready`` finds."""
        try:
            self._document, arrived, shown = self._ready_driver().execute_script(SEEN, ready, left)
        except JavascriptException:  # the page was being left
            return False, False
        return bool(arrived), bool(shown)

    def _ready_driver(self) -> WebDriver:
        if self._driver is None:
            self._driver = self._launch()
        return self._driver

    def _launch(self) -> WebDriver:
        """A started browser.  In one process, as Lambda needs it, Chromium now and then ends while it starts."""
        for attempt in range(1, STARTS + 1):
            self._scratch = chromium.scratch_folder()
            service = Service(executable_path=str(self._chromium.driver), env=self._chromium.environment(self._scratch))
            try:
                driver = WebDriver(options(self._chromium.binary, self._proxy.address, self._user_agent), service)
                settle(driver, PAGE_SECONDS, READY_SECONDS)
            except (WebDriverException, HTTPError, OSError) as error:
                self._drop()
                if attempt == STARTS:
                    raise BrowserLost(f"the browser does not start: {_first_line(error)}") from error
            else:
                break
        self._launches += 1
        return driver

    def _drop(self) -> None:
        driver, self._driver = self._driver, None
        scratch, self._scratch = self._scratch, None
        if scratch is not None:
            chromium.end_launch(scratch)
        if driver is not None:
            with contextlib.suppress(Exception):
                driver.service.process.wait(5)

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Turn what Selenium raises into our words; a browser in doubt is dropped, so that nothing of it is left."""
        try:
            yield
        except (BrowserLost, PageFailed):
            raise
        except TimeoutException as error:
            self._drop()
            raise PageFailed("the page takes too long") from error
        except (InvalidSessionIdException, HTTPError, OSError) as error:
            self._drop()
            raise BrowserLost("the browser died") from error
        except WebDriverException as error:
            message = _first_line(error)
            if self._proxy.exhausted:
                self._drop()
                raise PageFailed(f"the page is larger than {PAGE_BYTES} bytes") from error
            if "net::" in message:
                raise PageFailed(f"the shop cannot be reached: {message.partition('net::')[2][:60]}") from error
            self._drop()
            raise BrowserLost(f"the browser failed: {message}") from error

    def _one_window(self, driver: WebDriver) -> None:
        first, *others = driver.window_handles
        for handle in others:
            driver.switch_to.window(handle)
            driver.close()
        if others:
            driver.switch_to.window(first)


def _filled(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
