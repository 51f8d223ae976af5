"""The composition root: hands each stage what it needs and carries its result to the next one.

Stages know each other only through ``models``; this is the one place that knows them all.  Imports stand inside the
functions so that a Lambda function loads only what its own stage needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib import queues
from chalicelib.errors import RetryLater
from chalicelib.settings import settings
from chalicelib.telemetry import count, logger, observed

if TYPE_CHECKING:
    from chalicelib.matching.messages import MatchTask
    from chalicelib.models import Match, Product, UserRequest
    from chalicelib.notifications.messages import NotifiedProduct, UserNotification
    from chalicelib.scraping.messages import ScrapeJob
    from chalicelib.scraping.worker import Tools

Event = dict[str, Any]
"""A Lambda event, as AWS sends it."""
Report = dict[str, Any]
"""What the function gives back to Lambda: a partial-failure report, or figures for people."""


def utc_now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)


# Requests → match tasks ----------------------------------------------------------------------------------------------


@observed
def match_changed_requests(event: Event) -> Report:
    """Stream records of the request table: every new or changed active request is matched at once."""
    from chalicelib.matching.messages import MatchTask
    from chalicelib.requests.changes import to_match

    tasks = [
        MatchTask(postcode=request.postcode, request_id=request.request_id, correlation_id=request.request_id)
        for request in to_match(event["Records"])
    ]
    queues.send_all(settings().require("match_tasks_queue_url"), tasks)
    return {"batchItemFailures": []}


# Scrape --------------------------------------------------------------------------------------------------------------


@observed
def start_scrape() -> Report:
    """Plan a run for the postcodes of all active requests and queue its jobs; nothing while another run is open."""
    from chalicelib.requests.store import RequestStore
    from chalicelib.scraping import shops
    from chalicelib.scraping.planning import plan_run
    from chalicelib.scraping.runs import RunStore

    now, runs = utc_now(), RunStore()
    postcodes = RequestStore().active_postcodes()
    jobs = runs.open_run(plan_run(postcodes, shops.load(settings()).values(), now), now)
    if jobs:
        queues.send_all(settings().require("scrape_jobs_queue_url"), jobs)
        runs.mark_sent(jobs[0].run_id)
    report = {"RunID": jobs[0].run_id if jobs else None, "Jobs": len(jobs), "Postcodes": len(postcodes)}
    logger().info("scrape run", extra=report)
    return report


@observed
def scrape(event: Event, milliseconds_left: Callable[[], int]) -> Report:
    """Work through scrape jobs; ``milliseconds_left`` says how much of the function's time is left."""
    from chalicelib.scraping.messages import ScrapeJob

    def work(job: ScrapeJob) -> None:
        _scrape_job(job, lambda: milliseconds_left() / 1000)

    return queues.work_through(event, settings().require("scrape_jobs_queue_url"), ScrapeJob, work)


def _scrape_job(job: ScrapeJob, seconds_left: Callable[[], float]) -> None:
    from chalicelib.errors import Reject
    from chalicelib.scraping import shops
    from chalicelib.scraping.runs import RunStore
    from chalicelib.scraping.worker import run_job

    shop = shops.load(settings()).get(job.shop)
    if shop is None:
        raise Reject(f"SHOPS does not name {job.shop!r} any more")
    report = run_job(job, shop, _tools(job), seconds_left)
    if report.follow_up is not None:
        queues.send(settings().require("scrape_jobs_queue_url"), report.follow_up, report.delay)
        return
    completion = RunStore().job_finished(report, utc_now())
    _match_after_scrape(completion.postcodes, completion.run_id)


def _tools(job: ScrapeJob) -> Tools:
    from chalicelib.catalog.keys import catalog_key
    from chalicelib.catalog.tables import ensure_catalog
    from chalicelib.catalog.writing import finish_scrape, write_products
    from chalicelib.models import ScrapedProduct
    from chalicelib.scraping.process import browser_of_process
    from chalicelib.scraping.worker import Tools

    def write(postcode: str, shop: str, products: Sequence[ScrapedProduct]) -> int:
        key = catalog_key(postcode, shop, job.region)
        ensure_catalog(key)
        return write_products(key, shop, products, utc_now()).written

    def finish(postcode: str, shop: str, seen_ids: Sequence[str]) -> int:
        change = finish_scrape(catalog_key(postcode, shop, job.region), shop, seen_ids, utc_now())
        return change.missing + change.removed

    return Tools(settings=settings(), write=write, finish=finish, browser=browser_of_process)


def _match_after_scrape(postcodes: Iterable[str], run_id: str) -> None:
    """Postcodes whose every job of the run is complete are matched once their changes are indexed."""
    from chalicelib.matching.messages import MatchTask

    for postcode in postcodes:
        task = MatchTask(postcode=postcode, run_id=run_id, correlation_id=run_id)
        queues.send(settings().require("match_tasks_queue_url"), task, settings().settle_seconds)


# Index ---------------------------------------------------------------------------------------------------------------


@observed
def index(event: Event) -> Report:
    """Stream records of the catalogue tables go into the index; changed catalogues are matched once they settle."""
    from chalicelib.matching.messages import MatchTask
    from chalicelib.matching.settling import request_match
    from chalicelib.search.indexing import index_records

    def send(task: MatchTask, delay: int) -> None:
        queues.send(settings().require("match_tasks_queue_url"), task, delay)

    outcome = index_records(event)
    for key in sorted(outcome.changed):
        request_match(MatchTask(postcode=key), send)
    return {"batchItemFailures": [{"itemIdentifier": number} for number in outcome.failed]}


# Match ---------------------------------------------------------------------------------------------------------------


@observed
def match_everything() -> Report:
    """One match task for every postcode that has an active request."""
    from chalicelib.matching.messages import MatchTask
    from chalicelib.requests.store import RequestStore

    tasks = [MatchTask(postcode=postcode) for postcode in sorted(RequestStore().active_postcodes())]
    return {"MatchTasks": queues.send_all(settings().require("match_tasks_queue_url"), tasks)}


@observed
def match(event: Event) -> Report:
    """Work through match tasks."""
    from chalicelib.matching.messages import MatchTask

    return queues.work_through(event, settings().require("match_tasks_queue_url"), MatchTask, _match)


def _match(task: MatchTask) -> None:
    from chalicelib.matching.settling import begin_match
    from chalicelib.models import RequestStatus
    from chalicelib.requests.store import RequestStore

    store = RequestStore()
    if task.request_id is not None:
        request = store.get(task.request_id)
        if request is not None and request.status is RequestStatus.ACTIVE:
            _match_requests(request.postcode, [request], task)
        return
    begin_match(task.postcode)
    for postcode in _postcodes_of(task.postcode):
        _match_requests(postcode, list(store.active_in(postcode)), task)


def _match_requests(postcode: str, requests: Sequence[UserRequest], task: MatchTask) -> None:
    """Match ``requests`` of one postcode, publish what is found and, after a scrape run, observe what is not."""
    from chalicelib.catalog.registry import last_read
    from chalicelib.notifications.observing import observe
    from chalicelib.notifications.publishing import publish

    keys = _catalogs_of(postcode)
    found = _matches(keys, requests)
    seen_at = {shop: moment for key in keys for shop, moment in last_read(key).items()}
    count("Matches", sum(map(len, found.values())))
    for request in requests:
        publish(request, found[request.request_id], task.correlation_id, seen_at=seen_at)
    if task.run_id is not None:
        satisfied = {(one.request_id, one.product.product_id) for matches in found.values() for one in matches}
        observe(postcode, task.run_id, _shops_of(postcode), {request.request_id for request in requests}, satisfied)


def _matches(keys: Sequence[str], requests: Sequence[UserRequest]) -> dict[str, list[Match]]:
    """The matches of each request, by its id, in all catalogues that serve its postcode."""
    from chalicelib.matching.service import match as matched
    from chalicelib.search.querying import candidates

    found: dict[str, list[Match]] = {request.request_id: [] for request in requests}
    wishes = [(request.request_id, request.product_name, request.discount) for request in requests]
    for key in keys if wishes else ():
        for one in matched(requests, candidates(key, wishes)):
            found[one.request_id].append(one)
    return found


# Which catalogues serve which postcodes ------------------------------------------------------------------------------


def _catalogs_of(postcode: str) -> tuple[str, ...]:
    from chalicelib.catalog.keys import catalogs_of

    return catalogs_of(postcode, _regions_of(postcode))


def _postcodes_of(key: str) -> list[str]:
    """The postcodes with active requests that the catalogue ``key`` serves (or the one that ``key`` is)."""
    from chalicelib.catalog.keys import postcode_key
    from chalicelib.requests.store import RequestStore

    postcodes = sorted(RequestStore().active_postcodes())
    own = [postcode for postcode in postcodes if postcode_key(postcode) == postcode_key(key)]
    return own or [postcode for postcode in postcodes if key in _catalogs_of(postcode)]


def _shops_of(postcode: str) -> tuple[str, ...]:
    return tuple(_regions_of(postcode))


def _regions_of(postcode: str) -> dict[str, str]:
    """Shop → its region that ``postcode`` lies in, for the shops that serve it."""
    from chalicelib.scraping import shops

    regions = {shop.key: shop.region_of(postcode) for shop in shops.load(settings()).values()}
    return {shop: region for shop, region in regions.items() if region is not None}


# Notify --------------------------------------------------------------------------------------------------------------


@observed
def deliver(event: Event) -> Report:
    """Work through the notifications the topic handed to the queue."""
    from chalicelib.notifications.messages import UserNotification

    return queues.work_through(event, settings().require("deliveries_queue_url"), UserNotification, _deliver)


def _deliver(message: UserNotification) -> None:
    from chalicelib.notifications.delivery import deliver as delivered
    from chalicelib.requests.store import RequestStore

    delivered(message, RequestStore().get, still_true=_still_true, pause=_pause)


def _still_true(request: UserRequest, items: Sequence[NotifiedProduct]) -> list[Product]:
    """Those of the products that satisfy the request as the catalogues have them now."""
    from chalicelib.catalog.store import products_of
    from chalicelib.matching.service import match as matched

    wanted = [item.product_id for item in items]
    products = [found for key in _catalogs_of(request.postcode) for found in products_of(key, wanted).values()]
    return [one.product for one in matched([request], {request.request_id: products})]


def _pause(request: UserRequest) -> None:
    """The phone has opted out of texts: the request stops until its shopper takes it up again."""
    import msgspec

    from chalicelib.models import RequestStatus
    from chalicelib.requests.store import RequestStore

    RequestStore().update(
        request.request_id, lambda before: msgspec.structs.replace(before, status=RequestStatus.PAUSED)
    )


@observed
def sweep() -> Report:
    """Bring back notifications that were held, lost or left by a worker that died."""
    from chalicelib.notifications.sweeping import sweep as swept

    done = swept()
    return {"Published": done.published, "Parked": done.parked}


# Mend ----------------------------------------------------------------------------------------------------------------


@observed
def reconcile() -> Report:
    """Mend tables, streams and mappings that are half done, retire what nobody asks for, make the index equal them."""
    from chalicelib.catalog import store
    from chalicelib.catalog.reconciling import reconcile as reconciled
    from chalicelib.requests.store import RequestStore
    from chalicelib.search.index import ensure_index
    from chalicelib.search.removing import remove_catalog
    from chalicelib.search.verification import verify

    ensure_index()
    asked_for = {key for postcode in RequestStore().active_postcodes() for key in _catalogs_of(postcode)}
    found = reconciled(asked_for, utc_now(), remove_catalog)
    differences = verify(found.catalogs, store)
    if found.unfinished:
        raise RetryLater(f"AWS is busy with {len(found.unfinished)} catalogues; run the reconciler again")
    report: Mapping[str, Any] = {
        "Catalogs": len(found.catalogs),
        "Detached": found.detached,
        "Retired": found.retired,
        "Products": differences.products,
        "Mended": differences.mended,
        "Unmendable": differences.unmendable,
    }
    logger().info("reconciled", extra=report)
    return dict(report)
