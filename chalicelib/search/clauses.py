"""What a product has to have to be similar to a wish, as clauses of a query.  Pure.

A product is similar when its name, brand and category have half of the wish's words (all, where there are only one or
two): misspelt within OpenSearch's fuzziness, by a synonym, joined with the next word or split; or when it has the
wish's model number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

WORDS, JOINED = "Words", "ProductName.joined"
SHORTEST_PART, LONGEST_WHOLE = 3, 20
"""Letters of each part, and of the whole, of a word that may have been written as two."""
SHORT_WHOLE = 4
"""A word of so many letters may be two of two: ``wi fi``."""
_MODEL = re.compile(r"\w*\d[\w./-]*\d[\w./-]*|\w+[-/.]\w*\d\w*")
_PARTS = re.compile(r"[^\W\d]+|\d+")

Clause = dict[str, Any]
Synonyms = Mapping[str, tuple[str, ...]]
"""Word → those that mean the same."""


@dataclass(frozen=True, slots=True)
class Wished:
    """A wished name, taken apart as the index takes names apart."""

    words: tuple[str, ...]
    models: tuple[str, ...]
    """Its model numbers as the field ``ProductName.joined`` has them."""


def models_in(name: str) -> str:
    """The model numbers in ``name``, as they are written there."""
    return " ".join(_MODEL.findall(name))


def alike(wished: Wished, same: Synonyms) -> list[Clause]:
    """The clauses of which a similar product fulfils one; none for a name without words."""
    models = [_has(JOINED, wished.models)] if wished.models else []
    return [*_by_words(wished.words, same), *models]


def _by_words(words: Sequence[str], same: Synonyms) -> list[Clause]:
    """Half of the words, each in one of the ways it may be written."""
    distinct = list(dict.fromkeys(words))
    if not distinct:
        return []
    each = [_written(word, frozenset({*same.get(word, ()), *_joined(word, words)})) for word in distinct]
    needed = len(distinct) if len(distinct) <= 2 else len(distinct) // 2
    return [{"bool": {"should": each, "minimum_should_match": needed}}]


def _joined(word: str, words: Sequence[str]) -> Iterator[str]:
    """``word`` written together with its neighbour."""
    return ("".join(pair) for pair in pairwise(words) if word in pair)


@lru_cache(maxsize=16384)
def _written(word: str, others: frozenset[str]) -> Clause:
    """The ways in which a product can have a word: as it is, in other words, misspelt or in two."""
    misspelt = [_fuzzy(word)] if word.isalpha() else []
    return {"bool": {"should": [_has(WORDS, {word, *others}), *misspelt, *map(_has_both, _in_two(word))]}}


def _in_two(word: str) -> list[tuple[str, str]]:
    """The ways to write a word as two: ``lawn mower``, and ``ipad 2`` between letters and digits.

    Where the first part ends as the second begins one letter may have been lost: ``hardrive``.
    """
    if word.isalpha():
        shortest = SHORT_WHOLE // 2 if len(word) == SHORT_WHOLE else SHORTEST_PART
        cuts = range(shortest, len(word) - shortest + 1) if len(word) <= LONGEST_WHOLE else ()
        whole = [(word[:cut], word[cut:]) for cut in cuts]
        return whole + [(word[:cut], word[cut - 1 :]) for cut in cuts if len(word) > SHORT_WHOLE]
    parts = _PARTS.findall(word)
    return [(parts[0], parts[1])] if len(parts) == 2 and "".join(parts) == word else []


def _has(field: str, words: Iterable[str]) -> Clause:
    return {"terms": {field: sorted(words)}}


def _has_both(words: Sequence[str]) -> Clause:
    return {"bool": {"filter": [{"term": {WORDS: word}} for word in words]}}


def _fuzzy(word: str) -> Clause:
    forgiven = {"value": word, "fuzziness": "AUTO", "prefix_length": 1, "rewrite": "constant_score"}
    return {"fuzzy": {WORDS: forgiven}}
