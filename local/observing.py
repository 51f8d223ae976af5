"""How far the pipeline of a local stack has come, read from its own tables, queues, index and inbox."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.calling import call
from local.emulator import client, inbox
from local.places import Place

QUEUES = ("ScrapeJobs", "MatchTasks", "Deliveries")
CATALOGS = "ProductCatalog_"
_NOT_SHOWN = ("location", "service", "xray_trace_id", "exception_name", "stack_trace", "cold_start", "_aws")


@dataclass(frozen=True)
class Progress:
    """Counters of every stage at one moment."""

    jobs: int = 0
    """Scrape jobs (a shop in one of its regions) of the latest run …"""
    jobs_done: int = 0
    """… and how many of them are finished."""
    postcodes: int = 0
    pages: int = 0
    products: int = 0
    """Products in the catalogues of all postcodes."""
    documents: int | None = 0
    """Documents in the index; ``None`` while OpenSearch does not answer."""
    matches: int = 0
    """Products that requests have been told of, or are about to be."""
    texts: int = 0
    waiting: int = 0
    """Messages in the queues, and deliveries that are not finished."""
    dead: int = 0
    """Dead letters."""

    @property
    def stuck(self) -> bool:
        """Whether nothing goes on any more, and some work has ended as a dead letter."""
        return self.dead > 0 and self.waiting == 0

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        scraped = self.jobs > 0 and self.jobs_done == self.jobs
        return scraped and self.documents == self.products and self.waiting == 0


def observe(place: Place) -> Progress:
    """The counters now."""
    pipeline = list(_items(place, "PipelineTable"))
    markers = [item for item in pipeline if item["PK"].startswith("Match#")]
    dead = (*(f"{queue}DeadLetters" for queue in QUEUES), "StreamFailures")
    return Progress(
        **_latest_run(pipeline),
        products=count_products(place),
        documents=count_documents(place),
        matches=len(told(place)),
        texts=len(inbox(place)),
        waiting=sum(_backlog(place, queue) for queue in QUEUES) + len(open_deliveries(place)) + len(markers),
        dead=sum(_backlog(place, queue) for queue in dead),
    )


def _latest_run(pipeline: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The figures of the latest scrape run, of the jobs that are going on too; none before the first run."""
    runs = [item for item in pipeline if item["PK"].startswith("Run#") and item["SK"] == "Run"]
    if not runs:
        return {}
    run = max(runs, key=lambda item: item["StartedAt"])["PK"]
    jobs = [item for item in pipeline if item["PK"] == run and item["SK"].startswith("Job#")]
    kept = f"Pages#{run.removeprefix('Run#')}#"
    reading = [item for item in pipeline if item["PK"].startswith(kept) and item["SK"].endswith("#0000")]
    return {
        "jobs": len(jobs),
        "jobs_done": sum("Outcome" in job for job in jobs),
        "pages": max(sum(job.get("Pages", 0) for job in jobs), len(reading)),
        "postcodes": len({postcode for job in jobs for postcode in job["Postcodes"]}),
    }


def catalog_tables(place: Place) -> list[str]:
    """Names of the catalogue tables that hold anything."""
    names = [
        name
        for page in client(place, "dynamodb").get_paginator("list_tables").paginate()
        for name in page["TableNames"]
    ]
    return [name for name in names if name.startswith(CATALOGS)]


def count_products(place: Place) -> int:
    """Products of all catalogues."""
    return sum(page["Count"] for table in catalog_tables(place) for page in _pages(place, table, Select="COUNT"))


def products(place: Place, table: str) -> list[dict[str, Any]]:
    """The products of one catalogue, as plain attributes."""
    return list(_items(place, table))


def count_documents(place: Place, index: str = "products") -> int | None:
    """Products in the index, removed ones left out; ``None`` while OpenSearch does not answer."""
    with contextlib.suppress(OSError):
        answer = call(f"{place.opensearch}/{index}/_count", "POST", {"query": {"exists": {"field": "ProductName"}}})
        return int(answer.body["count"]) if answer.status == 200 else 0
    return None


def index_is_current(place: Place, index: str = "products") -> bool:
    """Whether the index holds every product in its present version; a changed price does not change any count."""
    query = {"size": 10_000, "version": True, "_source": ["ProductID", "Postcode"]}
    with contextlib.suppress(OSError):
        answer = call(f"{place.opensearch}/{index}/_search", "POST", query)
        hits = answer.body["hits"]["hits"] if answer.status == 200 else []
        indexed = {(hit["_source"].get("Postcode"), hit["_source"].get("ProductID")): hit["_version"] for hit in hits}
        stored = [entry for table in catalog_tables(place) for entry in products(place, table)]
        return all(indexed.get((entry["Postcode"], entry["ProductID"])) == entry["Version"] for entry in stored)
    return False


def told(place: Place) -> list[dict[str, Any]]:
    """The ledger's entries: one per request and product."""
    return [item for item in _items(place, "NotificationsTable") if item["SK"].startswith("Product#")]


def deliveries(place: Place) -> list[dict[str, Any]]:
    """The ledger's deliveries: one per notification and channel."""
    return [item for item in _items(place, "NotificationsTable") if item["SK"].startswith("Delivery#")]


def open_deliveries(place: Place) -> list[dict[str, Any]]:
    """Deliveries that somebody still has to work on."""
    return [item for item in deliveries(place) if item.get("DeliveryState") in ("claimed", "sending")]


def dead_letters(place: Place) -> list[str]:
    """What lies in the dead-letter queues, one line each with its reason."""
    lines = []
    for queue in (*(f"{queue}DeadLetters" for queue in QUEUES), "StreamFailures"):
        url = _queue_url(place, queue)
        found = client(place, "sqs").receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageAttributeNames=["All"]
        )
        for message in found.get("Messages", []):
            reason = message.get("MessageAttributes", {}).get("Reason", {}).get("StringValue", "received too often")
            lines.append(f"{queue}: {reason}: {message['Body'][:200]}")
    return lines


def log_lines(place: Place, function: str = "", limit: int = 200) -> list[str]:
    """The latest log lines of the functions whose name ends in ``function``, oldest first and made for people."""
    logs = client(place, "logs")
    events: list[dict[str, Any]] = []
    for group in logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
        if group["logGroupName"].endswith(function):
            found = logs.filter_log_events(logGroupName=group["logGroupName"], limit=10_000)["events"]
            events += [{**event, "function": group["logGroupName"].rpartition("-")[2]} for event in found]
    said = [event for event in events if not event["message"].startswith(("START ", "END ", "REPORT "))]
    ordered = sorted(said, key=lambda event: event["timestamp"])[-limit:]
    return [f"{event['function']}: {readable(event['message'])}" for event in ordered]


def errors(place: Place) -> list[str]:
    """The functions' error lines."""
    return [line for line in log_lines(place, limit=10_000) if ": ERROR " in line]


def readable(message: str) -> str:
    """A JSON log line as ``time LEVEL message field=value …``, an exception by its last line; others as they are."""
    try:
        line = json.loads(message)
        head = f"{line.pop('timestamp')[11:23]} {line.pop('level')} {line.pop('message')}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return message.rstrip()
    exception = str(line.pop("exception", "")).strip().rpartition("\n")[2]
    shown = {name: value for name, value in line.items() if name not in _NOT_SHOWN}
    return " ".join([head, *(f"{name}={value}" for name, value in shown.items()), exception]).rstrip()


def _backlog(place: Place, queue: str) -> int:
    attributes = client(place, "sqs").get_queue_attributes(QueueUrl=_queue_url(place, queue), AttributeNames=["All"])
    kinds = (
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    )
    return sum(int(attributes["Attributes"].get(kind, 0)) for kind in kinds)


def _queue_url(place: Place, queue: str) -> str:
    return str(client(place, "sqs").get_queue_url(QueueName=queue)["QueueUrl"])


def open_jobs(place: Place) -> list[dict[str, Any]]:
    """The scrape jobs that have not ended, as the pipeline's table has them."""
    jobs = (item for item in _items(place, "PipelineTable") if item["PK"].startswith("Run#"))
    return [item for item in jobs if item["SK"].startswith("Job#") and "Outcome" not in item]


def _items(place: Place, table: str) -> Iterator[dict[str, Any]]:
    from chalicelib.items import plain

    for page in _pages(place, table):
        yield from (plain(item) for item in page["Items"])


def _pages(place: Place, table: str, **options: Any) -> Iterator[dict[str, Any]]:
    yield from client(place, "dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True, **options)
