"""A stand-in for the SMS side of SNS that validates like AWS and counts what shoppers really got.

It refuses what SNS refuses (numbers that are not E.164, more than 1,600 bytes, attributes of a wrong form), and can be
told to throttle, to know phones as opted out, to reject countries, and to lose its answers before or after accepting.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SENDER_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}")
_ATTRIBUTES: Mapping[str, Callable[[str], bool]] = {
    "AWS.SNS.SMS.SMSType": lambda value: value in ("Transactional", "Promotional"),
    "AWS.SNS.SMS.SenderID": lambda value: _SENDER_ID.fullmatch(value) is not None,
    "AWS.SNS.SMS.MaxPrice": lambda value: re.fullmatch(r"\d+(\.\d+)?", value) is not None,
    "AWS.MM.SMS.OriginationNumber": lambda value: re.fullmatch(r"\+?\d{5,14}", value) is not None,
}
MOST_BYTES = 1600


@dataclass(frozen=True)
class Text:
    """A text that a shopper got."""

    phone: str
    body: str
    attributes: Mapping[str, str]
    message_id: str


class Refusal(Exception):
    """An error answer: its code, text and HTTP status."""

    def __init__(self, code: str, text: str, status: int) -> None:
        super().__init__(code)
        self.code, self.text, self.status = code, text, status


@dataclass
class StrictSns:
    """Takes texts as ``client.publish`` does; ``inbox`` holds what was accepted.

    ``lose_before`` and ``lose_after`` are the shares of calls that fail before anything was accepted (no connection)
    and after it was (the answer is lost); ``throttle`` the share that is refused by rate.
    """

    opted_out: set[str] = field(default_factory=set)
    rejected_prefixes: tuple[str, ...] = ()
    says_opted_out: bool = True
    """SNS has been seen to accept a text to an opted-out phone and drop it; ``False`` for that."""
    lose_before: float = 0
    lose_after: float = 0
    throttle: float = 0
    fail: float = 0
    """Share of calls answered by HTTP 500, half of them after accepting."""
    random: random.Random = field(default_factory=random.Random)
    inbox: list[Text] = field(default_factory=list)
    calls: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    accepted_at: list[float] = field(default_factory=list)
    """Epoch seconds of each text of ``inbox``, where a server takes them."""

    def publish(self, *, PhoneNumber: str, Message: str, MessageAttributes: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803
        """The call of a boto3 client, with botocore's own errors."""
        with self.lock:
            self.calls += 1
            if self.random.random() < self.lose_before:
                raise EndpointConnectionError(endpoint_url="https://sns.example")
            try:
                message_id = self.accept(PhoneNumber, Message, MessageAttributes)
            except Refusal as refusal:
                raise client_error(refusal) from None
            if self.random.random() < self.lose_after:
                raise ReadTimeoutError(endpoint_url="https://sns.example")
        return {"MessageId": message_id, "ResponseMetadata": {"HTTPStatusCode": 200}}

    def check_if_phone_number_is_opted_out(self, *, phoneNumber: str) -> dict[str, Any]:  # noqa: N803
        """As SNS has it."""
        return {"isOptedOut": phoneNumber in self.opted_out}

    def list_phone_numbers_opted_out(self, nextToken: str = "") -> dict[str, Any]:  # noqa: N803
        """In pages of 100."""
        start = int(nextToken or 0)
        page = sorted(self.opted_out)[start : start + 100]
        more = {"nextToken": str(start + 100)} if start + 100 < len(self.opted_out) else {}
        return {"phoneNumbers": page, **more}

    def accept(self, phone: str, body: str, attributes: Mapping[str, Any]) -> str:
        """Take one text; gives its message id.  Raises ``Refusal``."""
        if self.random.random() < self.throttle:
            raise Refusal("Throttled", "Rate exceeded", 429)
        failing = self.random.random() < self.fail
        if failing and self.random.random() < 0.5:
            raise Refusal("InternalError", "Internal failure", 500)
        self._check(phone, body, attributes)
        if phone in self.opted_out and not self.says_opted_out:
            return str(uuid4())
        plain = {name: value["StringValue"] for name, value in attributes.items()}
        text = Text(phone, body, plain, str(uuid4()))
        self.inbox.append(text)
        if failing:
            raise Refusal("InternalError", "Internal failure", 500)
        return text.message_id

    def _check(self, phone: str, body: str, attributes: Mapping[str, Any]) -> None:
        if not _E164.fullmatch(phone):
            raise Refusal("InvalidParameter", "Invalid parameter: PhoneNumber Reason: not E.164", 400)
        if not body or len(body.encode()) > MOST_BYTES:
            raise Refusal("InvalidParameter", "Invalid parameter: Message too long or empty", 400)
        for name, value in attributes.items():
            if (
                value.get("DataType") != "String"
                or name not in _ATTRIBUTES
                or not _ATTRIBUTES[name](value["StringValue"])
            ):
                raise Refusal("InvalidParameterValue", f"Invalid attribute: {name}", 400)
        if phone.startswith(self.rejected_prefixes or ("-",)):
            raise Refusal("InvalidParameter", "Invalid parameter: PhoneNumber Reason: country not supported", 400)
        if phone in self.opted_out and self.says_opted_out:
            raise Refusal("InvalidParameter", "Invalid parameter: PhoneNumber Reason: phone number is opted out", 400)


def client_error(refusal: Refusal) -> ClientError:
    """The refusal as boto3 raises it."""
    answer: Any = {
        "Error": {"Type": "Sender", "Code": refusal.code, "Message": refusal.text},
        "ResponseMetadata": {"HTTPStatusCode": refusal.status},
    }
    return ClientError(answer, "Publish")
