"""What an answer, or the lack of one, of an AWS service that sends means for a letter.  Pure."""

from __future__ import annotations

from collections.abc import Collection

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ProxyConnectionError,
)

from chalicelib.notifications.channels import Reply
from chalicelib.notifications.states import State
from chalicelib.telemetry import logger

_THROTTLED = {
    *("Throttled", "Throttling", "ThrottlingException", "ThrottledException"),
    *("RequestLimitExceeded", "TooManyRequestsException", "LimitExceededException"),
}
"""Nothing was taken: a service says so before it looks at the letter (AWS "Common errors")."""
_MISCONFIGURED = {
    *("AuthorizationError", "AuthorizationErrorException", "AccessDenied", "AccessDeniedException", "OptInRequired"),
    *("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "IncompleteSignature"),
    *("ExpiredToken", "ExpiredTokenException", "RequestExpired", "UserError", "UserErrorException"),
}
"""Nothing was taken, nor will be until the operator mends something: the letter waits."""
_NEVER_CONNECTED = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError, NoCredentialsError)
THROTTLED_WAIT = 5
MISCONFIGURED_WAIT = 300


def reply_to(error: ClientError | BotoCoreError, service: str, also_misconfigured: Collection[str] = ()) -> Reply:
    """The reply that ``error`` amounts to.

    An error answer with a 5xx status, and a connection lost after it stood, come from a service that may have taken the
    letter before: ``unknown``.
    """
    if isinstance(error, ClientError):
        return _of_answer(error, service, also_misconfigured)
    if isinstance(error, ParamValidationError):
        return Reply(State.FAILED, reason=f"not a letter {service} takes")
    if isinstance(error, _NEVER_CONNECTED):
        return Reply(State.CLAIMED, reason=f"{service} is not there: {type(error).__name__}", after=THROTTLED_WAIT)
    return Reply(State.UNKNOWN, reason=f"no answer from {service}: {type(error).__name__}")


def _of_answer(error: ClientError, service: str, also_misconfigured: Collection[str]) -> Reply:
    details = error.response.get("Error", {})
    code, text = details.get("Code", ""), details.get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _THROTTLED or status == 429:
        return Reply(State.CLAIMED, reason=f"{service} throttles", after=THROTTLED_WAIT)
    if code.startswith("OptedOut") or "opted out" in text.lower():
        return Reply(State.SUPPRESSED, reason="the shopper has opted out")
    if code in _MISCONFIGURED or code in also_misconfigured:
        logger().error("account refused", extra={"to": service, "code": code})
        return Reply(State.CLAIMED, reason=f"{service} refuses this account: {code}", after=MISCONFIGURED_WAIT)
    if 400 <= status < 500:
        return Reply(State.FAILED, reason=f"{service} refused it: {code}")
    return Reply(State.UNKNOWN, reason=f"{service} failed: {code}")
