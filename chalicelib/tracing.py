"""X-Ray subsegments of what a function waits for: calls to AWS, OpenSearch, pages.

Lambda traces each invocation itself and runs an X-Ray daemon beside it; a subsegment is one datagram to that daemon.
Where tracing is off, or an invocation is not sampled, nothing is made and nothing is sent.

Sources: X-Ray developer guide, "Sending segment documents" and "Segment documents"; Lambda developer guide, "Defined
runtime environment variables".  Why no library does this: ``docs/decisions/0062-logs-and-metrics-by-powertools.md``.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.telemetry import correlation_id

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks

_HEADER = b'{"format": "json", "version": 1}\n'
_parent: ContextVar[str] = ContextVar("parent", default="")
_CONTEXT = "shelfwatch.subsegment"


@contextlib.contextmanager
def traced(name: str, namespace: str = "remote", **facts: Any) -> Iterator[None]:
    """A subsegment called ``name`` for as long as the block runs; ``facts`` are further fields of its document."""
    begun = _begin(name, namespace, facts)
    if begun is None:
        yield
        return
    enclosing = _parent.set(begun["id"])
    try:
        yield
    except BaseException:
        begun["fault"] = True
        raise
    finally:
        _parent.reset(enclosing)
        _end(begun)


def trace_calls(events: BaseEventHooks, service: str) -> None:
    """Have every call of a boto3 client (by its ``events``) be a subsegment, retries included."""

    def before(model: Any, context: dict[str, Any], **_: Any) -> None:
        context[_CONTEXT] = _begin(service, "aws", {"aws": {"operation": model.name}})

    def after(context: dict[str, Any], http_response: Any = None, exception: Any = None, **_: Any) -> None:
        begun = context.get(_CONTEXT)
        if begun is None:
            return
        status = getattr(http_response, "status_code", None)
        if status is not None:
            begun["http"] = {"response": {"status": status}}
        kinds = {"error": status is not None and 400 <= status < 500, "fault": exception is not None or status == 500}
        _end({**begun, **{kind: True for kind, so in kinds.items() if so}})

    events.register("before-call", before)
    events.register("after-call", after)
    events.register("after-call-error", after)


def _begin(name: str, namespace: str, facts: dict[str, Any]) -> dict[str, Any] | None:
    """The document of a subsegment that begins now; ``None`` unless the invocation is sampled."""
    header = os.environ.get("_X_AMZN_TRACE_ID", "")
    if "Sampled=1" not in header or "AWS_XRAY_DAEMON_ADDRESS" not in os.environ:
        return None
    trace = dict(part.split("=", 1) for part in header.split(";") if "=" in part)
    return {
        "type": "subsegment",
        "id": secrets.token_hex(8),
        "trace_id": trace.get("Root", ""),
        "parent_id": _parent.get() or trace.get("Parent", ""),
        "name": name,
        "namespace": namespace,
        "start_time": time.time(),
        "annotations": {"correlation_id": correlation_id()},
        **facts,
    }


def _end(begun: dict[str, Any]) -> None:
    """Send the subsegment.  A trace that cannot be sent is no reason for work to fail."""
    document = msgspec.json.encode(begun | {"end_time": time.time()})
    with contextlib.suppress(OSError, ValueError):
        host, _, port = os.environ["AWS_XRAY_DAEMON_ADDRESS"].rpartition(":")
        _socket().sendto(_HEADER + document, (host, int(port)))


@cache
def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    return made
