"""Catalogues nobody asks for any more: they wait out a grace time, then lose mapping, table and documents.

The order survives a crash anywhere: the mark is set before the first thing is taken away and removed after the last.
The mapping goes first, so that the table's end makes no stream record; the documents last, when nothing writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from chalicelib.catalog import mappings, registry, tables
from chalicelib.catalog.changes import first_version
from chalicelib.catalog.keys import table_name
from chalicelib.catalog.registry import CatalogState
from chalicelib.settings import settings
from chalicelib.telemetry import count, logger

RemoveDocuments = Callable[[str, int], None]
"""Removes what the index has of a catalogue below a version: ``(key, version)``."""


def retire_unasked(active_keys: Collection[str], now: datetime, remove_documents: RemoveDocuments) -> list[str]:
    """Retire the catalogues that none of ``active_keys`` has asked for during the grace time; gives their keys.

    Interrupted retirements are finished, catalogues asked for again are kept.  ``RetryLater`` while AWS or the index is
    busy: the next call goes on where this one stopped.
    """
    known = registry.states()
    retired = []
    for key in sorted({*tables.catalog_keys(), *known}):
        state = known.get(key, CatalogState())
        if state.retiring_since is not None or _is_over(key, state, active_keys, now):
            if retire(key, now, remove_documents):
                retired.append(key)
        elif key in active_keys and key in known:
            registry.clear_state(key)
        elif key not in active_keys and key not in known:
            registry.set_state(key, CatalogState(unasked_since=now))
    return retired


def retire(key: str, now: datetime, remove_documents: RemoveDocuments) -> bool:
    """Take the catalogue away; gives whether it was Shelfwatch's to take.  Safe to repeat after a crash anywhere."""
    if tables.has_table(key) and not tables.is_own(key):
        return False  # the stack's first table stays
    begun = registry.state(key)
    registry.set_state(key, CatalogState(unasked_since=begun.unasked_since, retiring_since=now))
    mappings.detach_all(mappings.mappings_of(table_name(key)))
    tables.remove_table(key)
    remove_documents(key, first_version(now))
    registry.forget_reads(key)
    registry.clear_state(key)
    count("CatalogsRetired")
    logger().info("catalogue retired", extra={"catalog": key})
    return True


def _is_over(key: str, state: CatalogState, active_keys: Collection[str], now: datetime) -> bool:
    grace = timedelta(days=settings().catalog_retire_days)
    return key not in active_keys and state.unasked_since is not None and now - state.unasked_since >= grace
