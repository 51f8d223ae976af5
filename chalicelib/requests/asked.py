"""What a caller asks, as the handlers see it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.errors import FieldError, InvalidRequest
from chalicelib.requests.bodies import read_body, shown

if TYPE_CHECKING:
    from chalice.app import Request


class Asked(msgspec.Struct, frozen=True):
    """One HTTP request: the Chalice request, and the id its answer and its log lines carry."""

    request: Request
    request_id: str

    @staticmethod
    def of(request: Request) -> Asked:
        """From Chalice's request; the id is API Gateway's, or Lambda's under ``chalice local``."""
        given = request.context.get("requestId") or getattr(request.lambda_context, "aws_request_id", None)
        return Asked(request, str(given or uuid.uuid4()))

    @property
    def context(self) -> Mapping[str, Any]:
        """API Gateway's request context."""
        return self.request.context

    def header(self, name: str) -> str | None:
        """A header by its name in any case."""
        value: str | None = self.request.headers.get(name)
        return value

    def query(self) -> dict[str, str]:
        """The query's parameters.  Raises ``InvalidRequest`` for one that is there twice."""
        given = self.request.query_params
        values = {name: given.getlist(name) for name in given} if given else {}
        twice = [
            FieldError(shown(name), "Repeated", "is there twice; send it once")
            for name in values
            if len(values[name]) > 1
        ]
        if twice:
            raise InvalidRequest("the query names a parameter twice", tuple(twice))
        return {name: found[0] for name, found in values.items()}

    def has_body(self) -> bool:
        """Whether a body was sent."""
        return bool(self._raw())

    def body(self) -> dict[str, Any]:
        """The body as a JSON object; see ``bodies.read_body`` for what is refused."""
        return read_body(self._raw(), self.header("Content-Type"))

    def _raw(self) -> bytes:
        try:
            raw = self.request.raw_body
        except ValueError:
            raise InvalidRequest("the body is not well-formed JSON in UTF-8") from None
        return raw.encode() if isinstance(raw, str) else raw
