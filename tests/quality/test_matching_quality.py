"""The verdict keeps the quality it was released with, on pairs it was not trained on and on judged short wishes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.pairs import GOALS, default_folder, judged, metrics, read_pairs
from benchmarks.search_node import fill
from benchmarks.shopper import HERE, Tally, answers, read_products, read_requests, tally
from chalicelib.matching.verdict import shipped
from tests.fakes.search import index_at

FOLDERS = [HERE, *sorted(path.parent for path in HERE.glob("*/requests.json"))]
"""The sample shop's wishes, and those of other trades."""
NOISE = 0.02
"""Another sample of two hundred true pairs moves F1 by as much."""


@pytest.mark.skipif(not default_folder().is_dir(), reason="the pairs are not beside the repository")
@pytest.mark.parametrize("everything", [False, True], ids=["names", "names, brands, prices"])
@pytest.mark.parametrize("name", sorted(GOALS))
def test_pairs_are_judged_as_well_as_promised(name: str, everything: bool) -> None:
    pairs = read_pairs(default_folder() / f"{name}.tsv.gz")
    found = metrics(judged(pairs, everything), [pair.same for pair in pairs], shipped().threshold)
    assert found.f1 >= GOALS[name] - NOISE, found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_judged_wishes_find_what_is_meant_and_little_else(
    folder: Path, opensearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = read_requests(folder / "requests.json")
    with index_at(monkeypatch, opensearch_url):
        fill(read_products(folder / "products.csv"))
        _, accepted = answers(asked)
    whole = sum((tally(one, accepted[one.id]) for one in asked), Tally())
    assert whole.precision >= 0.95
    assert whole.recall >= 0.90


def test_the_sample_shop_has_enough_judged_wishes() -> None:
    assert len(read_requests(HERE / "requests.json")) >= 150


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_judged_wishes_name_products_that_exist(folder: Path) -> None:
    known = {product.product_id for product in read_products(folder / "products.csv")}
    for one in read_requests(folder / "requests.json"):
        assert one.relevant <= known, one
        assert one.acceptable <= known, one
        assert not one.relevant & one.acceptable, one
