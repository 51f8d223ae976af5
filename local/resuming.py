"""Going on after a restart: work that stopped in the hands of a worker would stay invisible for the queue's timeout."""

from __future__ import annotations

from local.emulator import client
from local.observing import open_jobs
from local.places import Place


def resume_scrape(place: Place) -> int:
    """Queue the unfinished scrape jobs again and end their shops' leases; gives the number of jobs.

    No worker of before the restart is alive, and queueing a job twice does no harm.
    """
    jobs = open_jobs(place)
    if jobs:
        queue = client(place, "sqs").get_queue_url(QueueName="ScrapeJobs")["QueueUrl"]
        client(place, "sqs").purge_queue(QueueUrl=queue)  # what dead workers hold
        for job in jobs:
            lease = {"PK": {"S": f"Shop#{job['SK'].split('#')[1]}"}, "SK": {"S": "Lease"}}
            client(place, "dynamodb").delete_item(TableName="PipelineTable", Key=lease)
            client(place, "sqs").send_message(QueueUrl=queue, MessageBody=job["Message"])
    return len(jobs)
