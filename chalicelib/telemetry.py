"""Structured logs with masked phone numbers and a correlation id, and custom metrics.

Log messages are constant and carry their facts as fields: ``logger().info("request stored", extra={...})``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger, Metrics

P = ParamSpec("P")
R = TypeVar("R")

SERVICE = "shelfwatch"
# International (+44 7700 900123, 0044…) and national (07700 900123) forms; dates and ids are left alone.
_PHONE = re.compile(r"(?<![\w+])(?:\+|00?)(?:[ ().-]?\d){7,13}(\d\d)(?!\w)")


def mask_phones(text: str) -> str:
    """``text`` with every run of digits that could be a phone number cut to its last two digits."""
    return _PHONE.sub(lambda found: f"***{found.group(1)}", text)


@cache
def logger() -> Logger:
    """The JSON logger of the running function.  Every line passes ``mask_phones``."""
    from aws_lambda_powertools import Logger
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    class MaskingFormatter(LambdaPowertoolsFormatter):
        def serialize(self, log: Any) -> str:
            return mask_phones(super().serialize(log))

    return Logger(service=SERVICE, logger_formatter=MaskingFormatter())


@cache
def metrics() -> Metrics:
    """Custom metrics in CloudWatch's embedded metric format; ``count`` is the short way to use them."""
    from aws_lambda_powertools import Metrics

    return Metrics(namespace="Shelfwatch", service=SERVICE)


def count(name: str, value: float = 1) -> None:
    """Add ``value`` to the counter ``name`` (e.g. ``RequestsCreated``); written when the function returns."""
    metrics().add_metric(name=name, unit="Count", value=value)


def observed(entry: Callable[P, R]) -> Callable[P, R]:
    """Wraps what a function is entered by: whatever was counted in it is written when it returns or raises."""

    @wraps(entry)
    def wrapped(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return entry(*arguments, **named)
        finally:
            if metrics().metric_set:
                metrics().flush_metrics()

    return wrapped
