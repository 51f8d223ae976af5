"""What the stream of the request table says.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from chalicelib.models import RequestStatus, UserRequest
from chalicelib.requests.records import as_request, is_request
from chalicelib.telemetry import logger


def to_match(records: Iterable[Mapping[str, Any]]) -> list[UserRequest]:
    """The requests that have to be matched because of ``records`` (of a DynamoDB stream event with both images).

    A request counts when it is active now and is new, or its wish or status has changed; each counts once, as its last
    record shows it.  A record that holds no request is passed over.
    """
    newest: dict[str, UserRequest] = {}
    for record in records:
        images = record["dynamodb"]
        after = _request(images.get("NewImage"))
        if after is not None and _wish(after) != _wish(_request(images.get("OldImage"))):
            newest[after.request_id] = after
    return [request for request in newest.values() if request.status is RequestStatus.ACTIVE]


def _wish(request: UserRequest | None) -> tuple[Any, ...] | None:
    if request is None:
        return None
    return request.status, request.postcode, request.product_name, request.discount


def _request(image: Mapping[str, Any] | None) -> UserRequest | None:
    if not image or not is_request(image):
        return None
    try:
        return as_request(image)
    except (msgspec.ValidationError, KeyError, TypeError):
        logger().exception("stream record holds no request")
        return None
