"""From scrape jobs to catalogues; a postcode that is complete is matched.  Needs the scraper's layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from chalicelib import queues
from chalicelib.catalog.keys import catalog_key
from chalicelib.catalog.tables import ensure_catalog
from chalicelib.catalog.writing import finish_scrape, write_products
from chalicelib.errors import Reject
from chalicelib.matching.messages import MatchTask
from chalicelib.models import ScrapedProduct
from chalicelib.pipeline import Event, Report
from chalicelib.scraping import shops
from chalicelib.scraping.messages import ScrapeJob
from chalicelib.scraping.process import browser_of_process
from chalicelib.scraping.runs import RunStore
from chalicelib.scraping.worker import Tools, run_job
from chalicelib.settings import settings
from chalicelib.telemetry import observed


@observed
def scrape(event: Event, milliseconds_left: Callable[[], int]) -> Report:
    """Work through scrape jobs; ``milliseconds_left`` says how much of the function's time is left."""

    def work(job: ScrapeJob) -> None:
        _scrape(job, lambda: milliseconds_left() / 1000)

    return queues.work_through(event, settings().require("scrape_jobs_queue_url"), ScrapeJob, work, _lost)


def _scrape(job: ScrapeJob, seconds_left: Callable[[], float]) -> None:
    shop = shops.load(settings()).get(job.shop)
    if shop is None:
        raise Reject(f"SHOPS does not name {job.shop!r} any more")
    report = run_job(job, shop, tools_of(job.region), seconds_left)
    if report.follow_up is not None:
        queues.send(settings().require("scrape_jobs_queue_url"), report.follow_up, report.delay)
        return
    completion = RunStore().job_finished(report, datetime.now(UTC))
    _match_when_indexed(completion.postcodes, completion.run_id)


def _lost(job: ScrapeJob, reason: str) -> None:
    """A job whose message becomes a dead letter has failed: its run does not wait for it."""
    RunStore().job_lost(job, reason, datetime.now(UTC))


def tools_of(region: str) -> Tools:
    """What the worker writes with: the catalogues that the postcodes of a shop's ``region`` belong to.

    A catalogue that several of the postcodes share is written once.
    """
    finished: set[str] = set()

    def write(postcode: str, shop: str, products: Sequence[ScrapedProduct]) -> int:
        key = catalog_key(postcode, shop, region)
        if key in finished:
            return 0
        ensure_catalog(key)
        return write_products(key, shop, products, datetime.now(UTC)).written

    def finish(postcode: str, shop: str, seen_ids: Sequence[str]) -> int:
        key = catalog_key(postcode, shop, region)
        if key in finished:
            return 0
        change = finish_scrape(key, shop, seen_ids, datetime.now(UTC))
        finished.add(key)
        return change.missing + change.removed

    return Tools(settings=settings(), write=write, finish=finish, browser=browser_of_process)


def _match_when_indexed(postcodes: Iterable[str], run_id: str) -> None:
    """Postcodes whose every job of the run is complete are matched, and what is gone is observed."""
    for postcode in postcodes:
        task = MatchTask(postcode=postcode, run_id=run_id, correlation_id=run_id)
        queues.send(settings().require("match_tasks_queue_url"), task, settings().settle_seconds)
