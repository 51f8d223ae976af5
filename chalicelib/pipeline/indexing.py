"""From the catalogues' streams to the index, and to a match task for each catalogue that changed."""

from __future__ import annotations

from chalicelib import queues
from chalicelib.matching.messages import MatchTask
from chalicelib.matching.settling import request_match
from chalicelib.pipeline import Event, Report
from chalicelib.search.indexing import index_records
from chalicelib.settings import settings
from chalicelib.telemetry import observed


@observed
def index(event: Event) -> Report:
    """Stream records of the catalogue tables go into the index; changed catalogues are matched once they settle."""
    outcome = index_records(event)
    for key in sorted(outcome.changed):
        request_match(MatchTask(postcode=key), _send)
    return {"batchItemFailures": [{"itemIdentifier": number} for number in outcome.failed]}


def _send(task: MatchTask, delay: int) -> None:
    queues.send(settings().require("match_tasks_queue_url"), task, delay)
