"""The index and its two aliases: queries ask ``products``; writers write to every index behind ``products-writing``.

The index itself is ``products-<number>``, so that a new one can be built while the old one answers.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

import msgspec
from opensearchpy.exceptions import NotFoundError, RequestError

from chalicelib.search.client import client, understood
from chalicelib.search.mapping import MAPPING, SETTINGS
from chalicelib.settings import settings
from chalicelib.telemetry import logger

TARGETS_KEPT = 5.0
"""Seconds a process goes on writing to the indices it knows; a rebuild waits longer before it copies."""
_targets: tuple[float, tuple[str, ...]] = (-TARGETS_KEPT, ())


def read_alias() -> str:
    """The alias that queries ask."""
    return settings().opensearch_index


def write_alias() -> str:
    """The alias of all indices that have to be kept up to date."""
    return f"{settings().opensearch_index}-writing"


def ensure_index() -> str:
    """There is one index that queries ask, and it is written to; gives its name.

    Safe to repeat and to run twice at once.  Where the aliases were lost, the oldest index gets them: it was asked
    before a rebuild could make another.
    """
    with understood():
        _ensure_template()
        asked, written = _behind(read_alias()), _behind(write_alias())
        name = min(asked or written or _all_indices(), default="") or create_index()
        if asked != {name} or name not in written:
            strays = [_remove(stray, read_alias()) for stray in asked - {name}]
            aliases = [_add(name, read_alias()), _add(name, write_alias())]
            client().indices.update_aliases(body={"actions": [*aliases, *strays]})
    forget_targets()
    return name


def targets() -> tuple[str, ...]:
    """The names of the indices to write to, looked up again after ``TARGETS_KEPT`` seconds; made if there is none."""
    global _targets
    asked, names = _targets
    if not names or time.monotonic() - asked > TARGETS_KEPT:
        now = time.monotonic()
        with understood():
            names = tuple(sorted(_behind(write_alias()))) or (ensure_index(),)
        _targets = (now, names)
    return names


def forget_targets() -> None:
    """Have the next ``targets`` ask again."""
    global _targets
    _targets = (-TARGETS_KEPT, ())


def create_index() -> str:
    """A new empty index with the next number, behind no alias yet; gives its name."""
    with understood():
        newest = max(_all_indices(), default="-0")
        name = f"{settings().opensearch_index}-{int(newest.rsplit('-', 1)[-1]) + 1:06}"
        try:
            client().indices.create(index=name, body={"settings": SETTINGS, "mappings": _mapping()})
        except RequestError as error:
            if error.error != "resource_already_exists_exception":
                raise
    logger().info("index made", extra={"index": name})
    return name


def is_current(name: str) -> bool:
    """Whether the index has the mapping and analysis of this version of the code."""
    return bool(_meta(name).get("digest") == _digest())


def half_built() -> str | None:
    """The index of a rebuild that was interrupted and can go on: written to, asked by nobody, of today's mapping."""
    with understood():
        found = sorted(name for name in _behind(write_alias()) - _behind(read_alias()) if is_current(name))
    return found[-1] if found else None


def copied_up_to(name: str) -> str:
    """The last catalogue, in order, that a rebuild has copied into the index; empty for none."""
    return str(_meta(name).get("copied_up_to", ""))


def note_copied(name: str, key: str) -> None:
    """Keep with the index that a rebuild has copied every catalogue up to ``key``."""
    with understood():
        client().indices.put_mapping(index=name, body={"_meta": {**_meta(name), "copied_up_to": key}})


def write_also_to(name: str) -> None:
    """Writers keep the index up to date from now on, at the latest after ``TARGETS_KEPT`` seconds."""
    with understood():
        client().indices.update_aliases(body={"actions": [_add(name, write_alias())]})
    forget_targets()


def switch(old: str, new: str) -> None:
    """Queries ask ``new`` instead of ``old`` from one moment to the next; ``old`` is deleted."""
    aliases = [_add(new, read_alias()), _add(new, write_alias())]
    with understood():
        client().indices.update_aliases(body={"actions": [*aliases, {"remove_index": {"index": old}}]})
    forget_targets()


def drop_leftovers(kept: str | None = None) -> None:
    """Delete the indices that no query asks, but for ``kept``: leftovers of rebuilds."""
    with understood():
        for name in _all_indices() - _behind(read_alias()) - {kept}:
            client().indices.delete(index=name, ignore_unavailable=True)
    forget_targets()
    forget_targets()


def refresh() -> None:
    """Everything written so far can be found afterwards."""
    with understood():
        client().indices.refresh(index=write_alias(), ignore_unavailable=True)


def _all_indices() -> set[str]:
    """Names of this stage's indices; another stage's alias may begin with the same letters."""
    found: dict[str, Any] = client().indices.get(index=f"{settings().opensearch_index}-*", allow_no_indices=True)
    return {name for name in found if name.removeprefix(f"{settings().opensearch_index}-").isdigit()}


def _meta(name: str) -> dict[str, Any]:
    with understood():
        found = client().indices.get_mapping(index=name)
    meta: dict[str, Any] = found[name]["mappings"].get("_meta", {})
    return meta


def _behind(alias: str) -> set[str]:
    try:
        return set(client().indices.get_alias(name=alias))
    except NotFoundError:
        return set()


def _add(name: str, alias: str) -> dict[str, Any]:
    return {"add": {"index": name, "alias": alias}}


def _remove(name: str, alias: str) -> dict[str, Any]:
    return {"remove": {"index": name, "alias": alias}}


def _ensure_template() -> None:
    """An index that a straggling writer brings back by writing to it has at least the right mapping."""
    body = {
        "index_patterns": [f"{settings().opensearch_index}-0*"],
        "template": {"settings": SETTINGS, "mappings": _mapping()},
    }
    client().indices.put_index_template(name=f"{settings().opensearch_index}-indices", body=body)


def _mapping() -> dict[str, Any]:
    return {**MAPPING, "_meta": {"digest": _digest()}}


def _digest() -> str:
    """Digest of mapping and settings: another one means that the index has to be rebuilt."""
    return hashlib.blake2b(msgspec.json.encode([MAPPING, SETTINGS]), digest_size=8).hexdigest()
