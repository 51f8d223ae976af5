"""The scrape run in the pipeline table: opening it, its jobs, and its end.

How the pieces fit (times are aware UTC; every call may be repeated)::

    jobs = plan_run(postcodes, shops, now)
    send(runs.open_run(jobs, now))              # what has to be queued: nothing while another run is going on
    runs.mark_sent(run_id)
    …
    report = run_job(job, shop, tools, deadline)    # worker.py; leases, pacing and kept pages are inside
    if report.follow_up: send(report.follow_up, report.delay)
    else: completion = runs.job_finished(report, now)   # completion.postcodes may now be matched

Items (``PK`` / ``SK``):

    Run#<run> / Run                    when it began and ended, its figures
    Run#<run> / Job#<shop>#<region>    the job and its report
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from chalicelib import aws
from chalicelib.errors import NotFound
from chalicelib.items import Item, plain
from chalicelib.scraping.completion import Completion, RunFigures, complete_postcodes, figures_of
from chalicelib.scraping.messages import ScrapeJob
from chalicelib.scraping.outcomes import JobReport, Outcome
from chalicelib.scraping.run_lock import SILENCE, RunLock
from chalicelib.settings import settings
from chalicelib.telemetry import count, logger

KEPT = timedelta(days=90)


class RunStore:
    """Runs and their jobs in the pipeline table."""

    def __init__(self, table: str | None = None) -> None:
        self._table = table or settings().pipeline_table
        self._lock = RunLock(self._table)

    def open_run(self, jobs: Sequence[ScrapeJob], now: datetime) -> list[ScrapeJob]:
        """Lock and record the run of ``jobs``; gives the jobs that have to be queued.

        None while another run is open.  A run that was opened but whose jobs were not all queued (``mark_sent`` was not
        reached) gives its jobs again: queueing one twice does no harm.
        """
        if not jobs:
            return []
        opened, abandoned = self._lock.take(jobs[0].run_id, now)
        if abandoned is not None:
            self._end_abandoned(abandoned, now)
        if opened != jobs[0].run_id:
            return [] if self._is_sent(opened) else self._jobs(opened)
        if not self._is_sent(opened):
            self._record(jobs, now)
            return list(jobs)
        return []

    def mark_sent(self, run_id: str) -> None:
        """All jobs of the run are on the queue."""
        aws.dynamodb().update_item(
            TableName=self._table,
            Key=_key(f"Run#{run_id}", "Run"),
            UpdateExpression="SET #s = :t",
            ExpressionAttributeNames={"#s": "Sent"},
            ExpressionAttributeValues={":t": {"BOOL": True}},
        )

    def renew(self, run_id: str, now: datetime) -> None:
        """A job of the run was taken up: the run is not abandoned."""
        self._lock.renew(run_id, now)

    def report_of(self, job: ScrapeJob) -> JobReport | None:
        """How the job ended (its message came twice); ``None`` while it has not.  ``NotFound`` for an unknown run."""
        answer = aws.dynamodb().get_item(TableName=self._table, Key=_job_key(job), ConsistentRead=True)
        if "Item" not in answer:
            raise NotFound(f"run {job.run_id} has no job {job.name}")
        item = plain(answer["Item"])
        if "Outcome" not in item:
            return None
        counts = {name: item[name.capitalize()] for name in ("pages", "products", "changed")}
        return JobReport(job=job, outcome=Outcome(item["Outcome"]), reason=item["Reason"], **counts)

    def job_finished(self, report: JobReport, now: datetime) -> Completion:
        """Record how a job ended, and tell what that completes.  The run's lock goes with its last job."""
        self._finish_job(report, now)
        items = list(self._job_items(report.job.run_id))
        ended = [item for item in items if "Outcome" in item]
        over = len(ended) == len(items)
        figures = figures_of(ended)
        if over:
            self._close(report.job.run_id, figures, now)
        complete = complete_postcodes(items) & set(report.job.postcodes)
        return Completion(run_id=report.job.run_id, run_over=over, postcodes=tuple(sorted(complete)), figures=figures)

    def job_lost(self, job: ScrapeJob, reason: str, now: datetime) -> Completion:
        """The job's message became a dead letter, for ``reason``: it counts as failed, and its run goes on."""
        count("ScrapeFailures")
        facts = {"run_id": job.run_id, "shop": job.shop, "region": job.region, "reason": reason}
        logger().error("scrape job lost", extra=facts)
        return self.job_finished(JobReport(job=job, outcome=Outcome.FAILED, reason=reason), now)

    def last_end(self) -> datetime | None:
        """When the last run ended; ``None`` before the first has."""
        return self._lock.last_end()

    def describe(self, run_id: str) -> dict[str, Any]:
        """The run record and its jobs as plain values, for people."""
        run = aws.dynamodb().get_item(TableName=self._table, Key=_key(f"Run#{run_id}", "Run"), ConsistentRead=True)
        return plain(run.get("Item", {})) | {"Jobs": list(self._job_items(run_id))}

    # Inside ----------------------------------------------------------------------------------------------------------

    def _end_abandoned(self, run_id: str, now: datetime) -> None:
        """Fail the jobs of a run that never ended: their messages are gone, nobody is left who would."""
        for item in list(self._job_items(run_id)):
            if "Outcome" not in item:
                job = msgspec.json.decode(item["Message"], type=ScrapeJob)
                self.job_lost(job, f"not taken up for {SILENCE.seconds // 60} minutes", now)

    def _record(self, jobs: Sequence[ScrapeJob], now: datetime) -> None:
        run = {"StartedAt": {"S": now.isoformat()}, "ExpiresAt": _expiry(now)}
        aws.dynamodb().put_item(TableName=self._table, Item=_key(f"Run#{jobs[0].run_id}", "Run") | run)
        for job in jobs:
            facts: Item = {
                "Message": {"S": msgspec.json.encode(job).decode()},
                "Postcodes": {"L": [{"S": postcode} for postcode in job.postcodes]},
                "ExpiresAt": _expiry(now),
            }
            aws.dynamodb().put_item(TableName=self._table, Item=_job_key(job) | facts)

    def _is_sent(self, run_id: str) -> bool:
        answer = aws.dynamodb().get_item(TableName=self._table, Key=_key(f"Run#{run_id}", "Run"), ConsistentRead=True)
        return "Sent" in answer.get("Item", {})

    def _jobs(self, run_id: str) -> list[ScrapeJob]:
        return [msgspec.json.decode(item["Message"], type=ScrapeJob) for item in self._job_items(run_id)]

    def _job_items(self, run_id: str) -> Iterator[dict[str, Any]]:
        pages = (
            aws.dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=self._table,
                KeyConditionExpression="PK = :run AND begins_with(SK, :job)",
                ExpressionAttributeValues={":run": {"S": f"Run#{run_id}"}, ":job": {"S": "Job#"}},
                ConsistentRead=True,
            )
        )
        for page in pages:
            yield from map(plain, page["Items"])

    def _finish_job(self, report: JobReport, now: datetime) -> None:
        """The first report of a job stays; a repeated one changes nothing."""
        client = aws.dynamodb()
        facts = {
            "Outcome": {"S": report.outcome.value},
            "Reason": {"S": report.reason[:500]},
            "Pages": {"N": str(report.pages)},
            "Products": {"N": str(report.products)},
            "Changed": {"N": str(report.changed)},
            "Seconds": {"N": f"{report.seconds:.3f}"},
            "FinishedAt": {"S": now.isoformat()},
        }
        sets = ", ".join(f"#{name} = :{name}" for name in facts)
        try:
            client.update_item(
                TableName=self._table,
                Key=_job_key(report.job),
                UpdateExpression=f"SET {sets}",
                ConditionExpression="attribute_exists(PK) AND attribute_not_exists(#Outcome)",
                ExpressionAttributeNames={f"#{name}": name for name in facts},
                ExpressionAttributeValues={f":{name}": value for name, value in facts.items()},
            )
        except client.exceptions.ConditionalCheckFailedException:
            return

    def _close(self, run_id: str, figures: RunFigures, now: datetime) -> None:
        closed = aws.dynamodb().update_item(
            TableName=self._table,
            Key=_key(f"Run#{run_id}", "Run"),
            UpdateExpression="SET FinishedAt = if_not_exists(FinishedAt, :now), Figures = :figures",
            ExpressionAttributeValues={
                ":now": {"S": now.isoformat()},
                ":figures": {"S": msgspec.json.encode(figures).decode()},
            },
            ReturnValues="UPDATED_NEW",
        )
        self._lock.release(run_id, closed["Attributes"]["FinishedAt"]["S"])


def _key(pk: str, sk: str) -> Item:
    return {"PK": {"S": pk}, "SK": {"S": sk}}


def _job_key(job: ScrapeJob) -> Item:
    return _key(f"Run#{job.run_id}", f"Job#{job.name}")


def _expiry(now: datetime) -> dict[str, str]:
    return {"N": str(int((now + KEPT).timestamp()))}
