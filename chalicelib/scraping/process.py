"""The browser of this process: started with the first job, kept between jobs and calls."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.scraping.worker import user_agent
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.scraping.browser import Browser


@cache
def browser_of_process() -> Browser:
    """The one browser of this process.  ``SettingError`` when the layer is not there."""
    from chalicelib.scraping.browser import Browser

    layer = settings().selenium_layer
    return Browser(user_agent(settings()), Path(layer) if layer else None)
