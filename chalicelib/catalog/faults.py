"""What an AWS error means to the caller, and waiting for AWS to get somewhere."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as UnreachableError

from chalicelib.errors import RetryLater

T = TypeVar("T")
sleep = time.sleep

PASSING = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "LimitExceededException",
        "PreconditionFailedException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ResourceConflictException",
        "ResourceInUseException",
        "ServiceException",
        "ServiceUnavailable",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
    }
)
"""Codes of errors that the same call may not meet again (DynamoDB and Lambda API references, "Errors")."""


def code_of(error: ClientError) -> str:
    """AWS's name for the error, e.g. ``ResourceNotFoundException``."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def understood() -> Iterator[None]:
    """Errors of AWS that pass by themselves leave the block as ``RetryLater``; others as they are."""
    try:
        yield
    except ClientError as error:
        if code_of(error) in PASSING:
            raise RetryLater(f"{error.operation_name}: {code_of(error)}") from error
        raise
    except (HTTPClientError, UnreachableError) as error:
        raise RetryLater(f"AWS did not answer: {type(error).__name__}") from error


def wait_for(check: Callable[[], T | None], what: str, seconds: float = 60) -> T:
    """The first value of ``check`` that is not ``None``; asks ever more slowly, ``RetryLater`` after ``seconds``."""
    end = time.monotonic() + seconds
    for attempt in range(10_000):
        found = check()
        if found is not None:
            return found
        if time.monotonic() > end:
            break
        pause(attempt)
    raise RetryLater(f"waited {seconds:g} s for {what}")


def pause(attempt: int) -> None:
    """Sleep before attempt ``attempt`` (from 0) is repeated: doubling from 50 ms to 3 s, with jitter."""
    sleep(min(3.0, 0.05 * 2**attempt) * random.uniform(0.5, 1))
