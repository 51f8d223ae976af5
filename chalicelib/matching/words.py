"""Single words: one form for plurals and synonyms, fillers, and how much a word tells.  Pure."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from math import log
from pathlib import Path

_HERE = Path(__file__).parent
FILLERS = frozenset("a an the and or of in on with w for by to from at your our is new".split())


def is_filler(word: str) -> bool:
    """Whether ``word`` says nothing about the product."""
    return word in FILLERS


@lru_cache(maxsize=65536)
def canonical_word(word: str) -> str:
    """The form a word is compared in: singular, its synonyms' first."""
    return _synonyms().get(word) or _synonyms().get(_singular(word)) or _singular(word)


def _singular(word: str) -> str:
    if len(word) < 4 or not word.isalpha() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


@lru_cache(maxsize=262144)
def weight(word: str) -> float:
    """How much ``word`` tells: the rarer in product names, the more."""
    names, counts = _counts()
    return log((names + 1) / (counts.get(word, 0) + 1))


@cache
def _counts() -> tuple[int, dict[str, int]]:
    path = _HERE / "words.json"
    if not path.exists():
        return 1000, {}
    table = json.loads(path.read_text(encoding="utf-8"))
    return int(table["names"]), table["counts"]


@cache
def _synonyms() -> dict[str, str]:
    """``synonyms.txt``: each line is a group of words that mean the same; the first is the form compared."""
    path = _HERE / "synonyms.txt"
    groups = (line.split("#")[0].split() for line in path.read_text(encoding="utf-8").splitlines())
    return {_singular(word): group[0] for group in groups if group for word in group[1:]}
