"""What ``make run`` shows: progress while it goes, then texts, matches, figures and how to go on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from local.observing import Progress
from local.places import Place
from local.stack import Api


def counters(progress: Progress) -> dict[str, str]:
    """Stage → its figure, in the order of the pipeline."""
    return {
        "scrape jobs": f"{progress.jobs_done} of {progress.jobs}",
        "postcodes": str(progress.postcodes),
        "pages scraped": str(progress.pages),
        "products written": str(progress.products),
        "documents indexed": "OpenSearch is away" if progress.documents is None else str(progress.documents),
        "matches": str(progress.matches),
        "texts": str(progress.texts),
    }


class Board(AbstractContextManager["Board"]):
    """Live counters on a terminal; elsewhere one line whenever something has changed."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None
        self._last: dict[str, str] = {}

    def __enter__(self) -> Board:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, progress: Progress, seconds: float, note: str) -> None:
        """Show the counters, ``seconds`` after the scrape began; ``note`` says what is waited for, if anything."""
        now = counters(progress)
        if self._live:
            self._live.update(Group(_grid(now, seconds), Text(note, style="yellow")))
        elif now != self._last:
            line = ", ".join(f"{name} {figure}" for name, figure in now.items())
            self._console.print(f"{seconds:6.1f} s  {line}", soft_wrap=True, highlight=False)
        self._last = now


def _grid(figures: Mapping[str, str], seconds: float) -> Table:
    grid = Table.grid(padding=(0, 2))
    for name, figure in figures.items():
        grid.add_row(Text(name, style="dim"), Text(figure, style="bold"))
    grid.add_row(Text("seconds", style="dim"), f"{seconds:.1f}")
    return grid


@dataclass(frozen=True)
class Told:
    """One row of what matched: which wish, which product, and why."""

    postcode: str
    wanted: str
    product: str
    price: str
    off: str
    why: str


def texts_table(texts: Iterable[Mapping[str, Any]]) -> Table:
    """The texts, by phone."""
    table = Table("phone", "text", title="Texts that arrived", title_justify="left", show_lines=True)
    for text in sorted(texts, key=lambda text: str(text["PhoneNumber"])):
        table.add_row(text["PhoneNumber"], Text(text["Message"]))
    return table


def told_table(rows: Iterable[Told]) -> Table:
    """What matched and why."""
    columns = ("postcode", "wanted", "matched", "price", "off", "why")
    table = Table(*columns, title="What matched, and why", title_justify="left", show_lines=True)
    for row in rows:
        table.add_row(row.postcode, row.wanted, Text(row.product), row.price, row.off, Text(row.why))
    return table


def seconds_table(seconds: Mapping[str, float]) -> Table:
    """Seconds of each stage."""
    table = Table("stage", "seconds", title="Figures of the run", title_justify="left")
    for stage, taken in seconds.items():
        table.add_row(stage, Text(f"{taken:.1f}", justify="right"))
    return table


def directions(place: Place, api: Api, example: Mapping[str, Any], request_id: str) -> list[str]:
    """The URL, the key, a curl line for each route, and where to look."""
    return [
        f"API    {api.url}",
        f"key    {api.key}",
        f"shop   {place.shop}",
        f"index  {place.opensearch}/products/_search?q=Words:ink",
        "",
        *curl_lines(api, example, request_id),
        "",
        "make inbox    the texts so far",
        "make logs     log lines of the functions and dead letters; NAME=scrape_worker for one function",
        "make scrape   read the shop now, for example after a price drop:",
        f"              {price_drop(place)}",
        "make stop     stop everything (or Ctrl-C here)",
    ]


def curl_lines(api: Api, example: Mapping[str, Any], request_id: str) -> Sequence[str]:
    """A line for each route that can be pasted into a shell."""
    key = f"-H 'x-api-key: {api.key}' -H 'Content-Type: application/json'"
    change = json.dumps({"RequestID": request_id, "Discount": 15})
    return (
        f"curl -X POST {api.url}/submitanewrequest {key} -d '{json.dumps(dict(example))}'",
        f"curl '{api.url}/listrequests?Limit=5' {key}",
        f"curl -X PUT {api.url}/update {key} -d '{change}'",
        f"curl -X DELETE '{api.url}/deletearequest?RequestID={request_id}' {key}",
    )


def price_drop(place: Place, sku: str = "S341166", price: str = "9.99") -> str:
    """A curl line that makes something cheaper in the shop."""
    change = json.dumps({"price": price})
    return f"curl -X POST {place.shop}/admin/products/{sku} -H 'Content-Type: application/json' -d '{change}'"
