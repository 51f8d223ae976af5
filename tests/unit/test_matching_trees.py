"""The compiled trees end where a plain walk through them does."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.matching import trees
from chalicelib.matching.trees import plant
from chalicelib.matching.verdict import EVIDENCE, evidence, side

FEATURES = 4
numbers = st.integers(-5, 5).map(float)


def grown(chance: Random, leaves: int) -> Any:
    """A random tree with so many leaves."""
    if leaves == 1:
        return chance.uniform(-2, 2)
    left = chance.randint(1, leaves - 1)
    feature, threshold = chance.randrange(FEATURES), float(chance.randint(-4, 4))
    return [feature, threshold, grown(chance, left), grown(chance, leaves - left)]


def walked(tree: Any, row: tuple[float, ...]) -> float:
    while isinstance(tree, list):
        feature, threshold, left, right = tree
        tree = left if row[feature] <= threshold else right
    return float(tree)


@given(st.integers(0, 10**9), st.lists(numbers, min_size=FEATURES, max_size=FEATURES).map(tuple))
def test_a_forest_scores_as_its_trees_do_one_by_one(seed: int, row: tuple[float, ...]) -> None:
    chance = Random(seed)
    forest = [grown(chance, chance.randint(1, 8)) for _ in range(chance.randint(1, 6))]
    assert plant(forest, FEATURES)(row) == pytest.approx(sum(walked(tree, row) for tree in forest))


@pytest.mark.parametrize("tree", ["__import__('os')", ["f0", 1.0, 0.0, 1.0], [0, "1 or 1", 0.0, 1.0], [0, 1.0, 0.0]])
def test_what_is_no_tree_is_never_run(tree: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        plant([tree], 1)


def test_names_are_read_as_they_were_when_the_trees_were_trained() -> None:
    """Where this fails, what the code reads has changed: train again (docs/matching.md)."""
    stored = json.loads((Path(trees.__file__).parent / "trees.json").read_text(encoding="utf-8"))
    assert stored["features"] == list(EVIDENCE)
    assert stored["samples"]
    for wanted, offered, row in stored["samples"]:
        assert list(evidence(side(wanted), side(offered))) == pytest.approx(row), (wanted, offered)
