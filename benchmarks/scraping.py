"""How fast shops are read: a heavy page, listing pages a minute, and a cold worker's first product."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.harness import Figure, Limit, Report, figure, side_by_side
from benchmarks.scraping_shop import heavy_page, layer_folder, sample_shop
from local.places import ROOT

ROUNDS = 5
PLAIN_FLAGS = ("--headless", "--no-sandbox", "--single-process", "--no-zygote", "--in-process-gpu", "--disable-gpu")
"""Without these this build of Chromium does not start."""
POSTCODE = "SW1A 1AA"
PRODUCT_PAGES = 30


def run(data: Path | None) -> Report:
    """Each beside plain Selenium with its defaults and the same browser, in turn."""
    with heavy_page() as page:
        ours, plain = _heavy(page)
    with sample_shop() as origin:
        pages, plain_pages = _listings(origin)
        by_http, by_browser = _product_pages(origin)
        cold = _cold(origin)
    return Report(
        figures={
            "heavy page speed-up": _ratio(plain, ours),
            "heavy page": ours,
            "listing pages": pages,
            "product pages, plain HTTP": by_http,
            "cold first product": cold,
        },
        baseline={"heavy page": plain, "listing pages": plain_pages, "product pages, plain HTTP": by_browser},
        limits={
            "heavy page speed-up": Limit(at_least=15),
            "listing pages": Limit(at_least=300),
            "product pages, plain HTTP": Limit(at_least=2, ratio=True),
            "cold first product": Limit(at_most=3),
        },
        notes=[
            "Heavy page: 40 images of 150 ms and a third party's script of 3 s; opened and its product read.",
            "Listing pages: the sample shop from form to last page, products read; no pause between pages.",
            "Baseline: plain Selenium with its defaults driving the same browser and reading with the same rules.",
            "Product pages: the same pages of the sample shop, which need no script; baseline: our own browser.",
            "Cold first product: a new process and an empty /tmp, from its start to the products of the first page.",
        ],
    )


def _ratio(plain: Figure, ours: Figure) -> Figure:
    return Figure(plain.median / ours.median, 0.0, "×", ours.samples)


def _heavy(url: str) -> tuple[Figure, Figure]:
    from selenium.webdriver.support.ui import WebDriverWait

    from chalicelib.scraping.extraction import extract_product
    from chalicelib.scraping.guard import guard_of
    from chalicelib.scraping.process import start_browser
    from chalicelib.scraping.shops.declaration import Shop

    place = url.split("/")[2]
    shop = Shop(key="heavy", name="Heavy", hosts=(place,), start=(url,))
    driver, end = _plain_driver()
    try:
        with start_browser(layer_folder()) as browser:
            browser.serve(guard_of(shop, [place]))

            def ours() -> None:
                assert extract_product(browser.open(url).html, url).price is not None

            def plain() -> None:
                driver.get(url)  # now and then before there is a page
                WebDriverWait(driver, 10).until(lambda page: extract_product(page.page_source, url).price is not None)

            timed = side_by_side({"ours": ours, "plain": plain}, repeats=ROUNDS, unit="s")
    finally:
        end()
    return timed["ours"], timed["plain"]


def _listings(origin: str) -> tuple[Figure, Figure]:
    """Pages a minute of ours and of plain Selenium, whole shop by whole shop, in turn."""
    from chalicelib.scraping.process import start_browser

    driver, end = _plain_driver()
    ours, plain = [], []
    try:
        with start_browser(layer_folder()) as browser:
            for turn in range(ROUNDS + 1):
                rates = _rate(lambda: _read_shop(browser, origin)), _rate(lambda: _read_plainly(driver, origin))
                driver.get("about:blank")  # its page would go on drawing beside ours
                if turn:
                    ours.append(rates[0])
                    plain.append(rates[1])
    finally:
        end()
    return figure(ours, "pages/min"), figure(plain, "pages/min")


def _rate(read: Callable[[], int]) -> float:
    started = time.perf_counter()
    pages = read()
    return pages * 60 / (time.perf_counter() - started)


def _product_pages(origin: str) -> tuple[Figure, Figure]:
    """Product pages a minute by plain HTTP and by our browser, the same pages in turn."""
    from chalicelib.scraping.fetching import Fetcher
    from chalicelib.scraping.guard import guard_of
    from chalicelib.scraping.pages import Page
    from chalicelib.scraping.process import start_browser, user_agent
    from chalicelib.scraping.products import visited_product
    from chalicelib.scraping.shops.declaration import ByCookie
    from chalicelib.scraping.shops.sampleplain import SHOP
    from chalicelib.scraping.sitemaps import parse_sitemap

    shop = SHOP.moved_to(origin)
    assert isinstance(shop.locating, ByCookie)
    guard, name = guard_of(shop, shop.hosts), shop.locating.name
    fetcher = Fetcher(guard, user_agent())
    fetcher.cookies[name] = quote(POSTCODE)
    listed = parse_sitemap(fetcher.get(shop.start[0]).body)[1]
    urls = [url for url in listed[: 2 * PRODUCT_PAGES] if fetcher.get(url).status == HTTPStatus.OK][:PRODUCT_PAGES]

    def by_http(url: str) -> Page:
        answer = fetcher.get(url)
        return Page(url=answer.url, status=answer.status, html=answer.text)

    def read(page_of: Callable[[str], Page]) -> int:
        assert all(visited_product(page_of(url), shop) for url in urls)
        return len(urls)

    with contextlib.closing(fetcher), start_browser(layer_folder()) as browser:
        browser.serve(guard)
        browser.set_cookie(origin, name, quote(POSTCODE))
        turns = [(_rate(lambda: read(by_http)), _rate(lambda: read(browser.open))) for _ in range(ROUNDS + 1)][1:]
    return figure([ours for ours, _ in turns], "pages/min"), figure([browser for _, browser in turns], "pages/min")


def _read_shop(browser: Any, origin: str) -> int:
    from chalicelib.scraping.ahead import ReadingAhead
    from chalicelib.scraping.guard import guard_of
    from chalicelib.scraping.products import listed_products
    from chalicelib.scraping.shops.declaration import BySteps, NextLink
    from chalicelib.scraping.shops.sample import SHOP

    shop = SHOP.moved_to(origin)
    assert isinstance(shop.locating, BySteps)
    assert isinstance(shop.paging, NextLink)
    browser.serve(guard_of(shop, shop.hosts))
    browser.do(shop.locating.url, shop.locating.steps, {"{postcode}": POSTCODE})
    following: str | None = shop.start[0]
    read = 0
    selector = shop.paging.selector
    with ReadingAhead(lambda url: browser.open(url, shop.ready, selector)) as pages:
        while following:
            page = pages.page(following)
            following, read = page.next_url, read + 1
            if following:
                pages.begin(following)
            assert listed_products(page, shop)
    return read


def _read_plainly(driver: Any, origin: str) -> int:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    from chalicelib.scraping.extraction import CardSelectors, extract_listing

    driver.get(origin)
    driver.find_element(By.ID, "postcode").clear()
    driver.find_element(By.ID, "postcode").send_keys(POSTCODE)
    driver.find_element(By.CSS_SELECTOR, "form button").click()
    WebDriverWait(driver, 10).until(lambda page: page.find_elements(By.ID, "products"))
    following: str | None = f"{origin}/products"
    pages = 0
    while following:
        driver.get(following)
        WebDriverWait(driver, 10).until(lambda page: page.find_elements(By.CSS_SELECTOR, "#products[data-state=ready]"))
        assert extract_listing(driver.page_source, following, CardSelectors(card="article.card"))
        links = driver.find_elements(By.CSS_SELECTOR, "a[rel~='next']")
        following, pages = links[0].get_attribute("href") if links else None, pages + 1
    return pages


def _plain_driver() -> tuple[Any, Callable[[], None]]:
    """Selenium as it comes, with the layer's browser; and how to end it."""
    from selenium.common.exceptions import SessionNotCreatedException
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.chrome.webdriver import WebDriver

    from chalicelib.scraping import chromium

    unpacked = chromium.unpack(layer_folder())
    scratch = Path(tempfile.mkdtemp(prefix="plain-selenium-"))
    options = Options()
    options.binary_location = str(unpacked.binary)
    for flag in PLAIN_FLAGS:
        options.add_argument(flag)
    for attempt in range(3):
        try:
            service = Service(executable_path=str(unpacked.driver), env=unpacked.environment(scratch))
            driver = WebDriver(options, service)
            break
        except SessionNotCreatedException:
            if attempt == 2:
                raise

    def end() -> None:
        driver.quit()
        shutil.rmtree(scratch, ignore_errors=True)

    return driver, end


COLD = """
import json, sys, time
started = time.time()
from pathlib import Path
from chalicelib.scraping.process import start_browser
from chalicelib.scraping.guard import guard_of
from chalicelib.scraping.products import listed_products
from chalicelib.scraping.shops.sample import SHOP
shop = SHOP.moved_to(sys.argv[1])
browser = start_browser(Path(sys.argv[2]))
browser.serve(guard_of(shop, shop.hosts))
browser.do(shop.locating.url, shop.locating.steps, {"{postcode}": sys.argv[3]})
assert listed_products(browser.open(shop.start[0], shop.ready), shop)
print(json.dumps(time.time()))
browser.close()
"""


def _cold(origin: str) -> Figure:
    samples = []
    for _ in range(ROUNDS):
        folder = tempfile.mkdtemp(prefix="cold-worker-")
        environment = {**os.environ, "TMPDIR": folder, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", COLD, origin, str(layer_folder()), POSTCODE]
        started = time.time()
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
        samples.append(json.loads(done.stdout) - started)
        shutil.rmtree(folder, ignore_errors=True)
    return figure(samples, "s")
