"""Do short wishes find the right products, and no others?  Precision and recall through OpenSearch and the verdict.

``DATA`` holds ``products.csv`` (``product_id,name,brand,category,price,was_price``) and ``requests.json``, a list of
``{id, name, kind, relevant: [product_id], acceptable: [product_id]}``; acceptable products count neither way.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from benchmarks.harness import CannotRun, Figure, Limit, Report
from benchmarks.search_node import fill, search_node
from chalicelib.matching.verdict import judge
from chalicelib.models import Availability, Product
from chalicelib.search.querying import candidates

HERE = Path(__file__).parent / "shopper"
KEY = "SW1A1AA"
NOW = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """One judged request."""

    id: str
    name: str
    kind: str
    relevant: frozenset[str]
    acceptable: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers counted: right and wrong ones given, right ones missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """1 where nothing was given."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """1 where there was nothing to find."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def read_products(path: Path) -> list[Product]:
    """The products of a ``products.csv``, all of them in stock."""
    with path.open(newline="", encoding="utf-8") as file:
        return [_product(row) for row in csv.DictReader(file)]


def _product(row: Mapping[str, str]) -> Product:
    price = Decimal(row["price"] or 1)
    was = Decimal(row["was_price"]) if row["was_price"] else None
    return Product(
        product_id=row["product_id"],
        product_name=row["name"],
        brand=row["brand"] or None,
        category=row["category"] or None,
        store_brand="Sample",
        postcode=KEY,
        shop="sample",
        url=f"https://shop.example/{row['product_id']}",
        availability=Availability.IN_STOCK,
        version=1,
        first_seen=NOW,
        last_seen=NOW,
        price=price,
        was_price=was,
        prior_price=was or price,
    )


def read_requests(path: Path) -> list[Asked]:
    """The requests of a ``requests.json``."""
    return [
        Asked(one["id"], one["name"], one["kind"], frozenset(one["relevant"]), frozenset(one.get("acceptable", ())))
        for one in json.loads(path.read_text(encoding="utf-8"))
    ]


def answers(asked: Sequence[Asked]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """By request id: the products the index proposes, and those of them that the verdict accepts."""
    proposed = candidates(KEY, [(one.id, one.name, Decimal(0)) for one in asked])
    accepted = {
        one.id: {product.product_id for product in proposed[one.id] if judge(one.name, product).accepted}
        for one in asked
    }
    return {key: {product.product_id for product in found} for key, found in proposed.items()}, accepted


def tally(asked: Asked, given: set[str]) -> Tally:
    """How many of the answers ``given`` are right."""
    right = len(given & asked.relevant)
    return Tally(right, len(given - asked.relevant - asked.acceptable), len(asked.relevant) - right)


def run(data: Path | None) -> Report:
    """Precision and recall over all answers, overall and per kind of request; beside them the index alone."""
    folder = data or HERE
    if not (folder / "requests.json").exists():
        raise CannotRun(f"{folder} has no requests.json: see benchmarks/README.md for the format")
    asked = read_requests(folder / "requests.json")
    with search_node():
        count = fill(read_products(folder / "products.csv"))
        proposed, accepted = answers(asked)
    figures, baseline = _figures(asked, accepted), _figures(asked, proposed)
    worst = sorted(asked, key=lambda one: -(tally(one, accepted[one.id]).wrong + tally(one, accepted[one.id]).missed))
    notes = [f"{len(asked)} requests against {count} products; baseline: everything the index proposes"]
    notes += [_told(one, accepted[one.id]) for one in worst[:15] if _told(one, accepted[one.id])]
    limits = {"precision": Limit(at_least=0.95), "recall": Limit(at_least=0.90)}
    return Report(figures, baseline, limits, notes)


def _figures(asked: Sequence[Asked], given: Mapping[str, set[str]]) -> dict[str, Figure]:
    whole = sum((tally(one, given[one.id]) for one in asked), Tally())
    figures = {"precision": whole.precision, "recall": whole.recall}
    for kind in sorted({one.kind for one in asked}):
        part = sum((tally(one, given[one.id]) for one in asked if one.kind == kind), Tally())
        figures |= {f"{kind}: precision": part.precision, f"{kind}: recall": part.recall}
    clean = [not given[one.id] - one.acceptable for one in asked if not one.relevant]
    if clean:
        figures["unanswerable requests left unanswered"] = sum(clean) / len(clean)
    return {name: Figure(value, 0, "share") for name, value in figures.items()}


def _told(one: Asked, given: set[str]) -> str:
    wrong, missed = sorted(given - one.relevant - one.acceptable), sorted(one.relevant - given)
    parts = [f"wrong {' '.join(wrong[:5])}"] * bool(wrong) + [f"missed {' '.join(missed[:5])}"] * bool(missed)
    return f"{one.name!r}: {'; '.join(parts)}" if parts else ""
