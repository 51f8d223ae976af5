"""One function per route: read the input, call ``service``, shape the answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from chalicelib.errors import FieldError, InvalidRequest
from chalicelib.models import UserRequest
from chalicelib.requests import service
from chalicelib.requests.access import caller_of
from chalicelib.requests.answers import Answer
from chalicelib.requests.asked import Asked
from chalicelib.requests.idempotency import read_key
from chalicelib.requests.inputs import Change, Deletion, Listing, NewRequest, Wish
from chalicelib.requests.rules import BODY_RULES, QUERY_RULES, hidden_fields
from chalicelib.requests.service import Tools
from chalicelib.requests.validation import read
from chalicelib.settings import settings
from chalicelib.telemetry import correlate, count, logger


def submit(asked: Asked) -> Answer:
    """201 and the stored request."""
    key = read_key(asked.header("Idempotency-Key"))
    wish = read(NewRequest, asked.body(), BODY_RULES, hidden_fields())
    request = service.submit(wish, caller_of(asked), key, Tools())
    count("RequestsCreated")
    correlate(request.request_id)
    logger().info("request stored", extra={"request_id": request.request_id, "request_status": request.status})
    return Answer(201, shown_request(request))


def read_wish(asked: Asked) -> Wish:
    """The wish in the body of ``POST /preview``; nothing is stored.  ``InvalidRequest`` names every wrong field."""
    return read(Wish, asked.body(), BODY_RULES, hidden_fields())


def list_requests(asked: Asked) -> Answer:
    """200 and a page of requests."""
    listing = read(Listing, asked.query(), QUERY_RULES)
    requests, token = service.list_requests(listing, caller_of(asked), Tools())
    body: dict[str, Any] = {"Requests": [shown_request(request) for request in requests]}
    return Answer(200, body | ({"NextToken": token} if token else {}))


def delete(asked: Asked) -> Answer:
    """200 and the id of the deleted request, which the query or the body names."""
    query = asked.query()
    body = asked.body() if asked.has_body() else {}
    if "RequestID" in query and "RequestID" in body:
        wrong = FieldError("RequestID", "Repeated", "is in the query and in the body; send it once")
        raise InvalidRequest("RequestID is there twice", (wrong,))
    deletion = read(Deletion, {**query, **body}, BODY_RULES)
    service.delete(deletion.request_id, caller_of(asked), Tools())
    return Answer(200, {"RequestID": deletion.request_id})


def update(asked: Asked) -> Answer:
    """200 and the request as it now is."""
    body = asked.body()
    change = read(Change, body, BODY_RULES)
    if len(body) == 1:
        raise InvalidRequest("there is nothing to change: send a field beside RequestID")
    if "VerificationCode" in body and "PhoneNumber" in body:
        wrong = FieldError("VerificationCode", "Ambiguous", "cannot go with PhoneNumber, which asks for another code")
        raise InvalidRequest("VerificationCode and PhoneNumber exclude each other", (wrong,))
    return Answer(200, shown_request(service.update(change, caller_of(asked), Tools())))


def health(asked: Asked) -> Answer:
    """200, or 503 where the table does not answer; the version and nothing else."""
    answers = Tools().store.answers()
    told = {"Version": settings().version, "TableAnswers": answers}
    return Answer(200, told) if answers else Answer(503, told, {"Retry-After": "5"})


def openapi(asked: Asked) -> Answer:
    """200 and the description of the API, as this stage has it; ``chalice local`` has no gateway to check keys."""
    from chalicelib.requests.openapi import describe

    route = asked.request.path
    base = str(asked.context.get("path", route)).removesuffix(route) or "/"
    return Answer(200, describe(base, guarded="apiId" in asked.context))


def shown_request(request: UserRequest) -> dict[str, Any]:
    """A request as callers see it: no owner, which they are themselves."""
    shown: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(request, owner=None), builtin_types=(Decimal,))
    return shown
