"""What 1,000 pages and 50 restarts of the browser leave behind: a worker's memory, processes, files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.harness import Figure, Limit, Report, figure, single, tell
from benchmarks.pipeline_stack import proportional_mib
from benchmarks.scraping_shop import layer_folder, sample_shop

PAGES = 1_000
RESTARTS = 50
SAMPLE_EVERY = 20


def run(data: Path | None) -> Report:
    """Pages of the sample shop over and over in one browser, then one page for each of many browsers."""
    before = tempfile.tempdir
    with sample_shop() as origin, tempfile.TemporaryDirectory(prefix="endurance-") as own:
        memory = _memory(origin)
        tempfile.tempdir = own  # other workers of this machine write to the common one
        try:
            files, processes = _restarts(origin)
        finally:
            tempfile.tempdir = before
    quarter = len(memory) // 4
    first, last = figure(memory[quarter // 2 : quarter + quarter // 2], "MiB"), figure(memory[-quarter:], "MiB")
    return Report(
        figures={
            "memory, most": single(max(memory), "MiB"),
            "memory, last quarter": last,
            "files left by 50 restarts": files,
            "processes left by 50 restarts": processes,
        },
        baseline={"memory, last quarter": first},
        limits={
            "memory, most": Limit(at_most=600),
            "memory, last quarter": Limit(at_most=1.15, ratio=True),
            "files left by 50 restarts": Limit(at_most=0),
            "processes left by 50 restarts": Limit(at_most=0),
        },
        notes=[
            f"Memory: worker, driver and browser together (PSS), every {SAMPLE_EVERY} pages of {PAGES:,}.",
            "Baseline of the last quarter: the first pages, after warming up.",
        ],
    )


def _memory(origin: str) -> list[float]:
    from chalicelib.scraping import chromium
    from chalicelib.scraping.guard import guard_of
    from chalicelib.scraping.process import start_browser
    from chalicelib.scraping.products import listed_products
    from chalicelib.scraping.shops.declaration import BySteps
    from chalicelib.scraping.shops.sample import SHOP

    shop = SHOP.moved_to(origin)
    assert isinstance(shop.locating, BySteps)
    samples = []
    with start_browser(layer_folder()) as browser:
        browser.serve(guard_of(shop, shop.hosts))
        browser.do(shop.locating.url, shop.locating.steps, {"{postcode}": "SW1A 1AA"})
        for number in range(PAGES):
            page = browser.open(f"{origin}/products?page={number % 9 + 1}", shop.ready)
            assert listed_products(page, shop)
            if number % SAMPLE_EVERY == SAMPLE_EVERY - 1:
                pids = [os.getpid(), *chromium.own_processes()]
                samples.append(sum(proportional_mib(Path(f"/proc/{pid}")) for pid in pids))
                tell(f"{number + 1:,} of {PAGES:,} pages: {samples[-1]:.0f} MiB")
    return samples


def _restarts(origin: str) -> tuple[Figure, Figure]:
    """Files below the temporary folder and processes of ours that there are more after many browsers than after one."""
    from chalicelib.scraping.guard import guard_of
    from chalicelib.scraping.process import start_browser
    from chalicelib.scraping.shops.sample import SHOP

    shop = SHOP.moved_to(origin)
    before: tuple[int, int] | None = None
    for number in range(RESTARTS):
        with start_browser(layer_folder()) as browser:
            browser.serve(guard_of(shop, shop.hosts))
            browser.open(f"{origin}/")
        before = before or _left()
        tell(f"browser {number + 1} of {RESTARTS}")
    after = _left()
    assert before is not None
    return single(after[0] - before[0], "files"), single(after[1] - before[1], "processes")


def _left() -> tuple[int, int]:
    from chalicelib.scraping import chromium

    folder = Path(tempfile.gettempdir())
    ours = [*folder.glob("shelfwatch-*"), *folder.glob("*org.chromium*"), *folder.glob(".org.chromium*")]
    return sum(1 + len(list(path.rglob("*"))) for path in ours), len(chromium.own_processes())
