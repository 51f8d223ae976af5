"""The API's description (OpenAPI 3.1), made from the models, the rules of their fields and the table of routes below.

Served at ``/openapi.json`` with the stage's own settings, and written to ``docs/openapi.json`` with the usual ones:
``python -m chalicelib.requests.openapi``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from chalicelib.requests import schemas
from chalicelib.requests.idempotency import KEY_PATTERN
from chalicelib.requests.inputs import Change, Deletion, Input, Listing, NewRequest, Wish
from chalicelib.requests.rules import BODY_RULES, QUERY_RULES, Rule, hidden_fields
from chalicelib.settings import settings

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One route as its callers know it."""

    path: str
    method: str
    operation: str
    summary: str
    description: str
    success: int
    answer: str
    """Name of the answer's schema."""
    refusals: tuple[int, ...]
    """Statuses that the app itself refuses with; the gateway in front of it has its own."""
    body: type[Input] | None = None
    query: type[Input] | None = None
    open_to_all: bool = False


ROUTES = (
    Route(
        path="/submitanewrequest",
        method="post",
        operation="submitANewRequest",
        summary="Submit a new request",
        description="Stores a wish. Where the stage proves phones, it is `pending` until the code that is texted to "
        "the phone comes back through `PUT /update`. With an `Idempotency-Key` a repeated POST gives the same request.",
        success=201,
        answer="UserRequest",
        refusals=(400, 409, 413, 415, 429, 500, 503),
        body=NewRequest,
    ),
    Route(
        path="/listrequests",
        method="get",
        operation="listRequests",
        summary="List requests",
        description="A page of requests; the next one begins at `NextToken`, and a page without it is the last. They "
        "are ordered by status and within it newest first; those of one postcode by status alone.",
        success=200,
        answer="Page",
        refusals=(400, 429, 500, 503),
        query=Listing,
    ),
    Route(
        path="/deletearequest",
        method="delete",
        operation="deleteARequest",
        summary="Delete a request",
        description='The id may be sent as `{"RequestID": …}` in a JSON body instead.',
        success=200,
        answer="Deleted",
        refusals=(400, 404, 413, 415, 429, 500, 503),
        query=Deletion,
    ),
    Route(
        path="/update",
        method="put",
        operation="update",
        summary="Change, pause, resume or confirm a request",
        description="Send `RequestID` and what is to be different. `VerificationCode` confirms the phone of a pending "
        "request. `PhoneNumber` on a pending request, the same or another, has a new code texted, once a minute.",
        success=200,
        answer="UserRequest",
        refusals=(400, 404, 409, 413, 415, 429, 500, 503),
        body=Change,
    ),
    Route(
        path="/preview",
        method="post",
        operation="preview",
        summary="What a wish would match now, and why",
        description="Takes the body of a new request, stores nothing, and shows which products the shopper would be "
        "texted about now and which come near, each with the reasons. Answers 503 while the index is away.",
        success=200,
        answer="Preview",
        refusals=(400, 413, 415, 429, 500, 503),
        body=Wish,
    ),
    Route(
        path="/health",
        method="get",
        operation="health",
        summary="Whether the API is up",
        description="Needs no key.",
        success=200,
        answer="Health",
        refusals=(503,),
        open_to_all=True,
    ),
    Route(
        path="/openapi.json",
        method="get",
        operation="openapi",
        summary="This description",
        description="Needs no key.",
        success=200,
        answer="Description",
        refusals=(500,),
        open_to_all=True,
    ),
)


def describe(base: str = "/", guarded: bool = True) -> Schema:
    """The whole description.

    ``base`` is the path the API is served under, ``guarded`` whether a gateway in front of it checks the caller.
    """
    schemes = _security(settings().access) if guarded else {}
    paths: dict[str, Schema] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Shelfwatch",
            "version": "1.0.0",
            "summary": "Texts a shopper once when a product is cheap enough in the shops that serve a postcode.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": base}],
        "security": [{name: []} for name in schemes],
        "paths": paths,
        "components": {"schemas": schemas.components(), "securitySchemes": schemes},
    }


def _security(access: str) -> Schema:
    if access == "cognito":
        return {"IdToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    return {"ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}}


def _operation(route: Route) -> Schema:
    described: Schema = {
        "operationId": route.operation,
        "summary": route.summary,
        "description": route.description,
        "responses": {str(route.success): _success(route)}
        | {str(status): schemas.refusal(status) for status in sorted({*route.refusals, *_gateways(route)})},
    }
    if route.open_to_all:
        described["security"] = []
    if route.answer == "Health":
        described["responses"]["503"] = schemas.unhealthy()
    if route.query:
        described["parameters"] = _parameters(route.query)
    if route.body is NewRequest:
        described["parameters"] = [_IDEMPOTENCY_KEY]
    if route.body:
        content = {"schema": body_schema(route.body), "examples": schemas.BODY_EXAMPLES[route.operation]}
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    return described


def _gateways(route: Route) -> set[int]:
    """Statuses that the gateway refuses with: too many calls, no answer in time, and callers it does not know."""
    if route.open_to_all:
        return {429, 504}
    return {401 if settings().access == "cognito" else 403, 429, 504}


def _success(route: Route) -> Schema:
    answer: Schema = {
        "description": "Done.",
        "headers": {"X-Request-Id": schemas.REQUEST_ID_HEADER},
        "content": {
            "application/json": {
                "schema": {"$ref": f"#/components/schemas/{route.answer}"},
                "examples": {"usual": {"value": schemas.example(route.answer)}},
            }
        },
    }
    if route.operation == "submitANewRequest":
        answer["links"] = _LINKS
    return answer


def body_schema(model: type[Input]) -> Schema:
    """JSON Schema of a body: what its fields' rules accept, and nothing else."""
    declared = [field for field in msgspec.structs.fields(model) if field.encode_name not in hidden_fields()]
    schema: Schema = {
        "type": "object",
        "properties": {field.encode_name: BODY_RULES[field.encode_name].schema() for field in declared},
        "required": [field.encode_name for field in declared if field.required],
        "additionalProperties": False,
    }
    if model is Change:
        schema |= {"minProperties": 2, "not": {"required": ["VerificationCode", "PhoneNumber"]}}
    return schema


def _parameters(model: type[Input]) -> list[Schema]:
    rules: Mapping[str, Rule] = QUERY_RULES
    return [
        {
            "name": field.encode_name,
            "in": "query",
            "required": field.required,
            "schema": rules[field.encode_name].schema(),
        }
        for field in msgspec.structs.fields(model)
    ]


_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Any string of your own, a UUID say: the same key and body never make a second request.",
    "required": False,
    "schema": {"type": "string", "pattern": KEY_PATTERN},
    "example": "0b9c3c1e-7a55-4f0b-8a38-1d7e6a8f1b64",
}
_LINKS: Schema = {
    "Delete": {"operationId": "deleteARequest", "parameters": {"query.RequestID": "$response.body#/RequestID"}},
    "Update": {"operationId": "update", "requestBody": {"RequestID": "$response.body#/RequestID", "Status": "paused"}},
}

if __name__ == "__main__":
    json.dump(describe(), sys.stdout, indent=2)
    print()
