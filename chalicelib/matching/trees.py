"""Boosted trees as one Python function, fast enough to judge every candidate.  Pure.

Each tree becomes one conditional expression over the function's own variables: a tree of eight leaves ends after about
three comparisons of two local values.  Walking nested lists, or all trees at once by masks of their leaves, needs a few
calls a feature or a tree, which cost several times as much where the trees are few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

Tree = Any
"""``[feature, threshold, left, right]`` where the row's feature at most the threshold goes left; a number is a leaf."""
Forest = Callable[[Sequence[float]], float]
"""Gives the sum of the leaves that a row of features ends in."""


AT_ONCE = 20
"""Trees in one sum: more would nest the expression deeper and deeper."""


def plant(trees: Sequence[Tree], features: int) -> Forest:
    """The forest of ``trees`` over rows of so many features.

    The text that is compiled holds nothing of ``trees`` but numbers.  ``TypeError``, ``ValueError``: they are no trees.
    """
    names = ", ".join(_name(feature) for feature in range(features))
    lines = ["def score(row):", f" {names}, = row", " total = 0.0"]
    for at in range(0, len(trees), AT_ONCE):
        lines.append(" + ".join([" total = total", *map(_expression, trees[at : at + AT_ONCE])]))
    made: dict[str, object] = {}
    exec(compile("\n".join([*lines, " return total"]), "<trees>", "exec"), made)
    return cast(Forest, made["score"])


def _expression(tree: Tree) -> str:
    if not isinstance(tree, list):
        return repr(float(tree))
    feature, threshold, left, right = tree
    return f"({_expression(left)} if {_name(feature)} <= {float(threshold)!r} else {_expression(right)})"


def _name(feature: int) -> str:
    return f"f{int(feature)}"
