"""The deployed surface of Shelfwatch: each entry parses, calls one thing and returns; ``chalicelib`` has the logic."""

import gc

gc.disable()  # What imports make stays: looking through it for garbage, time and again, is a tenth of a cold start.

from typing import Any

from chalice.app import Chalice, CloudWatchEvent, CORSConfig, DynamoDBEvent, Response, SQSEvent

from chalicelib.requests import http
from chalicelib.settings import declared_arn, settings

app = Chalice(app_name="shelfwatch", configure_logs=False)
app.api.cors = CORSConfig(**http.cors(settings().cors_origins))
ACCESS = http.access()


# The HTTP API ------------------------------------------------------------------------------------------------------


@app.route("/submitanewrequest", methods=["POST"], **ACCESS)
def submit_a_new_request() -> Response:
    return http.respond(app.current_request, http.submit)


@app.route("/listrequests", methods=["GET"], **ACCESS)
def list_requests() -> Response:
    return http.respond(app.current_request, http.list_requests)


@app.route("/deletearequest", methods=["DELETE"], **ACCESS)
def delete_a_request() -> Response:
    return http.respond(app.current_request, http.delete)


@app.route("/update", methods=["PUT"], **ACCESS)
def update() -> Response:
    return http.respond(app.current_request, http.update)


@app.route("/preview", methods=["POST"], **ACCESS)
def preview() -> Response:
    from chalicelib.pipeline import previewing

    return http.respond(app.current_request, previewing.answer)


@app.route("/health", methods=["GET"])
def health() -> Response:
    return http.respond(app.current_request, http.health)


@app.route("/openapi.json", methods=["GET"])
def openapi() -> Response:
    return http.respond(app.current_request, http.openapi)


# The pipeline, in the order in which data flows --------------------------------------------------------------------


@app.on_dynamodb_record(declared_arn("USER_REQUESTS_STREAM_ARN"), starting_position="TRIM_HORIZON")
def request_changes(event: DynamoDBEvent) -> dict[str, Any]:
    from chalicelib.pipeline import matching

    return matching.match_changed_requests(event.to_dict())


@app.schedule(settings().scrape_schedule)
def scraper(event: CloudWatchEvent) -> dict[str, Any]:
    from chalicelib.pipeline import planning

    return planning.start_scrape()


@app.on_sqs_message(queue_arn=declared_arn("SCRAPE_JOBS_QUEUE_ARN"), maximum_concurrency=5)
def scrape_worker(event: SQSEvent) -> dict[str, Any]:
    from chalicelib.pipeline import scraping

    context: Any = event.context
    return scraping.scrape(event.to_dict(), context.get_remaining_time_in_millis)


@app.on_dynamodb_record(declared_arn("FIRST_CATALOG_STREAM_ARN"), batch_size=500, starting_position="TRIM_HORIZON")
def indexer(event: DynamoDBEvent) -> dict[str, Any]:
    from chalicelib.pipeline import indexing

    return indexing.index(event.to_dict())


@app.schedule(settings().match_schedule)
def matcher(event: CloudWatchEvent) -> dict[str, Any]:
    from chalicelib.pipeline import matching

    return matching.match_everything()


@app.on_sqs_message(queue_arn=declared_arn("MATCH_TASKS_QUEUE_ARN"), batch_size=10)
def match_worker(event: SQSEvent) -> dict[str, Any]:
    from chalicelib.pipeline import matching

    return matching.match(event.to_dict())


@app.on_sqs_message(
    queue_arn=declared_arn("DELIVERIES_QUEUE_ARN"), batch_size=10, maximum_concurrency=settings().delivery_workers
)
def delivery_worker(event: SQSEvent) -> dict[str, Any]:
    from chalicelib.pipeline import notifying

    context: Any = event.context
    return notifying.deliver(event.to_dict(), context.get_remaining_time_in_millis)


@app.schedule("rate(1 minute)")
def sweeper(event: CloudWatchEvent) -> dict[str, Any]:
    from chalicelib.pipeline import notifying

    context: Any = event.context
    return notifying.sweep(context.get_remaining_time_in_millis)


@app.schedule(settings().scrape_schedule)
def reconciler(event: CloudWatchEvent) -> dict[str, Any]:
    from chalicelib.pipeline import mending

    context: Any = event.context
    return mending.reconcile(context.get_remaining_time_in_millis)


@app.lambda_function()
def reindexer(event: dict[str, Any], context: Any) -> dict[str, Any]:
    from chalicelib.pipeline import mending

    return mending.rebuild_index(context.get_remaining_time_in_millis)


gc.freeze()
gc.enable()
