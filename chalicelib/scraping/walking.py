"""Walking through a shop, page by page, until its end or until the part's time is up.

Where listings carry everything, a step is a listing page.  Where a shop's product pages are read too (or a sitemap
names them), a step is one product page, and the listing it came from is kept in mind.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from chalicelib.errors import GiveUp, RetryLater
from chalicelib.leases import Lease
from chalicelib.models import ScrapedProduct
from chalicelib.scraping.ahead import ReadingAhead
from chalicelib.scraping.messages import ScrapeJob
from chalicelib.scraping.outcomes import Cursor
from chalicelib.scraping.paging import first_url, next_cursor, sitemap_pages
from chalicelib.scraping.products import listed_products, merged, visited_product
from chalicelib.scraping.reading import NotYet
from chalicelib.scraping.shelf import Shelf
from chalicelib.scraping.shops.declaration import Shop, Sitemap
from chalicelib.telemetry import count, logger

ATTEMPTS = 4
"""Times in a row a page may fail before its job does."""
LONGEST_PAUSE = 15
"""Seconds a worker sleeps before another attempt; a longer pause is given back to the queue."""


class HandOver(Exception):
    """The part ends here; the follow-up begins at ``cursor`` after ``delay`` seconds."""

    def __init__(self, cursor: Cursor, delay: int = 0) -> None:
        super().__init__()
        self.cursor, self.delay = cursor, min(delay, 900)


@dataclass
class _Listing:
    """A listing whose products are being visited: what it showed, where its next-link leads, whether it was new."""

    products: dict[str, ScrapedProduct | None]
    """Address of each product's page → what the listing said of it."""
    next_url: str | None = None
    fresh: bool = True


@dataclass
class Walk:
    """One part's walk.  ``sitemap`` gives the addresses of a sitemap; ``seconds_left`` the time of the call."""

    job: ScrapeJob
    shop: Shop
    pages: ReadingAhead
    sitemap: Callable[[str], list[str]]
    shelf: Shelf
    lease: Lease
    seconds_left: Callable[[], float]
    reserve: float
    kept: int = 0
    _seen: set[str] = field(default_factory=set)
    _listings: dict[str, _Listing] = field(default_factory=dict)

    def to_the_end(self, cursor: Cursor) -> Cursor:
        """Walk from ``cursor`` to the end of the shop; gives the cursor of what follows reading.

        ``HandOver`` before time is up or where the shop asks to wait; ``GiveUp`` (``Blocked``, ``Forbidden``)
        where the job has to end.
        """
        following: Cursor | None = cursor
        while following is not None:
            cursor = following
            if self._time_is_up() and not self.pages.has_begun(cursor.url):
                raise HandOver(cursor)
            if cursor.pages >= self.shop.page_limit:
                raise GiveUp(f"the shop has more than {self.shop.page_limit} pages")
            self.lease.renew()
            following = self._step(cursor)
        return Cursor(applying=0, pages=cursor.pages + 1)

    def _time_is_up(self) -> bool:
        return self.seconds_left() < self.reserve

    def _step(self, cursor: Cursor) -> Cursor | None:
        url = cursor.url or first_url(self.shop, self.job, cursor.start)
        cursor = msgspec.structs.replace(cursor, url=url)
        try:
            if self.shop.visit_products or isinstance(self.shop.paging, Sitemap):
                return self._visit_next(cursor, url)
            listing = self._listing(url)
            self._keep([product for product in listing.products.values() if product is not None])
        except NotYet as wait:
            raise HandOver(cursor, wait.after_seconds or 1) from None
        except RetryLater as error:
            return self._try_again(cursor, error)
        return next_cursor(self.shop, self.job, cursor, listing.next_url, listing.fresh)

    def _listing(self, url: str) -> _Listing:
        page = self.pages.page(url)
        if page.next_url and not self.shop.visit_products and not self._time_is_up():
            self.pages.begin(page.next_url)
        products = listed_products(page, self.shop)
        fresh = {product.shop_product_id for product in products} - self._seen
        self._seen |= fresh
        count("PagesScraped")
        by_address: dict[str, ScrapedProduct | None] = {}
        for product in products:
            by_address[product.url if self.shop.visit_products else product.shop_product_id] = product
        return _Listing(by_address, page.next_url, bool(fresh))

    def _visit_next(self, cursor: Cursor, url: str) -> Cursor | None:
        """Read the product page that follows ``cursor.after`` in its listing or sitemap."""
        listing = self._targets(url)
        target = following(list(listing.products), cursor.after)
        if target is None:
            self._listings.pop(url, None)
            return next_cursor(self.shop, self.job, cursor, listing.next_url, listing.fresh)
        product = merged(listing.products[target], visited_product(self.pages.page(target), self.shop))
        count("PagesScraped")
        self._keep([product] if product else [])
        return msgspec.structs.replace(cursor, after=target, failures=0, pages=cursor.pages + 1)

    def _targets(self, url: str) -> _Listing:
        if url not in self._listings:
            paging = self.shop.paging
            if isinstance(paging, Sitemap):
                self._listings[url] = _Listing(dict.fromkeys(sitemap_pages(self.shop, paging, self.sitemap(url))))
            else:
                self._listings[url] = self._listing(url)
        return self._listings[url]

    def _keep(self, products: list[ScrapedProduct]) -> None:
        self.shelf.keep(self.job, self.kept, products)
        self.kept += 1

    def _try_again(self, cursor: Cursor, error: RetryLater) -> Cursor:
        """The cursor of another attempt at the same page, after a pause; too many of them end the job."""
        failures = cursor.failures + 1
        facts = {"shop": self.shop.key, "reason": str(error), "attempt": failures}
        logger().warning("page failed", extra=facts)
        if failures >= ATTEMPTS:
            raise GiveUp(str(error)) from error
        again = msgspec.structs.replace(cursor, failures=failures)
        asked = error.after_seconds
        pause = asked if asked is not None else random.uniform(0.5, 1) * 2 ** (failures - 1)
        if pause > LONGEST_PAUSE or pause > self.seconds_left() - self.reserve:
            raise HandOver(again, int(pause) + 1)
        time.sleep(pause)
        return again


def following(targets: list[str], after: str | None) -> str | None:
    """The entry after ``after`` in ``targets``; the first when there is no ``after`` or it is no longer listed.

    In a sorted list whose ``after`` has gone, the one that would follow it.
    """
    if after is None:
        return targets[0] if targets else None
    if after in targets:
        at = targets.index(after) + 1
        return targets[at] if at < len(targets) else None
    if targets == sorted(targets):
        return next((target for target in targets if target > after), None)
    return targets[0] if targets else None
