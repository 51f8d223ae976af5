"""The HTTP side of the requests: from Chalice's request to a call of ``service``, and its outcome to an answer.

Every answer, good or bad, is JSON and carries ``X-Request-Id``; every refusal has the envelope
``{"Code", "Message", "Errors": [{"Field", "Code", "Message"}]}``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalice.app import CognitoUserPoolAuthorizer, Response

from chalicelib.requests.answers import Answer, encoded, refusal
from chalicelib.requests.asked import Asked
from chalicelib.settings import settings
from chalicelib.telemetry import correlate, count, logger, observed

if TYPE_CHECKING:
    from chalice.app import Request

Handler = Callable[[Asked], Answer]


def cors(origins: tuple[str, ...]) -> dict[str, Any]:
    """Arguments of Chalice's ``CORSConfig`` for the allowed ``origins``.

    A preflight is answered by API Gateway itself, with one fixed origin; where a stage allows several, it answers
    ``*`` and the answers themselves name the caller's origin only if it is allowed.
    """
    return {
        "allow_origin": origins[0] if len(origins) == 1 else "*",
        "allow_headers": ["Idempotency-Key"],
        "expose_headers": ["X-Request-Id", "Retry-After"],
        "max_age": 7200,
    }


def access() -> dict[str, Any]:
    """Arguments of ``app.route``: how API Gateway checks the caller, and that ``bodies`` checks the content type."""
    stage = settings()
    if stage.access == "api_key":
        return {"api_key_required": True, "content_types": ["*/*"]}
    authorizer = CognitoUserPoolAuthorizer("shoppers", provider_arns=[stage.require("user_pool_arn")])
    return {"authorizer": authorizer, "content_types": ["*/*"]}


@observed
def respond(request: Request | None, handler: Handler) -> Response:
    """Answer ``request`` with what ``handler`` gives or raises; never raises itself, and logs one line."""
    assert request is not None, "Chalice sets the current request before it calls a view"
    started = time.perf_counter()
    asked = Asked.of(request)
    correlate(asked.request_id)
    answer = answered(asked, handler)
    count("ApiErrors", answer.status >= 500)
    fields = {"method": request.method, "route": request.path, "status": answer.status, "call_id": asked.request_id}
    logger().info("request answered", extra=fields | {"milliseconds": round((time.perf_counter() - started) * 1000, 1)})
    usual = {"Content-Type": "application/json", "X-Request-Id": asked.request_id}
    return Response(encoded(answer.body), {**usual, **_origin(asked), **answer.headers}, answer.status)


def answered(asked: Asked, handler: Handler) -> Answer:
    """What ``handler`` answers, or the refusal that its error means."""
    try:
        return handler(asked)
    except Exception as error:  # noqa: BLE001 - whatever happened, the caller gets an answer in the envelope
        return refusal(error)


def _origin(asked: Asked) -> dict[str, str]:
    """The CORS headers where several origins are allowed; Chalice adds the fixed ones otherwise."""
    origins = settings().cors_origins
    if len(origins) == 1:
        return {}
    origin = asked.header("Origin")
    return {"Access-Control-Allow-Origin": origin if origin in origins else origins[0], "Vary": "Origin"}


def submit(asked: Asked) -> Answer:
    """``POST /submitanewrequest``."""
    from chalicelib.requests import handlers

    return handlers.submit(asked)


def list_requests(asked: Asked) -> Answer:
    """``GET /listrequests``."""
    from chalicelib.requests import handlers

    return handlers.list_requests(asked)


def delete(asked: Asked) -> Answer:
    """``DELETE /deletearequest``."""
    from chalicelib.requests import handlers

    return handlers.delete(asked)


def update(asked: Asked) -> Answer:
    """``PUT /update``."""
    from chalicelib.requests import handlers

    return handlers.update(asked)


def health(asked: Asked) -> Answer:
    """``GET /health``."""
    from chalicelib.requests import handlers

    return handlers.health(asked)


def openapi(asked: Asked) -> Answer:
    """``GET /openapi.json``."""
    from chalicelib.requests import handlers

    return handlers.openapi(asked)
