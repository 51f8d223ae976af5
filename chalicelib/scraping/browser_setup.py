"""How a browser is started and what it is told before its first page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.webdriver import WebDriver

from chalicelib.scraping.browser_scripts import BLOCKED, DRAWN, FLAGS, QUIET


def options(binary: Path, proxy: str, user_agent: str) -> Options:
    """What the driver starts ``binary`` with: eager pages, everything through ``proxy`` (``host:port``), no dialogs."""
    chosen = Options()
    chosen.binary_location = str(binary)
    chosen.page_load_strategy = "eager"
    chosen.unhandled_prompt_behavior = "dismiss"
    for flag in (*FLAGS, f"--proxy-server=http://{proxy}", f"--user-agent={user_agent}"):
        chosen.add_argument(flag)
    chosen.add_experimental_option("excludeSwitches", ["disable-popup-blocking", "enable-automation"])
    chosen.add_experimental_option("perfLoggingPrefs", {"enableNetwork": True, "enablePage": False})
    chosen.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    return chosen


def settle(driver: WebDriver, page_seconds: float, script_seconds: float) -> None:
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
