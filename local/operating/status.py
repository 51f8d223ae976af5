"""How a stage is: one look at its tables and queues.

Counts come from indexes, counters and one read of the pipeline table; nothing reads all requests or the whole ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib import aws
from chalicelib.items import plain
from chalicelib.models import RequestStatus
from chalicelib.notifications import allowance, ledger
from chalicelib.settings import settings
from local.operating import queues


@dataclass(frozen=True)
class ShopRun:
    """The jobs of one shop in the latest run that has any of them."""

    shop: str
    run_id: str
    jobs: int
    ended: int
    complete: int
    products: int
    changed: int
    finished_at: str
    """Of its last job so far; empty while none has ended."""
    reasons: tuple[str, ...]
    """Why jobs did not end complete."""


@dataclass(frozen=True)
class Catalogs:
    """The catalogues' ages: how long ago a shop's part of one was last read completely."""

    count: int = 0
    median: timedelta = timedelta()
    oldest: timedelta = timedelta()
    oldest_key: str = ""


@dataclass(frozen=True)
class Status:
    """A stage at one moment."""

    requests: Mapping[str, int]
    """By their status."""
    runs: tuple[ShopRun, ...]
    catalogs: Catalogs
    queues: Mapping[str, int]
    dead: Mapping[str, int]
    texts: int
    """Sent this month (UTC's), as accounted."""
    spent: Decimal
    cap: int
    """US dollars, as is ``spent``."""
    unknown: int
    """Deliveries nobody can tell of."""


def status(now: datetime) -> Status:
    """The stage at ``now`` (aware)."""
    jobs, reads = _pipeline()
    return Status(
        requests=_requests(),
        runs=last_runs(jobs),
        catalogs=ages(reads, now),
        queues={name: queues.backlog(url) for name, url in queues.working().items()},
        dead={name: queues.backlog(url) for name, url in queues.dead().items()},
        texts=allowance.texts(now),
        spent=allowance.spent(now),
        cap=settings().sms_monthly_cap,
        unknown=sum(1 for _ in ledger.unknown(now)),
    )


def last_runs(jobs: Iterable[Mapping[str, Any]]) -> tuple[ShopRun, ...]:
    """The last run of each shop, by the jobs' records of all runs.  Run ids begin with their time."""
    by_shop: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for job in jobs:
        shop = job["SK"].split("#")[1]
        by_shop.setdefault(shop, {}).setdefault(job["PK"].removeprefix("Run#"), []).append(job)
    return tuple(_shop_run(shop, max(runs), runs[max(runs)]) for shop, runs in sorted(by_shop.items()))


def _shop_run(shop: str, run_id: str, jobs: list[Mapping[str, Any]]) -> ShopRun:
    ended = [job for job in jobs if "Outcome" in job]
    wanting = [job for job in ended if job["Outcome"] != "complete"]
    return ShopRun(
        shop=shop,
        run_id=run_id,
        jobs=len(jobs),
        ended=len(ended),
        complete=len(ended) - len(wanting),
        products=sum(job["Products"] for job in ended),
        changed=sum(job["Changed"] for job in ended),
        finished_at=max((job["FinishedAt"] for job in ended), default=""),
        reasons=tuple(sorted({f"{job['Outcome']}: {job['Reason']}" for job in wanting})),
    )


def ages(reads: Iterable[Mapping[str, Any]], now: datetime) -> Catalogs:
    """The ages of all catalogues at ``now``; a catalogue of several shops is as old as its oldest part."""
    read_at: dict[str, datetime] = {}
    for read in reads:
        key, moment = read["PK"].removeprefix("Catalog#"), datetime.fromisoformat(read["LastRead"])
        read_at[key] = min(moment, read_at.get(key, moment))
    if not read_at:
        return Catalogs()
    ordered = sorted(read_at, key=read_at.__getitem__)
    middle = read_at[ordered[len(ordered) // 2]]
    return Catalogs(len(ordered), now - middle, now - read_at[ordered[0]], ordered[0])


def _requests() -> dict[str, int]:
    return {status.value: _count(status) for status in RequestStatus}


def _count(status: RequestStatus) -> int:
    pages = (
        aws.dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=settings().user_requests_table,
            IndexName="StatusPostcode",
            KeyConditionExpression="#status = :status",
            ExpressionAttributeNames={"#status": "Status"},
            ExpressionAttributeValues={":status": {"S": status.value}},
            Select="COUNT",
        )
    )
    return sum(page["Count"] for page in pages)


def _pipeline() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The records of scrape jobs, and of complete reads of catalogues."""
    jobs, reads = [], []
    for item in _scan("begins_with(PK, :run) OR begins_with(PK, :catalog)"):
        if item["SK"].startswith("Job#"):
            jobs.append(item)
        elif item["SK"].startswith("Read#"):
            reads.append(item)
    return jobs, reads


def _scan(condition: str) -> Iterator[dict[str, Any]]:
    pages = (
        aws.dynamodb()
        .get_paginator("scan")
        .paginate(
            TableName=settings().pipeline_table,
            FilterExpression=condition,
            ExpressionAttributeValues={":run": {"S": "Run#"}, ":catalog": {"S": "Catalog#"}},
        )
    )
    for page in pages:
        yield from map(plain, page["Items"])
