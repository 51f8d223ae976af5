"""Is the verdict right about pairs of product names?  Precision, recall and F1 beside plain baselines."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import SHARED_DATA
from chalicelib.matching.features import Side
from chalicelib.matching.text import read_title


@dataclass(frozen=True, slots=True)
class Pair:
    """A wanted and an offered product, and whether they are the same."""

    wanted: str
    wanted_brand: str
    wanted_price: float | None
    offered: str
    offered_brand: str
    offered_price: float | None
    same: bool


def default_folder() -> Path:
    """Where the pairs are unless told."""
    return SHARED_DATA / "product-pairs"


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of one ``*.tsv.gz``: tab-separated with a heading; a missing or zero price is unknown."""
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        return [
            Pair(
                row["wanted"],
                row["wanted_brand"],
                float(row["wanted_price"] or 0) or None,
                row["offered"],
                row["offered_brand"],
                float(row["offered_price"] or 0) or None,
                row["same"] == "1",
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]


def side(pair: Pair, which: str, everything: bool) -> Side:
    """The ``wanted`` or ``offered`` side of a pair, with brand and price where ``everything`` is asked for."""
    title = read_title(getattr(pair, which))
    brand = getattr(pair, f"{which}_brand")
    if not everything:
        return Side(title)
    return Side(title, read_title(brand) if brand else None, getattr(pair, f"{which}_price"))
