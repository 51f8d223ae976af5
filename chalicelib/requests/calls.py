"""What a DynamoDB call's failure means, and transactions."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chalicelib import aws
from chalicelib.errors import RetryLater
from chalicelib.items import Item

_BUSY = {
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
TRANSACTIONS = 8
"""How often a transaction is tried that another one got in the way of."""


class Cancelled(Exception):
    """A write beside the first one of a transaction was refused, and nothing was written."""


@contextmanager
def calling() -> Iterator[None]:
    """Around a call: a busy or unreachable table becomes ``RetryLater``; any other error is passed on."""
    from botocore.exceptions import ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as Unreachable

    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _BUSY:
            raise RetryLater("the table of user requests is busy", after_seconds=1) from error
        raise
    except (Unreachable, HTTPClientError) as error:
        raise RetryLater("the table of user requests does not answer", after_seconds=2) from error


def refused_item(error: Any) -> Item:
    """The item that made a condition fail; empty when there was none."""
    found: Item = error.response.get("Item", {})
    return found


def transact(*writes: Mapping[str, Any]) -> Item | None:
    """Do all ``writes`` or none.  Gives the item that made the first one's condition fail, ``None`` when all are done.

    Raises ``Cancelled`` when only another one's condition failed, and ``RetryLater`` when other transactions kept
    getting in the way.  botocore gives each call a token, so that its own retry after a lost answer does no harm.
    """
    for attempt in range(TRANSACTIONS):
        reasons = _tried(writes)
        if not reasons:
            return None
        if reasons[0]["Code"] == "ConditionalCheckFailed":
            there: Item = reasons[0].get("Item", {})
            return there
        if any(reason["Code"] == "ConditionalCheckFailed" for reason in reasons):
            raise Cancelled
        time.sleep(random.uniform(0, 0.02 * 2**attempt))
    raise RetryLater("the table of user requests is busy", after_seconds=1)


def _tried(writes: tuple[Mapping[str, Any], ...]) -> list[Any]:
    """Why the transaction was cancelled, one reason to each write; empty when it was not."""
    client = aws.dynamodb()
    with calling():
        try:
            client.transact_write_items(TransactItems=list(writes))  # type: ignore[arg-type]
        except client.exceptions.TransactionCanceledException as error:
            reasons: list[Any] = error.response["CancellationReasons"]
            return reasons
    return []
