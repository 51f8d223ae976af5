"""From active requests to the jobs of a scrape run."""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib import queues
from chalicelib.pipeline import Report
from chalicelib.requests.store import RequestStore
from chalicelib.scraping import shops
from chalicelib.scraping.planning import plan_run
from chalicelib.scraping.runs import RunStore
from chalicelib.settings import settings
from chalicelib.telemetry import logger, observed


@observed
def start_scrape() -> Report:
    """Plan a run for the postcodes of all active requests and queue its jobs; nothing while another run is open."""
    now, runs = datetime.now(UTC), RunStore()
    postcodes = RequestStore().active_postcodes()
    jobs = runs.open_run(plan_run(postcodes, shops.load(settings()).values(), now), now)
    if jobs:
        queues.send_all(settings().require("scrape_jobs_queue_url"), jobs)
        runs.mark_sent(jobs[0].run_id)
    report = {"RunID": jobs[0].run_id if jobs else None, "Jobs": len(jobs), "Postcodes": len(postcodes)}
    logger().info("scrape run", extra=report)
    return report
