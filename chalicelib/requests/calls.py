"""What a DynamoDB call's failure means to the caller of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.errors import RetryLater
from chalicelib.items import Item

_BUSY = {
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionInProgressException",
}


@contextmanager
def calling() -> Iterator[None]:
    """Around a call: a busy or unreachable table becomes ``RetryLater``; any other error is passed on."""
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _BUSY:
            raise RetryLater("the table of user requests is busy", after_seconds=1) from error
        raise
    except (ConnectionError, HTTPClientError) as error:
        raise RetryLater("the table of user requests does not answer", after_seconds=2) from error


def refused_item(error: Any) -> Item:
    """The item that made a condition fail; empty when there was none."""
    found: Item = error.response.get("Item", {})
    return found


def cancelled(error: Any) -> list[tuple[str, Item]]:
    """Why a transaction was cancelled: code and item of each of its parts, ``None`` for a part that was sound."""
    return [(reason["Code"], reason.get("Item", {})) for reason in error.response.get("CancellationReasons", [])]
