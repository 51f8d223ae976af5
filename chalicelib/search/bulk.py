"""Writing documents to the index, many to a call, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from opensearchpy.exceptions import TransportError

from chalicelib.search.client import client, is_passing, understood
from chalicelib.search.documents import Document, unfit

LARGEST_CALL = 4_000_000
"""Bytes in one ``_bulk`` call; the smallest instances of OpenSearch Service refuse more than 10 MB."""
MOST_IN_A_CALL = 250
CALLS_AT_ONCE = 2
"""OpenSearch works through one call with one thread: two calls keep two of its processors busy."""
_SHOWN = "items.*.status,items.*.error.type,items.*.error.reason"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each document of a call, by its place among them."""

    changed: frozenset[int] = frozenset()
    """Written; what is in none of these sets was in the index already, or a newer version of it."""
    waiting: frozenset[int] = frozenset()
    """Not written, but the same may succeed later (overload, a shard that is moving)."""
    refused: dict[int, str] = {}
    """Never to be written, with OpenSearch's reason."""


def write(documents: Sequence[Document], indices: Sequence[str], version_type: str = "external") -> Written:
    """Write each document to each of the indices unless they have its version or a newer one.

    ``RetryLater`` when OpenSearch as a whole does not answer; nothing is known of the rest then, but repeating is
    harmless: versions make every write one that counts once.
    """
    changed: set[int] = set()
    waiting: set[int] = set()
    refused = {place: reason for place, document in enumerate(documents) if (reason := unfit(document))}
    fit = [(place, document) for place, document in enumerate(documents) if place not in refused]
    for place, outcome in _answered(list(_calls(fit, indices, version_type))):
        status = outcome.get("status", 503)
        if status in (200, 201):
            changed.add(place)
        elif is_passing(status) or status == 404:  # 404: an index that a rebuild has just removed
            waiting.add(place)
        elif status != 409:  # 409: this version or a newer one is there
            refused[place] = _reason(outcome)
    return Written(changed=frozenset(changed), waiting=frozenset(waiting), refused=refused)


Call = Sequence[tuple[int, bytes]]
"""The lines of one call, each with the place of its document."""


def _answered(calls: Sequence[Call]) -> Iterator[tuple[int, dict[str, Any]]]:
    """OpenSearch's answer for each line of the calls, with the place of its document."""
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        answers = pool.map(lambda call: _outcomes([line for _, line in call]), calls)
        for call, outcomes in zip(calls, answers, strict=True):
            yield from zip((place for place, _ in call), outcomes, strict=True)


def _outcomes(lines: Sequence[bytes]) -> list[dict[str, Any]]:
    """OpenSearch's answer for each line.  Where it refuses them as a whole, halves find the one it means."""
    try:
        with understood():
            answer = client().bulk(body=b"".join(lines), params={"filter_path": _SHOWN})
    except TransportError as error:
        if len(lines) == 1:
            return [{"status": error.status_code, "error": {"type": str(error.error), "reason": str(error)}}]
        half = len(lines) // 2
        return _outcomes(lines[:half]) + _outcomes(lines[half:])
    items = [next(iter(item.values())) for item in answer.get("items", [])]
    # An answer that does not name every document tells nothing of any: all of them wait.
    return items if len(items) == len(lines) else [{"status": 503}] * len(lines)


def _reason(outcome: dict[str, Any]) -> str:
    error = outcome.get("error", {})
    return f"{error.get('type', outcome.get('status'))}: {error.get('reason', '')}"[:500]


def _calls(documents: Iterable[tuple[int, Document]], indices: Sequence[str], version_type: str) -> Iterator[Call]:
    """The documents' lines in calls that are neither too large nor too long."""
    call: list[tuple[int, bytes]] = []
    size = 0
    for place, document in documents:
        for index in indices:
            line = _action(document, index, version_type) + b"\n" + document.body + b"\n"
            if call and (size + len(line) > LARGEST_CALL or len(call) == MOST_IN_A_CALL):
                yield call
                call, size = [], 0
            call.append((place, line))
            size += len(line)
    if call:
        yield call


def _action(document: Document, index: str, version_type: str) -> bytes:
    action = {"_index": index, "_id": document.id, "routing": document.key, "version": document.version}
    return msgspec.json.encode({"index": action | {"version_type": version_type}})
