"""From whatever changed to matches, and from matches to published notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib import queues
from chalicelib.catalog.registry import last_read
from chalicelib.catalog.store import products_of
from chalicelib.matching import service
from chalicelib.matching.messages import MatchTask
from chalicelib.matching.settling import begin_match
from chalicelib.models import Match, RequestStatus, UserRequest
from chalicelib.notifications.observing import Pairs, observe
from chalicelib.notifications.publishing import publish
from chalicelib.pipeline import Event, Report
from chalicelib.pipeline.places import catalogs_serving, postcodes_served, regions_of
from chalicelib.requests.changes import to_match
from chalicelib.requests.store import RequestStore
from chalicelib.search.querying import candidates
from chalicelib.settings import settings
from chalicelib.telemetry import correlate, count, logger, observed


@observed
def match_changed_requests(event: Event) -> Report:
    """Stream records of the request table: every new or changed active request is matched at once."""
    tasks = [
        MatchTask(postcode=request.postcode, request_id=request.request_id, correlation_id=request.request_id)
        for request in to_match(event["Records"])
    ]
    queues.send_all(settings().require("match_tasks_queue_url"), tasks)
    for task in tasks:
        correlate(task.correlation_id)
        logger().info("request changed", extra={"request_id": task.request_id})
    return {"batchItemFailures": []}


@observed
def match_everything() -> Report:
    """One match task for every postcode that has an active request."""
    tasks = [MatchTask(postcode=postcode) for postcode in sorted(RequestStore().active_postcodes())]
    return {"MatchTasks": queues.send_all(settings().require("match_tasks_queue_url"), tasks)}


@observed
def match(event: Event) -> Report:
    """Work through match tasks."""
    return queues.work_through(event, settings().require("match_tasks_queue_url"), MatchTask, _match)


def _match(task: MatchTask) -> None:
    store = RequestStore()
    if task.request_id is not None:
        request = store.get(task.request_id)
        if request is not None and request.status is RequestStatus.ACTIVE:
            _match_requests(request.postcode, [request], task)
        return
    begin_match(task.postcode)
    for postcode in postcodes_served(task.postcode, store.active_postcodes()):
        _match_requests(postcode, list(store.active_in(postcode)), task)


def _match_requests(postcode: str, requests: Sequence[UserRequest], task: MatchTask) -> None:
    """Match ``requests`` of one postcode, publish what is found and, after a scrape run, observe what is not."""
    keys = catalogs_serving(postcode)
    found = _matches(keys, requests)
    seen_at = {shop: moment for key in keys for shop, moment in last_read(key).items()}
    count("Matches", sum(map(len, found.values())))
    for request in requests:
        _tell(request, found[request.request_id], seen_at, task)
    if task.run_id is not None:
        satisfied = {(one.request_id, one.product.product_id) for matches in found.values() for one in matches}
        by_id = {request.request_id: request for request in requests}

        def confirm(pairs: Pairs) -> Pairs:
            return _satisfied_in_catalogue(keys, by_id, pairs)

        observe(postcode, task.run_id, regions_of(postcode).keys(), by_id.keys(), satisfied, confirm=confirm)


def _tell(request: UserRequest, matches: Sequence[Match], seen_at: Mapping[str, datetime], task: MatchTask) -> None:
    """Publish what is news.  From here to the text everything is logged under the request's own id."""
    if not matches:
        return
    correlate(request.request_id)
    messages = publish(request, matches, request.request_id, seen_at=seen_at)
    facts = {"request_id": request.request_id, "run_id": task.run_id, "matches": len(matches), "messages": messages}
    logger().info("request matched", extra=facts)
    correlate(task.correlation_id)


def _satisfied_in_catalogue(keys: Sequence[str], requests: Mapping[str, UserRequest], pairs: Pairs) -> Pairs:
    """Those of ``pairs`` whose product still satisfies the request, whatever the search found."""
    wanted: dict[str, list[str]] = {}
    for request_id, product_id in pairs:
        wanted.setdefault(request_id, []).append(product_id)
    read = {key: products_of(key, {product_id for _, product_id in pairs}) for key in keys}
    return [
        (request_id, one.product.product_id)
        for request_id, product_ids in wanted.items()
        for products in read.values()
        for one in service.match(
            [requests[request_id]], {request_id: [products[one] for one in product_ids if one in products]}
        )
    ]


def _matches(keys: Sequence[str], requests: Sequence[UserRequest]) -> dict[str, list[Match]]:
    """The matches of each request, by its id, in the catalogues ``keys``."""
    found: dict[str, list[Match]] = {request.request_id: [] for request in requests}
    wishes = [(request.request_id, request.product_name, request.discount) for request in requests]
    for key in keys if wishes else ():
        for one in service.match(requests, candidates(key, wishes)):
            found[one.request_id].append(one)
    return found
