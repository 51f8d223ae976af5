"""What a shop's declaration reads: ``python -m chalicelib.scraping.preview SHOP POSTCODE``.

SHOP is the key of a module in ``shops`` or the path of a JSON file.  The pages are read as a job would read them
(robots.txt, guard, pace, the browser of the layer), shown as a table and photographed.  Nothing is stored elsewhere,
and nothing but the shop is needed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from chalicelib.errors import SettingError, ShelfwatchError
from chalicelib.models import ScrapedProduct
from chalicelib.scraping import chromium, shops
from chalicelib.scraping.fetching import Fetcher
from chalicelib.scraping.guard import guard_of
from chalicelib.scraping.messages import ScrapeJob
from chalicelib.scraping.outcomes import Cursor, too_few
from chalicelib.scraping.pages import Page
from chalicelib.scraping.paging import first_url, next_cursor, sitemap_pages
from chalicelib.scraping.process import start_browser, user_agent
from chalicelib.scraping.products import listed_products, visited_product
from chalicelib.scraping.reading import ShopReader
from chalicelib.scraping.robots import Robots, text_for
from chalicelib.scraping.shops.declaration import Shop, Sitemap
from chalicelib.scraping.sitemaps import parse_sitemap
from chalicelib.settings import settings

BUILT = Path("build/layer/selenium-layer.zip")
COLUMNS = (
    "product_name", "brand", "category", "price", "was_price", "currency", "availability", "shop_product_id", "quantity"
)  # fmt: skip
WIDTHS = (48, 16, 20, 9, 9, 8, 12, 16, 12)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of the command line; gives the exit code: 0 when products were read, else 1."""
    asked = argparse.ArgumentParser(prog="python -m chalicelib.scraping.preview", description=__doc__.split("\n", 1)[0])
    asked.add_argument("shop", help="key of a declared shop, or the path of a JSON file")
    asked.add_argument("postcode", help="a postcode the shop serves, like 'SW1A 1AA'")
    asked.add_argument("--pages", type=int, default=1, help="how many pages to read (default: 1)")
    asked.add_argument("--screenshot", type=Path, help="where the picture goes (default: build/preview/SHOP.png)")
    asked.add_argument(
        "--save", type=Path, help="folder for the first page and what was read from it, for the shop's test"
    )
    chosen = asked.parse_args(arguments)
    try:
        return _show(chosen)
    except ShelfwatchError as error:
        print(f"{chosen.shop}: {error}", file=sys.stderr)
        return 1


def _show(chosen: argparse.Namespace) -> int:
    shop = shops.placed(shops.read(chosen.shop), settings())
    region = shop.region_of(chosen.postcode)
    if region is None:
        raise SettingError(f"{shop.name} does not deliver to {chosen.postcode}")
    key = chosen.postcode.replace(" ", "").upper()
    job = ScrapeJob(run_id="preview", shop=shop.key, region=region, postcodes=(key,))
    picture = chosen.screenshot or Path("build/preview") / f"{shop.key}.png"
    with start_browser(layer()) as browser:
        session = _Session(shop, job, browser)
        try:
            products = session.read(chosen.pages)
            if shop.needs_script and session.pages:
                picture.parent.mkdir(parents=True, exist_ok=True)
                browser.screenshot(picture)
        finally:
            session.fetcher.close()
        print(table(products))
        print(f"\n{len(products)} products on {len(session.pages)} pages for {chosen.postcode} (region {region}).")
        if not products:
            print(too_few(0, shop.needs_script))
        for reason, times in sorted(browser.refused.items()):
            print(f"refused {times} ×: {reason}")
    if shop.needs_script and session.pages:
        print(f"picture: {picture}")
    if chosen.save and session.pages:
        save(chosen.save, session.pages[0], products_of(session.pages[0], shop))
    return 0 if products else 1


class _Clock:
    """Turns of one process: the same pace as a worker's, without a table."""

    def __init__(self) -> None:
        self._next = 0.0

    def next_turn(self, host: str, pause: float) -> float:
        now = time.time()
        wait = max(0.0, self._next - now)
        self._next = now + wait + pause
        return wait

    def wait_until(self, host: str, seconds: float) -> None:
        self._next = time.time() + seconds


@dataclass
class _Session:
    """One preview: the reader of the shop and the pages it has read."""

    shop: Shop
    job: ScrapeJob
    browser: object
    pages: list[Page] = field(default_factory=list)

    def __post_init__(self) -> None:
        guard = guard_of(self.shop, settings().private_hosts)
        self.fetcher = Fetcher(guard, user_agent())
        known: dict[str, Robots] = {}

        def robots(url: str) -> Robots:
            origin = "/".join(url.split("/")[:3])
            if origin not in known:
                answer = self.fetcher.get(f"{origin}/robots.txt")
                known[origin] = Robots(text_for(answer.status, answer.text))
            return known[origin]

        self.reader = ShopReader(self.job, self.shop, guard, _Clock(), robots, self.fetcher, lambda: self.browser)  # type: ignore[arg-type, return-value]

    def read(self, limit: int) -> list[ScrapedProduct]:
        """The products of the first ``limit`` pages."""
        paging = self.shop.paging
        if isinstance(paging, Sitemap):
            entries = parse_sitemap(self.fetcher.get(first_url(self.shop, self.job, 0)).body)[1]
            return self._visited(sitemap_pages(self.shop, paging, entries)[:limit])
        found: dict[str, ScrapedProduct] = {}
        cursor: Cursor | None = Cursor()
        while cursor is not None and len(self.pages) < limit:
            url = cursor.url or first_url(self.shop, self.job, cursor.start)
            page = self.reader.read(url)
            self.pages.append(page)
            listed = {product.shop_product_id: product for product in listed_products(page, self.shop)}
            here = msgspec.structs.replace(cursor, url=url)
            cursor = next_cursor(self.shop, self.job, here, page.next_url, bool(listed.keys() - found.keys()))
            found |= listed
        return list(found.values())

    def _visited(self, addresses: list[str]) -> list[ScrapedProduct]:
        self.pages = [self.reader.read(address) for address in addresses]
        return [product for page in self.pages if (product := visited_product(page, self.shop)) is not None]


def products_of(page: Page, shop: Shop) -> list[ScrapedProduct]:
    """What the rules read from one page of the shop: its product, where a sitemap led there, else its listing."""
    if isinstance(shop.paging, Sitemap):
        product = visited_product(page, shop)
        return [product] if product else []
    return listed_products(page, shop)


def save(folder: Path, page: Page, products: list[ScrapedProduct]) -> None:
    """Keep a page as ``page.html`` and what was read as ``expected.json`` (``Url``, ``Products``), to be checked."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.html").write_text(page.html, encoding="utf-8")
    expected = msgspec.json.format(msgspec.json.encode({"Url": page.url, "Products": products}), indent=1)
    (folder / "expected.json").write_bytes(expected + b"\n")


def table(products: Sequence[ScrapedProduct]) -> str:
    """The products as lines of columns; what a page did not say is a dash."""
    headings = [name.replace("shop_product_id", "id").replace("_", " ") for name in COLUMNS]
    rows = [headings] + [
        ["-" if (value := getattr(product, name)) is None else str(value) for name in COLUMNS] for product in products
    ]
    return "\n".join(
        "  ".join(cell[:width].ljust(width) for cell, width in zip(row, WIDTHS, strict=True)).rstrip() for row in rows
    )


def layer() -> Path:
    """The layer's folder: the stage's setting, Selenium's own place, or what ``make layer`` built, unpacked."""
    if settings().selenium_layer:
        return Path(settings().selenium_layer)
    around = chromium.layer_of_selenium()
    return around if (around / "chromium").is_dir() else unpacked_layer(BUILT)


def unpacked_layer(built: Path) -> Path:
    """The layer's zip, unpacked beside it unless that is done.  ``SettingError`` while it is not built."""
    if not built.is_file():
        raise SettingError(f"{built} is missing: make layer")
    about = built.stat()
    folder = built.parent / f"unpacked-{about.st_size}-{about.st_mtime_ns}"
    if not folder.exists():
        partial = Path(tempfile.mkdtemp(dir=built.parent, prefix="unpacking-"))
        with zipfile.ZipFile(built) as packed:
            packed.extractall(partial)
        partial.chmod(0o755)
        for old in built.parent.glob("unpacked-*"):
            shutil.rmtree(old, ignore_errors=True)
        partial.rename(folder)
    return folder


if __name__ == "__main__":
    sys.exit(main())
