"""Structured logs with masked phone numbers and a correlation id, and custom metrics.

Log messages are constant and carry their facts as fields: ``logger().info("request stored", extra={...})``.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache, wraps
from threading import Lock
from typing import Any, ParamSpec, TextIO, TypeVar

import msgspec

P = ParamSpec("P")
R = TypeVar("R")

SERVICE = "shelfwatch"
NAMESPACE = "Shelfwatch"
"""Of the custom metrics; their dimensions are ``service`` and ``stage``."""
_SEPARATOR = r"[ ().\-]{0,2}"
_PHONE = re.compile(
    rf"""
    (?: (?:\+|\uFF0B|%2[Bb]) {_SEPARATOR} [1-9]                # +44 7700 900123, and the plus as URLs write it
      | (?<![\w.])00[1-9]                                    # 0044 7700 900123
      | (?<![\w.])\(?0[ )\-]?[1-9]                            # 07700 900123, (07700) 900123
      | (?<![\w.])44{_SEPARATOR}7                             # 447700900123, as some services give it
    )
    (?:{_SEPARATOR}\d){{5,13}}{_SEPARATOR}(\d\d)(?!\w)
    """,
    re.VERBOSE,
)
"""What could be a phone number: 8 digits and more behind a plus or a zero.  Dates, amounts and ids are left alone."""
_counting = Lock()
_counted: dict[str, float] = {}
_correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")


def mask_phones(text: str) -> str:
    """``text`` with whatever could be a phone number cut to its last two digits."""
    return _PHONE.sub(lambda found: f"***{found.group(1)}", text)


def _mask_every_record() -> None:
    """Have ``mask_phones`` read every log record of the process at its birth: libraries write what they send, too."""
    make = logging.getLogRecordFactory()

    def masked(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = make(*arguments, **named)
        if isinstance(record.msg, str):
            record.msg, record.args = mask_phones(_message(record)), ()
        if record.exc_info and record.exc_info[0]:
            record.exc_text = mask_phones(logging.Formatter().formatException(record.exc_info))
        return record

    logging.setLogRecordFactory(masked)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.msg} {record.args}"


_mask_every_record()


class _Formatter(logging.Formatter):
    """A record as one line of JSON, its ``extra`` fields beside the message; no phone number gets through."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "level": record.levelname,
            "location": f"{record.module}.{record.funcName}:{record.lineno}",
            "message": record.getMessage(),
            "timestamp": datetime.fromtimestamp(record.created, UTC),
            "service": SERVICE,
        }
        if correlation_id():
            line["correlation_id"] = correlation_id()
        if record.exc_info and record.exc_info[0]:
            line |= {"exception_name": record.exc_info[0].__name__, "exception": record.exc_text}
        line |= {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}
        hidden = {name: f"***{str(value)[-2:]}" for name, value in line.items() if "phone" in name.lower()}
        return mask_phones(msgspec.json.encode(line | hidden, enc_hook=str).decode())


_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _Stdout(logging.StreamHandler[TextIO]):
    """Writes to whatever ``sys.stdout`` is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stdout


@cache
def logger() -> logging.Logger:
    """The JSON logger of the running function, from ``INFO`` on, or from the level ``LOG_LEVEL`` names.

    Made of the standard library: aws-lambda-powertools' logger is alike, but would take the API's cold start over its
    bound (``docs/decisions/0060-telemetry-by-the-standard-library.md``).
    """
    made = logging.getLogger(SERVICE)
    handler = _Stdout()
    handler.setFormatter(_Formatter())
    made.addHandler(handler)
    made.setLevel(os.environ.get("LOG_LEVEL", "INFO"))
    # Lambda has a handler of its own on the root logger, which would write every line again.
    made.propagate = "AWS_LAMBDA_FUNCTION_NAME" not in os.environ
    return made


def correlate(correlation_id: str) -> None:
    """Have every later log line of this thread carry ``correlation_id``."""
    _correlation_id.set(correlation_id)


def correlation_id() -> str:
    """What ``correlate`` was last given in this thread; empty where there is none."""
    return _correlation_id.get()


def count(name: str, value: float = 1) -> None:
    """Add ``value`` to the counter ``name`` (e.g. ``RequestsCreated``); written when the function returns."""
    with _counting:
        _counted[name] = _counted.get(name, 0) + value


def write_counts() -> None:
    """Write what was counted since the last time as one line of CloudWatch's embedded metric format, if anything was.

    Source: CloudWatch user guide, "Specification: Embedded metric format".
    """
    with _counting:
        counted = dict(_counted)
        _counted.clear()
    if not counted:
        return
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["service", "stage"]],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in counted],
    }
    told = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    print(
        msgspec.json.encode(
            {"_aws": told, "service": SERVICE, "stage": os.environ.get("STAGE", "dev"), **counted}
        ).decode(),
        flush=True,
    )


def observed(entry: Callable[P, R]) -> Callable[P, R]:
    """Wraps what a function is entered by: it begins without a correlation id, and whatever was counted in it is
    written when it returns or raises, with whether it raised (``FunctionErrors``, whose average is the error rate).
    """

    @wraps(entry)
    def wrapped(*arguments: P.args, **named: P.kwargs) -> R:
        correlate("")
        failed = True
        try:
            outcome = entry(*arguments, **named)
            failed = False
            return outcome
        finally:
            count("FunctionErrors", failed)
            write_counts()

    return wrapped
