"""Starting a browser and its driver, what they are told before their first page, and ending them without a trace."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from chalicelib.scraping import chromium
from chalicelib.scraping.browser_scripts import BLOCKED, DRAWN, FLAGS, QUIET
from chalicelib.scraping.pages import BrowserLost

STARTS = 3
"""Times a browser is started until it stays."""


class Launcher:
    """One browser at a time, through ``proxy`` (``host:port``), with ``user_agent``."""

    def __init__(self, unpacked: chromium.Chromium, proxy: str, user_agent: str) -> None:
        self._chromium, self._proxy, self._user_agent = unpacked, proxy, user_agent
        self.running: WebDriver | None = None
        self.scratch: Path | None = None
        """The folder in which the running browser keeps all it writes."""
        self.launches = 0

    def launch(self, page_seconds: float, script_seconds: float) -> WebDriver:
        """A started browser, with its limits in seconds for a page's DOM and for a script of ours.

        In one process, as Lambda needs it, Chromium now and then ends while it starts: ``BrowserLost`` when it has done
        so several times.
        """
        for attempt in range(1, STARTS + 1):
            self.scratch = chromium.scratch_folder()
            service = Service(executable_path=str(self._chromium.driver), env=self._chromium.environment(self.scratch))
            try:
                self.running = WebDriver(self._options(), service)
                _settle(self.running, page_seconds, script_seconds)
                break
            except (WebDriverException, HTTPError, OSError) as error:
                self.drop()
                if attempt == STARTS:
                    raise BrowserLost(f"the browser does not start: {first_line(error)}") from error
        self.launches += 1
        assert self.running is not None
        return self.running

    def drop(self) -> None:
        """End browser and driver and remove what they wrote."""
        driver, self.running = self.running, None
        scratch, self.scratch = self.scratch, None
        if scratch is not None:
            chromium.end_launch(scratch)
        if driver is not None:
            with contextlib.suppress(Exception):
                driver.service.process.wait(5)

    def _options(self) -> Options:
        chosen = Options()
        chosen.binary_location = str(self._chromium.binary)
        chosen.page_load_strategy = "eager"
        chosen.unhandled_prompt_behavior = "dismiss"
        for flag in (*FLAGS, f"--proxy-server=http://{self._proxy}", f"--user-agent={self._user_agent}"):
            chosen.add_argument(flag)
        chosen.add_experimental_option("excludeSwitches", ["disable-popup-blocking", "enable-automation"])
        chosen.add_experimental_option("perfLoggingPrefs", {"enableNetwork": True, "enablePage": False})
        chosen.set_capability("goog:loggingPrefs", {"performance": "ALL"})
        return chosen


def _settle(driver: WebDriver, page_seconds: float, script_seconds: float) -> None:
    """Limits and blocks that hold for every page: seconds for its DOM, and for a script of ours."""
    driver.set_page_load_timeout(page_seconds)
    driver.set_script_timeout(script_seconds + 2)
    executor: Any = driver.command_executor
    executor.client_config.timeout = page_seconds + script_seconds
    driver.execute_cdp_cmd("Network.enable", {"maxTotalBufferSize": 1_000_000, "maxResourceBufferSize": 500_000})
    driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": list(BLOCKED)})
    driver.execute_cdp_cmd("Network.setBypassServiceWorker", {"bypass": True})
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": QUIET})
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", DRAWN)
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "deny"})


def first_line(error: BaseException) -> str:
    """What went wrong, without the driver's stack; at most 200 characters."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
