"""Structured logs with masked phone numbers and a correlation id, and custom metrics.

Log messages are constant and carry their facts as fields: ``logger().info("request stored", extra={...})``.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable
from functools import cache, wraps
from threading import Lock
from typing import Any, ParamSpec, TextIO, TypeVar

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit

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


class _Formatter(LambdaPowertoolsFormatter):
    """Powertools' line of JSON, from which no phone number gets through."""

    def serialize(self, log: Any) -> str:
        hidden = {name: f"***{str(value)[-2:]}" for name, value in log.items() if "phone" in name.lower()}
        return mask_phones(super().serialize(log | hidden))


class _Stdout(logging.StreamHandler[TextIO]):
    """Writes to whatever ``sys.stdout`` is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stdout


@cache
def logger() -> Logger:
    """The JSON logger of the running function, from ``INFO`` or the level ``LOG_LEVEL`` names on; its times are UTC."""
    formatter = _Formatter(utc=True, use_rfc3339=True, serialize_stacktrace=False, service=SERVICE)
    return Logger(service=SERVICE, logger_handler=_Stdout(), logger_formatter=formatter)


def correlate(correlation_id: str) -> None:
    """Have every later log line of this thread carry ``correlation_id``."""
    logger().thread_safe_append_keys(correlation_id=correlation_id or None)


def correlation_id() -> str:
    """What ``correlate`` was last given in this thread; empty where there is none."""
    return str(logger().thread_safe_get_current_keys().get("correlation_id") or "")


def count(name: str, value: float = 1) -> None:
    """Add ``value`` to the counter ``name`` (e.g. ``RequestsCreated``); written when the function returns."""
    with _counting:
        _counted[name] = _counted.get(name, 0) + value


def write_counts() -> None:
    """Write what was counted since the last time, if anything was, as a line of CloudWatch's embedded metric format.

    Source: CloudWatch user guide, "Specification: Embedded metric format".
    """
    with _counting:
        counted = dict(_counted)
        _counted.clear()
    if not counted:
        return
    metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
    metrics.set_default_dimensions(stage=os.environ.get("STAGE", "dev"))
    for name, value in counted.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    metrics.flush_metrics()


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
