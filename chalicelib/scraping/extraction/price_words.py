"""The words beside an amount that tell what it is (``words/price.toml``)."""

from __future__ import annotations

import re
from functools import cache

from chalicelib.scraping.extraction.text import folded
from chalicelib.scraping.extraction.vocabulary import any_of, words

_UNITS = rf"(?:\d+(?:[.,]\d+)?\s?)?{any_of('price', 'measures', 'units')}\b"
_PERIOD = rf"{any_of('price', 'measures', 'periods')}\b\.?"
_EACH = r"(?:/|per|a|pro|par|al|por|p\.|je|в|x|×)"
_TAILS = {
    "multi-buy": r"\s*",
    "saving": r"\s*(?:up to|of|:|\()?\s*",
    "was": r"\s*(?:price)?\s*[:.]?\s*",
    "from": r"\s*(?:nur|only|just|seulement)?\s*:?\s*",
    "other": r"\s*(?:is|of|at|from|for|:|\(|\+)?\s*",
}
_TAIL = r"\s*[:(]?\s*"
"""What may stand between the word before and the amount: for some kinds more than a colon or a bracket."""

LABEL = re.compile(rf"{any_of('price', 'label', 'price')}\s*[:\-–]?\s*$")
"""A label (folded) whose value is the price."""


def kind_of(before: str, after: str) -> tuple[str, int]:
    """The kind (a value of ``prices.Kind``) of an amount from the texts just before and just after it, and how many
    characters of ``after`` told it: they say nothing of the next amount."""
    before, after = folded(before), folded(after)
    for kind, pattern in _before():
        if pattern.search(before):
            return kind, 0
    for kind, pattern in _after():
        if match := pattern.match(after):
            return kind, match.end()
    return "plain", 0


@cache
def _before() -> list[tuple[str, re.Pattern[str]]]:
    told = {kind: any_of("price", "before", kind, begins=True) for kind in words("price")["before"]}
    return [(kind, re.compile(rf"{pattern}{_TAILS.get(kind, _TAIL)}$")) for kind, pattern in told.items()]


@cache
def _after() -> list[tuple[str, re.Pattern[str]]]:
    told = {kind: any_of("price", "after", kind) for kind in words("price")["after"]}
    patterns = {
        "unit": rf"\s*{told['unit']}\s*{_UNITS}",
        "instalment": rf"\s*{_EACH}?\s*(?:{_PERIOD}|\d+\s*(?:{_PERIOD}|payments|instal|raten|cuotas|rate\b|mal\b))",
        "from": rf"(?:\+(?=\s*$|[.,;)])|\s*{told['from']}(?!\w))",
    }
    rest = {kind: rf"\s*{pattern}" for kind, pattern in told.items() if kind not in patterns}
    return [(kind, re.compile(pattern)) for kind, pattern in (patterns | rest).items()]
