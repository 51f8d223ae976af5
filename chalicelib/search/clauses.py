"""What a product has to have for its name to be similar to a wished one, as clauses of a query.  Pure.

A product is similar when it has half of the wish's words (all, where there are only one or two): misspelt within
OpenSearch's fuzziness, by a synonym, joined with the next word or split; or when it has the wish's model number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chalicelib.search.vocabulary import Vocabulary

NAME, BRAND, JOINED = "ProductName", "Brand.words", "ProductName.joined"
SHORTEST_PART, LONGEST_WHOLE = 3, 20
"""Letters of each part, and of the whole, of a word that may have been written as two."""
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


def alike(wished: Wished, same: Synonyms, vocabulary: Vocabulary | None) -> list[Clause]:
    """The clauses of which a similar product fulfils one; none where no product can.

    Misspelt words are looked up in ``vocabulary``, and what is not in it is not asked for; with ``None`` OpenSearch
    looks for them.
    """
    return [*_by_words(wished.words, same, vocabulary), *_has(JOINED, wished.models, vocabulary)]


def _by_words(words: Sequence[str], same: Synonyms, vocabulary: Vocabulary | None) -> list[Clause]:
    """Half of the words, each in one of the ways it may be written."""
    distinct = list(dict.fromkeys(words))
    each = [_written(word, {*same.get(word, ()), *_joined(word, words)}, vocabulary) for word in distinct]
    there = [{"bool": {"should": ways}} for ways in each if ways]
    needed = len(distinct) if len(distinct) <= 2 else len(distinct) // 2
    return [{"bool": {"should": there, "minimum_should_match": needed}}] if 0 < needed <= len(there) else []


def _joined(word: str, words: Sequence[str]) -> Iterator[str]:
    """``word`` written together with its neighbour."""
    return ("".join(pair) for pair in pairwise(words) if word in pair)


def _written(word: str, others: set[str], vocabulary: Vocabulary | None) -> list[Clause]:
    """The ways in which a product's name or brand can have a word: as it is, in other words, misspelt or in two."""
    ways: list[Clause] = []
    written = {word, *others}
    if vocabulary is not None:
        written.update(vocabulary.near(word) if word.isalpha() else ())
    elif word.isalpha():
        ways += [_fuzzy(field, word) for field in (NAME, BRAND)]
    ways += [clause for field in (NAME, BRAND) for clause in _has(field, written, vocabulary)]
    return ways + [_has_both(parts) for parts in _in_two(word) if vocabulary is None or vocabulary.has(NAME, parts)]


def _in_two(word: str) -> list[tuple[str, str]]:
    """The ways to write a word as two: ``lawn mower``, and ``ipad 2`` between letters and digits."""
    if word.isalpha():
        cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1) if len(word) <= LONGEST_WHOLE else ()
        return [(word[:cut], word[cut:]) for cut in cuts]
    parts = _PARTS.findall(word)
    return [(parts[0], parts[1])] if len(parts) == 2 and "".join(parts) == word else []


def _has(field: str, words: Collection[str], vocabulary: Vocabulary | None) -> list[Clause]:
    """That ``field`` has one of ``words``; nothing where no product on the shelf has."""
    there = sorted(words) if vocabulary is None else vocabulary.those_in(field, words)
    return [{"terms": {field: there}}] if there else []


def _has_both(words: Sequence[str]) -> Clause:
    return {"bool": {"filter": [{"term": {NAME: word}} for word in words]}}


def _fuzzy(field: str, word: str) -> Clause:
    forgiven = {"value": word, "fuzziness": "AUTO", "prefix_length": 1, "rewrite": "constant_score"}
    return {"fuzzy": {field: forgiven}}


def size(clause: Clause) -> int:
    """What OpenSearch counts for a clause: its innermost ones."""
    ((kind, inner),) = clause.items()
    if kind != "bool":
        return 1
    return sum(size(part) for group in ("should", "filter") for part in inner.get(group, ()))
