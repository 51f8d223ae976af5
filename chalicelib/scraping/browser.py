"""Chromium, driven by Selenium from the layer.  Only this module and ``launching`` import selenium.

One browser serves a worker for as long as it lives: pages load eagerly, without images, fonts and media, and through
the filtering proxy only.  A browser that died, hung or grew too large is replaced before the next page.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from selenium.common.exceptions import (
    InvalidSessionIdException,
    JavascriptException,
    NoSuchElementException,
    TimeoutException,
    WebDriverException,
)
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from urllib3.exceptions import HTTPError

from chalicelib.scraping import chromium
from chalicelib.scraping.browser_scripts import LOOK, SCROLL, TAKE
from chalicelib.scraping.guard import Guard
from chalicelib.scraping.launching import Launcher, first_line
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
LOOK_EVERY = 10
"""Pages between two looks at the memory."""


class _Look(NamedTuple):
    """What a page is like at one moment: there to its end, showing what was waited for, and its content if so."""

    arrived: bool
    shown: bool
    taken: Any = None


class Browser:
    """A browser for one worker.  Start it with ``with``, or ``close`` it; ``serve`` says which shop it is for.

    Methods raise ``PageFailed`` (this page), ``BrowserLost`` (cookies and place are lost) or ``Forbidden``.
    """

    def __init__(self, user_agent: str, unpacked: chromium.Chromium) -> None:
        """``unpacked``: what ``chromium.unpack`` gave for the layer's folder."""
        chromium.clean_orphans()
        self._proxy = Proxy()
        self._launcher = Launcher(unpacked, self._proxy.address, user_agent)
        self._pages = 0
        self._document: float | None = None
        """When the document that was last looked at began; no two begin at the same time."""
        self._led = False
        """Whether steps have led to the present page and nobody has taken it yet."""

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def session(self) -> int:
        """Counts the browsers: while it stays the same, so do cookies and the shop's memory of the postcode."""
        return self._launcher.launches + (self._launcher.running is None)

    @property
    def refused(self) -> dict[str, int]:
        """Connections that were refused since ``serve``: reason → times."""
        return dict(self._proxy.refused)

    def serve(self, guard: Guard) -> None:
        """Read the shop of ``guard`` from now on, without cookies of the one before."""
        self._proxy.serve(guard)
        if self._launcher.running is not None:
            with self._watched():
                self._launcher.running.execute_cdp_cmd("Network.clearBrowserCookies", {})

    def shed(self) -> None:
        """Give up a browser that has grown too large; looked at now and then, between pages."""
        self._pages += 1
        if self._pages % LOOK_EVERY == 0 and chromium.resident_bytes(self._launcher.scratch) > MEMORY_LIMIT:
            self._launcher.drop()

    def open(self, url: str, ready: str | None = None, next_selector: str | None = None) -> Page:
        """Load ``url`` and give the page once it shows ``ready`` (a CSS selector), or after a while without it."""
        self._proxy.guard.check_page(url)
        driver = self._ready_driver()
        self._proxy.begin_page(PAGE_BYTES)
        with self._watched():
            left = self._go(driver, url)
            look = self._wait(ready, left, MAX_HTML, next_selector)
            return replace(self._page(look.taken or self._take(next_selector)), ready=look.shown)

    def page(self, next_selector: str | None = None) -> Page:
        """The page as it is now.  ``Forbidden`` when it has left the shop, ``PageFailed`` when it is too large."""
        with self._watched():
            return self._page(self._take(next_selector))

    def do(self, url: str, steps: tuple[Step, ...], words: dict[str, str]) -> None:
        """Open ``url`` and do the steps of a visitor; ``words`` are what ``{postcode}`` and the like stand for."""
        page = self.open(url)
        if page.status >= 400:
            raise PageFailed(f"the shop answered {page.status}", page.retry_after)
        with self._watched():
            for step in steps:
                self._do(step, words)
            self._led = True

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
        return self._launcher.scratch

    def restart(self) -> None:
        """Take a new browser for the next page."""
        self._launcher.drop()

    def close(self) -> None:
        """End browser, driver and proxy and remove what they wrote."""
        self._launcher.drop()
        self._proxy.close()

    # Inside ----------------------------------------------------------------------------------------------------------

    def _go(self, driver: WebDriver, url: str) -> float | None:
        """Leave for ``url``, unless a visitor's steps have just led there; gives the document that was left."""
        led, self._led = self._led, False
        if led and driver.current_url == url:
            return None
        left = None if "#" in url else self._document  # a fragment may lead to another place of the same document
        driver.get(url)
        return left

    def _take(self, next_selector: str | None) -> Any:
        return self._ready_driver().execute_script(TAKE, MAX_HTML, next_selector)

    def _page(self, taken: Any) -> Page:
        driver = self._ready_driver()
        url, html, next_url = taken
        self._one_window(driver)
        status, retry_after = answer_of(driver.get_log("performance"), url)  # type: ignore[no-untyped-call]
        if url.startswith(("chrome-error:", "about:")):
            raise PageFailed("the shop cannot be reached")
        self._proxy.guard.check_page(url)
        if self._proxy.exhausted:
            self._launcher.drop()
            raise PageFailed(f"the page is larger than {PAGE_BYTES} bytes")
        return Page(url=url, status=status, html=html, retry_after=retry_after, next_url=next_url)

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
        if not self._wait(step.wait).shown:
            raise PageFailed(f"the page does not come to show {step.wait!r}")

    def _wait(self, ready: str | None, left: float | None = None, *taking: Any) -> _Look:
        """What is seen once the page shows what ``ready`` finds, or when it is late; ``left``: the document before it.

        Asked again and again from outside: a script that waits inside the page is lost when the page is left.
        ``PageFailed`` when no page arrives at all: a download, a file, an empty answer.
        """
        deadline = time.monotonic() + READY_SECONDS
        while True:
            look = self._look(ready, left, *taking)
            if look.shown or (look.arrived and time.monotonic() > deadline):
                return look
            if time.monotonic() > deadline:
                raise PageFailed("the shop gives no page there")
            time.sleep(0.01)

    def _look(self, *arguments: Any) -> _Look:
        try:
            self._document, *seen = self._ready_driver().execute_script(LOOK, *arguments)
        except JavascriptException:  # the page was being left
            return _Look(arrived=False, shown=False)
        return _Look(*seen)

    def _ready_driver(self) -> WebDriver:
        return self._launcher.running or self._launcher.launch(PAGE_SECONDS, READY_SECONDS)

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Turn what Selenium raises into our words; a browser in doubt is dropped, so that nothing of it is left."""
        try:
            yield
        except (BrowserLost, PageFailed):
            raise
        except TimeoutException as error:
            self._launcher.drop()
            raise PageFailed("the page takes too long") from error
        except (InvalidSessionIdException, HTTPError, OSError) as error:
            self._launcher.drop()
            raise BrowserLost("the browser died") from error
        except WebDriverException as error:
            message = first_line(error)
            if self._proxy.exhausted:
                self._launcher.drop()
                raise PageFailed(f"the page is larger than {PAGE_BYTES} bytes") from error
            if "net::" in message:
                raise PageFailed(f"the shop cannot be reached: {message.partition('net::')[2][:60]}") from error
            self._launcher.drop()
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
