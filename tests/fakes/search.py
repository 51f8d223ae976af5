"""An index of a test's own on a real OpenSearch node, and the faults a test makes it meet."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from opensearchpy.exceptions import ConnectionError as UnreachableError
from opensearchpy.exceptions import ConnectionTimeout, TransportError

from chalicelib.errors import RetryLater
from chalicelib.search import index
from chalicelib.search.bulk import Written
from chalicelib.search.client import client
from chalicelib.search.documents import Document
from tests.fakes.cloud import stage

Bulk = Callable[..., dict[str, Any]]


@contextmanager
def index_at(monkeypatch: pytest.MonkeyPatch, url: str, **environment: str) -> Iterator[str]:
    """A new empty index on the node at ``url``; gives the name of its alias."""
    alias = f"test-{uuid.uuid4().hex[:12]}"
    with stage(monkeypatch, OPENSEARCH_ENDPOINT=url, OPENSEARCH_INDEX=alias, **environment):
        client.cache_clear()
        index.ensure_index()
        yield alias
        client().indices.delete(index=f"{alias}-*")
        client().indices.delete_index_template(name=f"{alias}-indices")
    client.cache_clear()
    index.forget_targets()


@dataclass
class FaultyBulk:
    """Stands before the client's ``bulk`` and spoils some calls, each in one of the ways real ones fail."""

    real: Bulk
    random: random.Random
    rate: float = 0.3
    seen: list[str] = field(default_factory=list)

    def __call__(self, body: bytes, params: Any = None) -> dict[str, Any]:
        if self.random.random() >= self.rate:
            return self.real(body=body, params=params)
        fault = self.random.choice([self.away, self.lost, self.overloaded, self.partly, self.silent])
        self.seen.append(fault.__name__)
        return fault(body, params)

    def away(self, body: bytes, params: Any) -> dict[str, Any]:
        """Nothing arrives."""
        raise UnreachableError("N/A", "refused", ConnectionRefusedError())

    def lost(self, body: bytes, params: Any) -> dict[str, Any]:
        """Everything arrives, the answer does not."""
        self.real(body=body, params=params)
        raise ConnectionTimeout("TIMEOUT", "read timed out", TimeoutError())

    def overloaded(self, body: bytes, params: Any) -> dict[str, Any]:
        """The node refuses the call as a whole."""
        raise TransportError(self.random.choice([429, 503]), "rejected", {})

    def partly(self, body: bytes, params: Any) -> dict[str, Any]:
        """Some documents are taken, others are put off."""
        lines = body.split(b"\n")[:-1]
        pairs = [b"\n".join(lines[at : at + 2]) + b"\n" for at in range(0, len(lines), 2)]
        put_off = {place for place in range(len(pairs)) if self.random.random() < 0.5}
        taken = [pair for place, pair in enumerate(pairs) if place not in put_off]
        answers = iter(self.real(body=b"".join(taken), params=params)["items"] if taken else [])
        status = self.random.choice([429, 503])
        items = [{"index": {"status": status}} if place in put_off else next(answers) for place in range(len(pairs))]
        return {"items": items}

    def silent(self, body: bytes, params: Any) -> dict[str, Any]:
        """Everything arrives, the answer is cut short."""
        items = self.real(body=body, params=params)["items"]
        return {"items": items[: len(items) // 2]}


Answer = Callable[[Sequence[Document]], Written]
"""What ``bulk.write`` gives for some documents."""


class FakeIndex:
    """Answers ``bulk.write`` from a script, then takes everything.

    It passes the same contract tests as the real one (``test_search_contract.py``).
    """

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[list[str]] = []

    def write(self, documents: Sequence[Document], indices: Sequence[str]) -> Written:
        self.asked.append([document.product_id for document in documents])
        if self.answers:
            return self.answers.pop(0)(documents)
        return all_taken(documents)


def all_taken(documents: Sequence[Document]) -> Written:
    return Written(changed=frozenset(range(len(documents))))


def away(documents: Sequence[Document]) -> Written:
    raise RetryLater("OpenSearch does not answer")


def put_off(*places: int) -> Answer:
    return lambda documents: Written(
        changed=frozenset(range(len(documents))) - set(places), waiting=frozenset(places)
    )


def refused(place: int) -> Answer:
    return lambda documents: Written(
        changed=frozenset(range(len(documents))) - {place}, refused={place: "mapper_parsing_exception: no number"}
    )
