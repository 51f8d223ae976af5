"""The rule of every field a caller may send: its JSON type, how it is read, and the schema that says the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from chalicelib.models import RequestStatus
from chalicelib.requests import contacts, discounts, names, phones, postcodes
from chalicelib.requests.wrong import Wrong
from chalicelib.settings import settings

LARGEST_PAGE = 1000
USUAL_PAGE = 100
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class Rule(msgspec.Struct, frozen=True):
    """How one field is read: its JSON type, then ``read``, which gives the clean value or raises ``Wrong``."""

    types: tuple[type, ...]
    said: str
    """The type as callers are told it."""
    read: Callable[[Any], Any]
    schema: Callable[[], dict[str, Any]]
    """JSON Schema of what ``read`` accepts."""


def _request_id(text: str) -> str:
    if not re.fullmatch(_UUID, text):
        raise Wrong("InvalidRequestID", "is not a UUID; give the RequestID of an answer")
    return text.lower()


def _postcode(text: str) -> str:
    return postcodes.read_postcode(text, settings().country)


def _phone(text: str) -> str:
    stage = settings()
    return phones.read_phone(text, stage.country, stage.sms_countries, stage.example_phones)


def _changed_status(text: str) -> RequestStatus:
    if text not in ("active", "paused"):
        raise Wrong("InvalidStatus", "must be active or paused")
    return RequestStatus(text)


def _listed_status(text: str) -> RequestStatus:
    if text not in list(RequestStatus):
        raise Wrong("InvalidStatus", f"must be one of {', '.join(RequestStatus)}")
    return RequestStatus(text)


def _code(text: str) -> str:
    if not (len(text) == 6 and text.isascii() and text.isdigit()):
        raise Wrong("InvalidCode", "must be the six digits of the text")
    return text


def _limit(text: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= LARGEST_PAGE:
        raise Wrong("OutOfRange", f"must be a whole number from 1 to {LARGEST_PAGE}")
    return int(text)


def _token(text: str) -> str:
    if not 1 <= len(text) <= 1000:
        raise Wrong("InvalidToken", "is not a token of ours; start again without it")
    return text


def _text(read: Callable[[str], Any], **schema: Any) -> Rule:
    """A rule for a JSON string.  Values of ``schema`` that are functions are called when the description is made."""

    def described() -> dict[str, Any]:
        return {"type": "string"} | {name: part() if callable(part) else part for name, part in schema.items()}

    return Rule((str,), "a string", read, described)


def _phone_pattern() -> str:
    return phones.pattern(settings().sms_countries, settings().example_phones)


BODY_RULES: Mapping[str, Rule] = {
    "RequestID": _text(_request_id, format="uuid", examples=["6fa1a3a4-51b4-4c3b-9f67-0a3c6f9f3f51"]),
    "Postcode": _text(
        _postcode,
        description="Full postcode; spaces and case do not matter.",
        pattern=lambda: postcodes.pattern(settings().country),
        examples=lambda: [postcodes.example(settings().country)],
    ),
    "ProductName": _text(
        names.read_name,
        description="What to look for; kept in Unicode NFC without the space around it.",
        pattern=names.PATTERN,
        minLength=names.SHORTEST,
        maxLength=names.LONGEST_WRITTEN,
        examples=["Ground Coffee 500 g"],
    ),
    "Discount": Rule(
        (int, Decimal),
        "a number",
        discounts.read_discount,
        lambda: {
            "type": "number",
            "description": "Percent off, at least; kept exactly.",
            "anyOf": [{"const": 0}, {"minimum": float(discounts.SMALLEST), "maximum": 100}],
            "examples": [20],
        },
    ),
    "PhoneNumber": _text(
        _phone,
        description="Mobile number, kept in E.164; the national way of writing it and spaces are understood too.",
        pattern=_phone_pattern,
        examples=["+447700900123"],
    ),
    "Email": _text(contacts.read_email, format="email", maxLength=254, examples=["shopper@example.com"]),
    "WebhookUrl": _text(
        contacts.read_webhook, pattern=contacts.WEBHOOK_PATTERN, maxLength=2048, examples=["https://example.com/hook"]
    ),
    "Status": _text(_changed_status, enum=["active", "paused"]),
    "VerificationCode": _text(_code, pattern="^[0-9]{6}$", examples=["204613"]),
}

QUERY_RULES: Mapping[str, Rule] = {
    "RequestID": BODY_RULES["RequestID"],
    "Postcode": BODY_RULES["Postcode"],
    "Status": _text(_listed_status, enum=list(RequestStatus)),
    "Limit": Rule(
        (str,),
        "a whole number",
        _limit,
        lambda: {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE},
    ),
    "NextToken": _text(_token, description="The NextToken of the page before, as it was given."),
}


def hidden_fields() -> frozenset[str]:
    """Fields of channels this stage does not have."""
    channels = settings().channels
    return frozenset(
        name for name, channel in (("Email", "email"), ("WebhookUrl", "webhook")) if channel not in channels
    )
