"""What each route takes: one model per route.  ``rules`` says what each field may hold.

The API's description is made from these two, so a new field is added there and nowhere else.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from chalicelib.models import RequestStatus, attribute_name


class Input(msgspec.Struct, frozen=True, kw_only=True, rename=attribute_name):
    """Base of what callers send: PascalCase outside; a field without a default must be sent."""


class NewRequest(Input, frozen=True, kw_only=True):
    """The body of ``POST /submitanewrequest``."""

    postcode: str
    product_name: str
    discount: Decimal
    phone_number: str
    email: str | None = None
    webhook_url: str | None = None


class Wish(Input, frozen=True, kw_only=True):
    """The body of ``POST /preview``: that of a new request, of which only the wish itself has to be there."""

    postcode: str
    product_name: str
    discount: Decimal
    phone_number: str | None = None
    email: str | None = None
    webhook_url: str | None = None


class Listing(Input, frozen=True, kw_only=True):
    """The query of ``GET /listrequests``."""

    limit: int = 100
    next_token: str | None = None
    postcode: str | None = None
    status: RequestStatus | None = None


class Deletion(Input, frozen=True, kw_only=True):
    """The query, or the body, of ``DELETE /deletearequest``."""

    request_id: str


class Change(Input, frozen=True, kw_only=True):
    """The body of ``PUT /update``: the request and what is to be different."""

    request_id: str
    product_name: str | None = None
    discount: Decimal | None = None
    phone_number: str | None = None
    status: RequestStatus | None = None
    verification_code: str | None = None
