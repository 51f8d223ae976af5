"""Requests and ledger into two files of JSON Lines, and back into a stage."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from chalicelib.items import Item
from chalicelib.requests.records import as_request, is_request
from chalicelib.settings import settings
from local.operating import lines
from local.operating.lines import Loaded
from local.trouble import Trouble

REQUESTS, LEDGER = "requests.jsonl", "ledger.jsonl"


def export(folder: Path, prefix: str = "") -> dict[str, int]:
    """Write both tables of the stage to ``folder``; gives the number of lines by file.

    ``prefix``: those of the same names behind it, as which both were restored to an earlier moment.
    The ledger goes last, so that it knows every text that a request of the other file was sent.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        REQUESTS: _write(folder / REQUESTS, lines.dump(prefix + settings().user_requests_table)),
        LEDGER: _write(folder / LEDGER, lines.dump(prefix + settings().notifications_table)),
    }


def restore(folder: Path) -> dict[str, Loaded]:
    """Read both files of ``folder`` into the stage; items that are there stay as they are.

    The ledger goes first: the requests' stream has every request matched at once, and what was told must be known then.
    """
    return {
        LEDGER: _read(folder / LEDGER, settings().notifications_table, lambda item: None),
        REQUESTS: _read(folder / REQUESTS, settings().user_requests_table, _check_request),
    }


def _check_request(item: Item) -> None:
    if is_request(item):
        as_request(item)


def _write(file: Path, written: Iterable[bytes]) -> int:
    """Whole or not at all, and readable by its owner only: the lines hold phone numbers."""
    unfinished, count = file.with_suffix(".part"), 0
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        for count, line in enumerate(written, 1):  # noqa: B007 - the last number is wanted
            out.write(line)
    unfinished.rename(file)
    return count


def _read(file: Path, table: str, check: Callable[[Item], object]) -> Loaded:
    if not file.exists():
        raise Trouble(f"there is no {file}; FOLDER must hold {REQUESTS} and {LEDGER}")
    try:
        with file.open("rb") as written:
            return lines.load(table, written, check)
    except Trouble as trouble:
        raise Trouble(f"{file.name}, {trouble}") from None
