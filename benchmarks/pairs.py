"""Is the verdict right about pairs of product names?  Precision, recall and F1 beside plain baselines.

``DATA`` holds ``*.tsv.gz`` files with the columns ``wanted, wanted_brand, wanted_price, offered, offered_brand,
offered_price, same``.  Files whose name has ``.train.`` are for ``train_verdict.py`` and are never judged here.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.harness import SHARED_DATA, CannotRun, Figure, Limit, Report
from chalicelib.matching.sides import Side
from chalicelib.matching.text import read_title
from chalicelib.matching.verdict import likelihood, shipped

STRICT = 0.9
"""The precision at which recall is reported."""
GOALS = {"abt-buy.valid": 0.86, "amazon-google.valid": 0.68, "walmart-amazon.valid": 0.68}
"""F1 to reach."""


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


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a judgement is."""

    precision: float
    recall: float
    f1: float
    recall_at_strict_precision: float


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


def metrics(chances: Sequence[float], same: Sequence[bool], limit: float) -> Quality:
    """Precision, recall and F1 of accepting what reaches ``limit``, and the best recall at ``STRICT`` precision."""
    accepted = [chance >= limit for chance in chances]
    right = sum(one and truth for one, truth in zip(accepted, same, strict=True))
    precision, recall = right / (sum(accepted) or 1), right / (sum(same) or 1)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return Quality(precision, recall, f1, recall_at(chances, same, STRICT))


def recall_at(chances: Sequence[float], same: Sequence[bool], precision: float) -> float:
    """The highest recall of any limit whose precision is at least ``precision``."""
    best, right, given = 0.0, 0, 0
    ranked = sorted(zip(chances, same, strict=True), reverse=True)
    for at, (chance, truth) in enumerate(ranked):
        right, given = right + truth, given + 1
        ends_here = at + 1 == len(ranked) or ranked[at + 1][0] != chance
        if ends_here and right / given >= precision:
            best = max(best, right / (sum(same) or 1))
    return best


def best_f1(chances: Sequence[float], same: Sequence[bool]) -> Quality:
    """The quality at the limit that is best for these very pairs: what a plain similarity can reach at most."""
    limits = sorted(set(chances))[:: max(1, len(set(chances)) // 200)]
    return max((metrics(chances, same, limit) for limit in limits), key=lambda quality: quality.f1)


def token_set_ratio(pairs: Sequence[Pair]) -> list[float]:
    """rapidfuzz's token-set ratio of the names."""
    from rapidfuzz.fuzz import token_set_ratio

    return [token_set_ratio(pair.wanted, pair.offered) for pair in pairs]


def weighted_overlap(pairs: Sequence[Pair]) -> list[float]:
    """Share of the telling words that two names have in common (words weighted by rarity, Dice)."""
    found = []
    for pair in pairs:
        a, b = read_title(pair.wanted), read_title(pair.offered)
        shared = sum(a.weights[word] for word in a.word_set & b.word_set)
        found.append(2 * shared / (a.total + b.total))
    return found


def judged(pairs: Sequence[Pair], everything: bool) -> list[float]:
    """The verdict's likelihood of each pair."""
    return [likelihood(side(pair, "wanted", everything), side(pair, "offered", everything)) for pair in pairs]


def run(data: Path | None) -> Report:
    """Every ``*.tsv.gz`` of the folder but training splits, by name alone and with brand and price."""
    folder = data or default_folder()
    files = [path for path in sorted(folder.glob("*.tsv.gz")) if ".train." not in path.name]
    if not files:
        raise CannotRun(f"{folder} has no *.tsv.gz with pairs: see benchmarks/README.md for the format")
    limit = shipped().threshold
    figures: dict[str, Figure] = {}
    baseline: dict[str, Figure] = {}
    limits: dict[str, Limit] = {}
    notes = [
        f"accepted from a likelihood of {limit:g}; baseline: token-set ratio at the limit best for these very pairs"
    ]
    for path in files:
        name, pairs = path.name.removesuffix(".tsv.gz"), read_pairs(path)
        same = [pair.same for pair in pairs]
        plain = best_f1(token_set_ratio(pairs), same)
        weighted = best_f1(weighted_overlap(pairs), same).f1
        notes.append(f"{name}: {len(pairs)} pairs, {sum(same)} the same; rarity-weighted words: F1 {weighted:.3f}")
        for everything, what in ((False, "names"), (True, "names, brands, prices")):
            found = metrics(judged(pairs, everything), same, limit)
            for quality, value in asdict(found).items():
                figures[f"{name}, {what}: {quality}"] = Figure(value, 0, "share")
                baseline[f"{name}, {what}: {quality}"] = Figure(asdict(plain)[quality], 0, "share")
            if (goal := GOALS.get(name)) is not None:
                limits[f"{name}, {what}: f1"] = Limit(at_least=goal)
    return Report(figures, baseline, limits, notes)
