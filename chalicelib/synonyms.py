"""Words that mean the same in product names, from ``synonyms.txt``, which people edit.  Pure."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def synonym_groups() -> tuple[tuple[str, ...], ...]:
    """Each line of the file: words that mean the same, the form they are compared in first."""
    lines = (Path(__file__).parent / "synonyms.txt").read_text(encoding="utf-8").splitlines()
    return tuple(tuple(words) for line in lines if (words := line.split("#")[0].split()))


@cache
def compared_forms() -> dict[str, str]:
    """Word → the form it is compared in, for the words that have another."""
    return {word: group[0] for group in synonym_groups() for word in group[1:]}
