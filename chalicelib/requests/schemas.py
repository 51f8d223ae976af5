"""Schemas and examples of what the API answers, made from the models that the answers are made of."""

from __future__ import annotations

from typing import Any

import msgspec

from chalicelib.models import Preview, Record, UserRequest
from chalicelib.requests.answers import Refusal

Schema = dict[str, Any]
_MOMENT = "2026-11-21T09:30:00Z"
REQUEST_ID_HEADER: Schema = {
    "description": "Names this answer in our logs; quote it when you ask us about it.",
    "required": True,
    "schema": {"type": "string"},
}
_WISH: Schema = {
    "Postcode": "SW1A 1AA",
    "ProductName": "Ground Coffee 500 g",
    "Discount": 20,
    "PhoneNumber": "+447700900123",
}
_ID = "6fa1a3a4-51b4-4c3b-9f67-0a3c6f9f3f51"
_REQUEST: Schema = {
    "RequestID": _ID,
    **_WISH,
    "Status": "active",
    "Version": 1,
    "CreatedAt": _MOMENT,
    "UpdatedAt": _MOMENT,
    "ExpiresAt": "2027-11-21T09:30:00Z",
}
_PREVIEWED: Schema = {
    "ProductID": "sample-S341166",
    "ProductName": "Ground Coffee, 500g",
    "StoreBrand": "Sample Shop",
    "Url": "https://shop.example/products/S341166",
    "Discount": 25,
    "Price": 4.5,
    "PriorPrice": 6,
    "Currency": "GBP",
    "Score": 0.9,
    "Reasons": ["size 500 g", "words ground coffee"],
}
BODY_EXAMPLES: dict[str, Schema] = {
    "submitANewRequest": {"wish": {"value": _WISH}},
    "preview": {"wish": {"value": {name: value for name, value in _WISH.items() if name != "PhoneNumber"}}},
    "update": {
        "change": {"value": {"RequestID": _ID, "Discount": 33.5}},
        "pause": {"value": {"RequestID": _ID, "Status": "paused"}},
        "confirm": {"value": {"RequestID": _ID, "VerificationCode": "204613"}},
    },
}


class Page(Record, frozen=True, kw_only=True):
    """A page of a listing."""

    requests: list[UserRequest]
    next_token: str | None = None


class Deleted(Record, frozen=True, kw_only=True):
    """Which request is gone."""

    request_id: str


class Health(Record, frozen=True, kw_only=True):
    """Whether the API can do its work."""

    version: str
    table_answers: bool


def components() -> Schema:
    """Every schema the description refers to."""
    _, found = msgspec.json.schema_components(
        [UserRequest, Page, Deleted, Preview, Health, Refusal], ref_template="#/components/schemas/{name}"
    )
    found["UserRequest"]["properties"].pop("Owner")
    for schema in found.values():
        if "properties" in schema:
            schema["properties"] = {name: _shown(name, part) for name, part in schema["properties"].items()}
    found["RequestStatus"] |= {"type": "string", "description": "The life of a request."}
    found["Description"] = {"title": "Description", "description": "An OpenAPI document.", "type": "object"}
    return found


def _shown(name: str, schema: Schema) -> Schema:
    """As it is answered: decimals are numbers, ids are UUIDs, and what is ``None`` is left out."""
    if schema.get("format") == "decimal":
        return {key: value for key, value in schema.items() if key != "format"} | {"type": "number"}
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if choices:
        return _shown(name, choices[0])
    formats = {"RequestID": "uuid", "CreatedAt": "date-time", "UpdatedAt": "date-time", "ExpiresAt": "date-time"}
    return schema | ({"format": formats[name]} if name in formats else {})


def example(name: str) -> Any:
    """An answer of schema ``name``."""
    return {
        "UserRequest": _REQUEST,
        "Page": {"Requests": [_REQUEST], "NextToken": "mZk1v0…"},
        "Deleted": {"RequestID": _ID},
        "Preview": {"Matches": [_PREVIEWED], "Others": []},
        "Health": {"Version": "1.0.0", "TableAnswers": True},
        "Description": {"openapi": "3.1.0"},
    }[name]


_UNHEALTHY: Schema = {"Version": "1.0.0", "TableAnswers": False}
_REFUSALS: dict[int, tuple[str, Schema]] = {
    400: (
        "The input is wrong; every wrong field is named.",
        {
            "Code": "InvalidRequest",
            "Message": "2 fields are wrong: Postcode, Discount",
            "Errors": [
                {"Field": "Postcode", "Code": "InvalidPostcode", "Message": "Postcode is not a postcode of GB; …"},
                {"Field": "Discount", "Code": "Required", "Message": "Discount is missing"},
            ],
        },
    ),
    401: (
        "Nobody is signed in.",
        {"Code": "Unauthorized", "Message": "send a valid token as the header Authorization", "Errors": []},
    ),
    403: (
        "The key is missing or wrong.",
        {"Code": "Forbidden", "Message": "send a valid key as the header x-api-key", "Errors": []},
    ),
    404: ("There is no such request.", {"Code": "NotFound", "Message": f"there is no request {_ID}", "Errors": []}),
    409: (
        "The request's status does not allow this, others changed it, or the Idempotency-Key was used before.",
        {"Code": "IdempotencyKeyReused", "Message": "this Idempotency-Key was used with another body; …", "Errors": []},
    ),
    413: ("The body is too large.", {"Code": "BodyTooLarge", "Message": "the body is larger than …", "Errors": []}),
    415: ("The body is not JSON.", {"Code": "UnsupportedMediaType", "Message": "send the body as …", "Errors": []}),
    429: (
        "A cap is reached, or the API is called too often; Retry-After says when to try again.",
        {"Code": "CodeSentRecently", "Message": "a code was just texted; wait a minute", "Errors": []},
    ),
    500: ("Something went wrong on our side.", {"Code": "InternalError", "Message": "something …", "Errors": []}),
    503: (
        "Something we depend on is not there now; try again after Retry-After seconds.",
        {"Code": "ServiceUnavailable", "Message": "the table of user requests is busy; …", "Errors": []},
    ),
    504: (
        "There was no answer in time; it may have been done all the same.",
        {"Code": "Timeout", "Message": "no answer in time; try again", "Errors": []},
    ),
}


def unhealthy() -> Schema:
    """The answer of ``/health`` when something is wrong."""
    answer = refusal(503)
    told = {"schema": {"$ref": "#/components/schemas/Health"}, "examples": {"usual": {"value": _UNHEALTHY}}}
    return answer | {"description": "The table does not answer.", "content": {"application/json": told}}


def refusal(status: int) -> Schema:
    """The answer with an error ``status``."""
    description, usual = _REFUSALS[status]
    headers = {"X-Request-Id": REQUEST_ID_HEADER}
    if status in (429, 503, 504):
        headers["Retry-After"] = {"description": "Seconds.", "required": True, "schema": {"type": "string"}}
    schema = {"$ref": "#/components/schemas/Refusal"}
    content = {"application/json": {"schema": schema, "examples": {"usual": {"value": usual}}}}
    return {"description": description, "headers": headers, "content": content}
