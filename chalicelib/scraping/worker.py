"""One call of the scrape worker: read a shop's pages as far as time allows; when all are read, write the catalogues.

Catalogues change only after everything was read and the yield is believable; until then what was read waits on the
``Shelf``.  A call that runs out of time, or is asked to wait, hands over to a follow-up part.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from chalicelib.errors import GiveUp, RetryLater
from chalicelib.leases import Lease
from chalicelib.models import ScrapedProduct
from chalicelib.scraping.ahead import ReadingAhead
from chalicelib.scraping.fetching import Fetcher
from chalicelib.scraping.guard import guard_of
from chalicelib.scraping.messages import ScrapeJob
from chalicelib.scraping.outcomes import Cursor, JobReport, Outcome, cursor_of, too_few, yield_outcome
from chalicelib.scraping.process import user_agent
from chalicelib.scraping.products import Blocked
from chalicelib.scraping.reading import ShopReader
from chalicelib.scraping.robots import RobotsStore
from chalicelib.scraping.runs import RunStore
from chalicelib.scraping.shelf import Shelf
from chalicelib.scraping.shops.declaration import Shop
from chalicelib.scraping.sitemaps import Sitemaps
from chalicelib.scraping.turns import COOL_OFF_SECONDS, Turns
from chalicelib.scraping.waiting import seconds_until_open
from chalicelib.scraping.walking import HandOver, Walk
from chalicelib.settings import Settings
from chalicelib.telemetry import count, logger

if TYPE_CHECKING:
    from chalicelib.scraping.browser import Browser

WRITE_ATTEMPTS = 12
"""Times writing is put off while DynamoDB is busy; the delays double up to a quarter of an hour."""
WriteProducts = Callable[[str, str, Sequence[ScrapedProduct]], int]
FinishScrape = Callable[[str, str, Sequence[str]], int]


@dataclass(frozen=True)
class Tools:
    """What a worker works with.

    ``write(key, shop, products)`` and ``finish(key, shop, seen ids)`` change one postcode's catalogue and give the
    items they wrote; both may be repeated.  ``browser()`` gives the process's browser (see ``browser_of_process``).
    ``reserve`` is the time a part keeps back, in seconds: for the page it is at, and for handing over.
    """

    settings: Settings
    write: WriteProducts
    finish: FinishScrape
    browser: Callable[[], Browser] | None = None
    reserve: float = 60.0
    runs: RunStore = field(default_factory=RunStore)
    shelf: Shelf = field(default_factory=Shelf)
    turns: Turns = field(default_factory=Turns)


def run_job(job: ScrapeJob, shop: Shop, tools: Tools, seconds_left: Callable[[], float]) -> JobReport:
    """Do one part of ``job``; gives what came of it, with a follow-up to queue where it is not over.

    ``RetryLater`` when another job of the shop is being read (queue the same message again); ``NotFound`` for a job of
    an unknown run.  A job that has ended already gives its report again.
    """
    started = time.monotonic()
    report = tools.runs.report_of(job)
    if report is None:
        tools.runs.renew(job.run_id, datetime.now(UTC))
        report = _turned_away(job, shop, tools)
    if report is None:
        with tools.turns.lease(shop.key) as lease:
            report = _Part(job, shop, tools, lease, seconds_left).run()
    report = msgspec.structs.replace(report, seconds=round(time.monotonic() - started, 3))
    _tell(report)
    return report


def _turned_away(job: ScrapeJob, shop: Shop, tools: Tools) -> JobReport | None:
    """A report without reading: the night window is closed, or the shop is left alone after failures.

    A job that has not begun waits once for a short time alone to pass, so that an outage of minutes does not cost a
    shop's other regions the run; after that, or where the shop is left alone for long, it fails.
    """
    closed = seconds_until_open(tools.settings.scrape_window)
    if closed:
        return JobReport(
            job=job, outcome=Outcome.UNFINISHED, reason="outside the hours", follow_up=job, delay=min(closed, 900)
        )
    alone = tools.turns.left_alone(shop.key)
    if 0 < alone <= COOL_OFF_SECONDS and job.part == 0:
        following = msgspec.structs.replace(job, part=1)
        return JobReport(
            job=job, outcome=Outcome.UNFINISHED, reason="waits for the shop", follow_up=following, delay=alone
        )
    if alone:
        return JobReport(job=job, outcome=Outcome.FAILED, reason=f"left alone for {alone} s after failures in a row")
    return None


@dataclass
class _Part:
    """One part of a job at work."""

    job: ScrapeJob
    shop: Shop
    tools: Tools
    lease: Lease
    seconds_left: Callable[[], float]
    pages: int = 0

    def run(self) -> JobReport:
        cursor = cursor_of(self.job)
        self.pages = cursor.pages
        try:
            if cursor.applying is None:
                cursor = self._read_all(cursor)
            return self._apply(cursor)
        except HandOver as pause:
            return self._handed_over(pause)
        except GiveUp as error:
            self.tools.turns.note_failure(self.shop.key)
            outcome = Outcome.BLOCKED if isinstance(error, Blocked) else Outcome.FAILED
            return JobReport(job=self.job, outcome=outcome, reason=str(error), pages=self.pages)

    def _read_all(self, cursor: Cursor) -> Cursor:
        """Read from ``cursor`` to the end of the shop; gives the cursor of writing.  ``HandOver`` in time."""
        guard = guard_of(self.shop, self.tools.settings.private_hosts)
        fetcher = Fetcher(guard, user_agent())

        def fetch(url: str) -> tuple[int, str]:
            answer = fetcher.get(url)
            return answer.status, answer.text

        turns, browser = self.tools.turns, self.tools.browser
        reader = ShopReader(self.job, self.shop, guard, turns, RobotsStore(fetch).of, fetcher, browser)
        sitemap = Sitemaps(fetcher).addresses
        time_left, reserve = self.seconds_left, self.tools.reserve
        with contextlib.closing(fetcher), ReadingAhead(reader.read) as pages:
            walk = Walk(self.job, self.shop, pages, sitemap, self.tools.shelf, self.lease, time_left, reserve)
            try:
                return walk.to_the_end(cursor)
            finally:
                self.pages += walk.kept

    # Writing ---------------------------------------------------------------------------------------------------------

    def _apply(self, cursor: Cursor) -> JobReport:
        """Write what was read to the catalogue of every postcode of the region, if it is believable."""
        products = self.tools.shelf.products(self.job)
        priced = sum(product.price is not None for product in products)
        outcome = yield_outcome(priced, self.tools.shelf.last_yield(self.job))
        report = JobReport(
            job=self.job, outcome=outcome, pages=cursor.pages, products=len(products), changed=cursor.changed
        )
        if outcome is not Outcome.COMPLETE:
            self.tools.turns.note_failure(self.shop.key)
            return msgspec.structs.replace(report, reason=too_few(priced, self.shop.needs_script))
        changed = self._write(cursor, products)
        self.tools.shelf.note_yield(self.job, priced)
        self.tools.turns.note_success(self.shop.key)
        return msgspec.structs.replace(report, changed=changed)

    def _write(self, cursor: Cursor, products: Sequence[ScrapedProduct]) -> int:
        """Write the catalogues from the cursor's postcode on; gives the items written in all parts."""
        ids = [product.shop_product_id for product in products]
        changed = cursor.changed
        for number in range(cursor.applying or 0, len(self.job.postcodes)):
            if self.seconds_left() < self.tools.reserve / 2:
                raise HandOver(msgspec.structs.replace(cursor, applying=number, changed=changed))
            self.lease.renew()
            key = self.job.postcodes[number]
            try:
                changed += self.tools.write(key, self.shop.key, products) + self.tools.finish(key, self.shop.key, ids)
            except RetryLater as error:
                raise self._catalogue_busy(cursor, number, changed, error) from error
        return changed

    def _catalogue_busy(self, cursor: Cursor, number: int, changed: int, error: RetryLater) -> Exception:
        """Go on writing later, without reading the shop again; ``GiveUp`` when that has been tried often enough."""
        if cursor.failures >= WRITE_ATTEMPTS:
            return GiveUp(f"the catalogue cannot be written: {error}")
        delay = error.after_seconds if error.after_seconds is not None else 5 * 2**cursor.failures
        failures = cursor.failures + 1
        return HandOver(msgspec.structs.replace(cursor, applying=number, changed=changed, failures=failures), delay)

    def _handed_over(self, pause: HandOver) -> JobReport:
        following = msgspec.structs.replace(self.job, part=self.job.part + 1, cursor=pause.cursor.encoded())
        return JobReport(
            job=self.job,
            outcome=Outcome.UNFINISHED,
            pages=pause.cursor.pages,
            changed=pause.cursor.changed,
            follow_up=following,
            delay=pause.delay,
        )


def _tell(report: JobReport) -> None:
    facts = {
        "run_id": report.job.run_id,
        "shop": report.job.shop,
        "region": report.job.region,
        "part": report.job.part,
        "outcome": report.outcome.value,
        "reason": report.reason,
        "pages": report.pages,
        "products": report.products,
        "changed": report.changed,
        "seconds": report.seconds,
    }
    if report.outcome in (Outcome.COMPLETE, Outcome.UNFINISHED):
        logger().info("scrape job", extra=facts)
        return
    count("ScrapeFailures")
    logger().error("scrape job", extra=facts)
