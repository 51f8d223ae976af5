"""From "scrape started" to "last text delivered" on the local stack: seconds per stage, and memory of everything."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.harness import CannotRun, Figure, Limit, Report, figure, seconds
from benchmarks.pipeline_stack import PLACE, MemoryWatch, fresh_stack
from local.calling import samples
from local.following import Timeline, compare, follow, scrape, submit

RUNS = 3


def run(data: Path | None) -> Report:
    """``RUNS`` runs, each on a fresh stack: the sample shop read for the three postcodes of the sample requests."""
    measured: dict[str, list[float]] = {}
    plain: list[float] = []
    for _ in range(RUNS):
        for name, value in one_run(plain).items():
            measured.setdefault(name, []).append(value)
    figures = {name: figure(values, "MiB" if name == "peak memory" else "s") for name, values in measured.items()}
    return Report(
        figures=figures,
        baseline={"scraped": figure(plain, "s")} if plain else {},
        limits={"last text": Limit(at_most=60), "peak memory": Limit(at_most=3 * 1024)},
        notes=notes(figures),
    )


def notes(figures: dict[str, Figure]) -> list[str]:
    """What the rows mean."""
    return [
        "Seconds from the call of the scrape schedule's function to the last thing a stage did; the stages overlap.",
        "Memory: proportional set size of emulator, functions, browsers, OpenSearch and shop together.",
        "Baseline of scraped: the same pages opened one after another by one browser in a bare loop.",
    ]


def one_run(plain: list[float]) -> dict[str, float]:
    """Stage → seconds, and the peak of the memory in MiB.  ``plain`` gets the bare loop's seconds on the same stack.

    ``CannotRun`` where the texts are not the expected ones: a fast run that does the wrong thing is no figure.
    """
    timeline = Timeline()
    with fresh_stack() as api:
        submitted = submit(api, samples())
        with MemoryWatch(PLACE.state) as memory:
            began = time.monotonic()
            scrape(PLACE)
            planned = time.monotonic() - began
            follow(PLACE, lambda seen, passed, _: timeline.note(seen, passed + planned), give_up_when_away=True)
        missing, surplus = compare(PLACE, submitted)
        if missing or surplus:
            raise CannotRun(f"The texts are not the expected ones: missing {missing}, surplus {surplus}.")
        plain += bare_loop(sorted({sample.postcode for sample in submitted.values()}))
    return {"run planned": planned, **timeline.stages(), "peak memory": memory.peak_mib}


def bare_loop(postcodes: list[str]) -> Iterator[float]:
    """Seconds one plain browser takes for all pages of all postcodes; nothing where the machine has no browser."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser and driver:
        yield seconds(lambda: read_plainly(browser, driver, postcodes))


def read_plainly(browser: str, driver: str, postcodes: list[str]) -> int:
    """Opens every page of the shop for every postcode, and counts the cards."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        return sum(read_postcode(window, postcode) for postcode in postcodes)
    finally:
        window.quit()


def read_postcode(window: Any, postcode: str) -> int:
    """The number of cards on all pages for one postcode, by following the link to the next page."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    window.get(f"{PLACE.shop}/")
    field = window.find_element(By.ID, "postcode")
    field.clear()
    field.send_keys(postcode)
    field.submit()
    cards = 0
    while True:
        ready = WebDriverWait(window, 20, poll_frequency=0.05)
        ready.until(lambda page: page.find_elements(By.CSS_SELECTOR, "#products[data-state=ready]"))
        cards += len(window.find_elements(By.CSS_SELECTOR, "article.card"))
        following = window.find_elements(By.CSS_SELECTOR, "a[rel=next]")
        if not following:
            return cards
        window.get(following[0].get_attribute("href"))
