"""Finding and mending whatever was left half done: tables, streams, mappings, retirements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from chalicelib.catalog import mappings, registry, tables
from chalicelib.catalog.keys import key_of_table
from chalicelib.catalog.mappings import key_of_mapping
from chalicelib.catalog.retiring import RemoveDocuments, retire_unasked
from chalicelib.errors import GiveUp, RetryLater
from chalicelib.settings import settings
from chalicelib.telemetry import count, logger

if TYPE_CHECKING:
    from chalicelib.catalog.mappings import Mapping

NEARLY_FULL = 0.8
"""Part of the table quota from which on every run says so."""


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What a run found."""

    catalogs: list[str]
    """Keys of the catalogues that are whole now and in use, or still in their grace time."""
    unfinished: list[str]
    """Keys of the catalogues AWS was too busy for; the next run goes on."""
    detached: int
    """Mappings removed because their stream is of no table any more."""
    retired: list[str]
    tables: int
    """Tables of the account in this region."""


def reconcile(active_keys: Collection[str], now: datetime, remove_documents: RemoveDocuments) -> Reconciliation:
    """Make every catalogue whole, detach streams that are no more, retire what nobody asks for.

    ``active_keys`` are the catalogue keys of all active requests: theirs are made if they are missing.  One catalogue
    that cannot be mended now does not hold up the others.  ``RetryLater`` when AWS cannot even be asked what is there.
    """
    by_key = _by_key(mappings.all_mappings())  # before the tables: what is attached has a table by then
    names = tables.all_tables()
    _warn_of_quota(len(names))
    retiring = {key for key, state in registry.states().items() if state.retiring_since}
    keys = sorted(({key for key in map(key_of_table, names) if key} | set(active_keys)) - retiring)
    gone = [key for key in set(by_key) - set(keys) - retiring if not tables.has_table(key)]  # listings may lag behind
    orphans = [mapping for key in gone for mapping in by_key[key]]
    mappings.detach_all(orphans)
    results = {key: _mend(key, by_key.get(key, [])) for key in keys}
    retired = retire_unasked(active_keys, now, remove_documents)
    return Reconciliation(
        catalogs=[key for key, detached in results.items() if detached is not None and key not in retired],
        unfinished=[key for key, detached in results.items() if detached is None],
        detached=len(orphans) + sum(detached or 0 for detached in results.values()),
        retired=retired,
        tables=len(names),
    )


def _mend(key: str, found: list[Mapping]) -> int | None:
    """Number of mappings of former streams that were removed; ``None`` when the catalogue has to wait."""
    try:
        tables.ensure_catalog(key, thoroughly=True, known=found)
        stream = tables.stream_of(key)
        former = [mapping for mapping in found if mapping.get("EventSourceArn") != stream]
        mappings.detach_all(former)
    except (RetryLater, GiveUp) as error:
        logger().warning("catalogue cannot be mended now", extra={"catalog": key, "reason": str(error)})
        return None
    return len(former)


def _by_key(found: list[Mapping]) -> dict[str, list[Mapping]]:
    sorted_in: defaultdict[str, list[Mapping]] = defaultdict(list)
    for mapping in found:
        key = key_of_mapping(mapping)
        if key is not None:
            sorted_in[key].append(mapping)
    return sorted_in


def _warn_of_quota(number: int) -> None:
    count("TablesInAccount", number)
    if number >= NEARLY_FULL * settings().table_quota:
        remedy = "raise the quota or set CATALOG_KEYS=region"
        facts = {"tables": number, "quota": settings().table_quota, "remedy": remedy}
        logger().warning("table quota is nearly reached", extra=facts)
