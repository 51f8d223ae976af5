"""The browser of this process: started with the first job, kept between jobs and calls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.scraping import chromium
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.scraping.browser import Browser


def user_agent() -> str:
    """Who we are, honestly, and whom to write to."""
    return f"Mozilla/5.0 (compatible; Shelfwatch/1.0; +mailto:{settings().scrape_contact})"


@cache
def browser_of_process() -> Browser:
    """The one browser of this process.  ``SettingError`` when the layer is not there."""
    return start_browser(Path(settings().selenium_layer) if settings().selenium_layer else None)


def start_browser(layer: Path | None = None) -> Browser:
    """A browser from the layer that Selenium lies in, or from ``layer``; ``close`` it when done.

    Chromium is unpacked while Selenium is being imported: a cold worker waits for the longer of the two only.
    """
    with ThreadPoolExecutor(1) as aside:
        unpacked = aside.submit(chromium.unpack, layer or chromium.layer_of_selenium())
        from chalicelib.scraping.browser import Browser

        return Browser(user_agent(), unpacked.result())
