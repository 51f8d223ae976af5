"""How many verdicts a second does one core give, beside rapidfuzz's token-set ratio (compiled code)?

Names are read beforehand, as a match reads each once.  Three kinds of pairs: long names of the product pairs, most of
them alike; short wishes with the products that share half of their words, as the index proposes them; and short wishes
with all products of a postcode.  What reading a name for the first time costs is told apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rapidfuzz.fuzz import token_set_ratio

from benchmarks.harness import Figure, Limit, Report, figure
from benchmarks.pairs import default_folder, read_pairs
from benchmarks.pairs import side as side_of_pair
from benchmarks.shopper import HERE, read_products, read_requests
from chalicelib.matching.sides import Side
from chalicelib.matching.text import read_title
from chalicelib.matching.verdict import likelihood, side

ROUNDS = 15
AT_ONCE = 200
"""Pairs of one sample.  Each sample's best round counts: what other programs took from it is not the verdict's."""
Pairs = Sequence[tuple[Side, Side]]


def rate(judge: Callable[[Side, Side], object], pairs: Pairs) -> Figure:
    """Pairs a second: over the samples of ``AT_ONCE`` pairs, each timed at its best."""
    samples = [pairs[at : at + AT_ONCE] for at in range(0, len(pairs), AT_ONCE)]
    best = [min(_seconds(judge, sample) for _ in range(ROUNDS)) for sample in samples]
    return Figure(len(pairs) / sum(best), 0, "1/s", len(samples))


def _seconds(judge: Callable[[Side, Side], object], pairs: Pairs) -> float:
    before = time.perf_counter()
    for wanted, offered in pairs:
        judge(wanted, offered)
    return time.perf_counter() - before


def long_names(data: Path | None) -> list[tuple[Side, Side]]:
    """The valid splits: names alone wanted; names, brands and prices offered."""
    files = sorted((data or default_folder()).glob("*.valid.tsv.gz"))
    return [
        (side_of_pair(pair, "wanted", False), side_of_pair(pair, "offered", True))
        for path in files
        for pair in read_pairs(path)
    ]


def wishes_and_products() -> list[tuple[Side, Side]]:
    """Every wish of the sample shop with each of its products."""
    offers = [side(product) for product in read_products(HERE / "products.csv")]
    return [(side(one.name), offer) for one in read_requests(HERE / "requests.json") for offer in offers]


def proposed(pairs: Pairs) -> list[tuple[Side, Side]]:
    """Those of which the product has half of the wished words at least."""
    return [(a, b) for a, b in pairs if 2 * len(a.title.word_set & b.title.word_set) >= len(a.title.words)]


def ratio(wanted: Side, offered: Side) -> float:
    """The baseline."""
    return token_set_ratio(wanted.title.name, offered.title.name)


def reading(pairs: Pairs) -> Figure:
    """Milliseconds that reading 100 names takes for the first time."""
    names = sorted({one.title.name for pair in pairs for one in pair})
    taken = []
    for at in range(0, len(names), 100):
        read_title.cache_clear()
        before = time.perf_counter()
        for name in names[at : at + 100]:
            read_title(name)
        taken.append((time.perf_counter() - before) * 1000 * 100 / len(names[at : at + 100]))
    return figure(taken, "ms")


def run(data: Path | None) -> Report:
    """Verdicts a second of each kind of pairs."""
    shop = wishes_and_products()
    kinds = {
        "long names": long_names(data),
        "wishes and proposed products": proposed(shop),
        "wishes, all products": shop,
    }
    figures = {f"verdicts a second, {kind}": rate(likelihood, pairs) for kind, pairs in kinds.items() if pairs}
    baseline = {f"verdicts a second, {kind}": rate(ratio, pairs) for kind, pairs in kinds.items() if pairs}
    figures["reading 100 names"] = reading(kinds["long names"] or shop)
    notes = [f"{kind}: {len(pairs)} pairs" for kind, pairs in kinds.items()]
    limits = {name: Limit(at_least=50_000) for name in baseline}
    return Report(figures, baseline, limits, notes)
