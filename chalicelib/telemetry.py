"""Structured logs with masked phone numbers and a correlation id, and custom metrics.

Log messages are constant and carry their facts as fields: ``logger().info("request stored", extra={...})``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import cache, wraps
from threading import Lock
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger, Metrics

P = ParamSpec("P")
R = TypeVar("R")

SERVICE = "shelfwatch"
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


@cache
def logger() -> Logger:
    """The JSON logger of the running function.  Every line passes ``mask_phones``, fields named for a phone wholly."""
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    class MaskingFormatter(LambdaPowertoolsFormatter):
        def serialize(self, log: Any) -> str:
            hidden = {name: f"***{str(value)[-2:]}" for name, value in log.items() if "phone" in name.lower()}
            return mask_phones(super().serialize({**log, **hidden}))

    return Logger(service=SERVICE, logger_formatter=MaskingFormatter())


def correlate(correlation_id: str) -> None:
    """Have every later log line of this thread carry ``correlation_id``."""
    logger().thread_safe_append_keys(correlation_id=correlation_id)


@cache
def metrics() -> Metrics:
    """Custom metrics in CloudWatch's embedded metric format; ``count`` is the short way to use them."""
    from aws_lambda_powertools import Metrics

    return Metrics(namespace="Shelfwatch", service=SERVICE)


def count(name: str, value: float = 1) -> None:
    """Add ``value`` to the counter ``name`` (e.g. ``RequestsCreated``); written when the function returns."""
    with _counting:
        metrics().add_metric(name=name, unit="Count", value=value)


def observed(entry: Callable[P, R]) -> Callable[P, R]:
    """Wraps what a function is entered by: whatever was counted in it is written when it returns or raises."""

    @wraps(entry)
    def wrapped(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return entry(*arguments, **named)
        finally:
            with _counting:
                if metrics().metric_set:
                    metrics().flush_metrics()

    return wrapped
