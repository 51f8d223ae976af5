"""Boosted trees in plain Python, fast enough to judge every candidate.  Pure.

Trees of at most eight leaves are walked all at once (Lucchese et al., "QuickScorer: a fast algorithm to rank documents
with additive ensembles of regression trees", SIGIR 2015).  Each tree is a byte whose bits are its leaves from
left to right.  A feature's value rules out, in all trees at once, the leaves left of the splits it exceeds: one AND of
long integers per feature.  The lowest bit that remains in a byte is the leaf the tree ends in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, getitem
from typing import Any

LEAVES = 8
_LOWEST = bytes([0] + [(byte & -byte).bit_length() - 1 for byte in range(1, 256)])
"""Byte of remaining leaves → the leaf a tree ends in."""

Tree = Any
"""``[feature, threshold, left, right]`` where the row's feature at most the threshold goes left; a number is a leaf."""


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees, made ready by ``plant``."""

    size: int
    thresholds: tuple[list[float], ...]
    """Per feature: what its splits compare it with, in order."""
    masks: tuple[list[int], ...]
    """Per feature: the leaves, of all trees, that remain when so many of its thresholds are exceeded."""
    values: tuple[list[float], ...]
    """Per tree: the values of its leaves."""

    def score(self, row: Sequence[float]) -> float:
        """Sum of the leaves that ``row`` ends in."""
        exceeded = map(bisect_left, self.thresholds, row)
        remaining = reduce(and_, map(getitem, self.masks, exceeded))
        ends = remaining.to_bytes(self.size, "little").translate(_LOWEST)
        return sum(map(getitem, self.values, ends))


def plant(trees: Sequence[Tree], features: int) -> Forest:
    """The forest of ``trees`` over rows of so many features.  ``ValueError`` for a tree of more than eight leaves."""
    everything = (1 << 8 * len(trees)) - 1
    found: dict[int, list[tuple[float, int]]] = {}
    values = []
    for at, tree in enumerate(trees):
        leaves: list[float] = []
        for feature, threshold, ruled_out in _splits(tree, leaves):
            found.setdefault(feature, []).append((threshold, everything ^ ruled_out << 8 * at))
        if len(leaves) > LEAVES:
            raise ValueError("a tree has more than eight leaves")
        values.append(leaves)
    steps = [_masks(sorted(found.get(feature, [])), everything) for feature in range(features)]
    thresholds, masks = zip(*steps, strict=True)
    return Forest(len(trees), thresholds, masks, tuple(values))


def _splits(tree: Tree, leaves: list[float]) -> list[tuple[int, float, int]]:
    """Feature, threshold and leaves (as bits) ruled out where it is exceeded; values of leaves go to ``leaves``."""
    if not isinstance(tree, list):
        leaves.append(float(tree))
        return []
    feature, threshold, left, right = tree
    first = len(leaves)
    inner = _splits(left, leaves)
    ruled_out = (1 << len(leaves)) - (1 << first)
    return [(feature, threshold, ruled_out), *inner, *_splits(right, leaves)]


def _masks(of_feature: list[tuple[float, int]], everything: int) -> tuple[list[float], list[int]]:
    thresholds: list[float] = []
    masks = [everything]
    for threshold, mask in of_feature:
        if thresholds and thresholds[-1] == threshold:
            masks[-1] &= mask
        else:
            thresholds.append(threshold)
            masks.append(masks[-1] & mask)
    return thresholds, masks
