"""The words of names as the index has them: OpenSearch takes apart what ``analysis.py`` does not know."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

from chalicelib.search.analysis import taken_apart
from chalicelib.search.client import client, understood
from chalicelib.search.index import read_alias
from chalicelib.synonyms import narrower, perhaps_meant, phrase_groups, synonym_groups, unsaid

NAME_ANALYZER, JOINED_ANALYZER = "product_words", "joined_words"
LETTERS_AT_ONCE = 15_000
"""Of names in one call: each word has a letter and a space at least, and the index gives 10,000 words at most
(``index.analyze.max_token_count``)."""
KEPT_SECONDS, MOST_KEPT = 600, 50_000
"""Names that are taken apart already are kept, but not for long: a rebuilt index may do it otherwise."""

_known: dict[tuple[str, str, str], tuple[str, ...]] = {}
_known_since = 0.0


def words_of(names: Iterable[str], analyzer: str = NAME_ANALYZER) -> dict[str, tuple[str, ...]]:
    """Name → its words, in order.  ``RetryLater`` while OpenSearch is away."""
    if len(_known) > MOST_KEPT or time.monotonic() - _known_since > KEPT_SECONDS:
        forget_words()
    alias = read_alias()
    wanted = list(dict.fromkeys(names))
    missing = [name for name in wanted if (alias, analyzer, name) not in _known]
    found = taken_apart(missing, analyzer)
    for batch in _batches([name for name in missing if name not in found]):
        found |= zip(batch, asked_of_opensearch(batch, analyzer), strict=True)
    _known.update(((alias, analyzer, name), words) for name, words in found.items())
    return {name: _known[alias, analyzer, name] for name in wanted}


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """Word as the index has it → the words that may stand for it.

    They mean the same, or things of its kind, or such as need not say it, or stand in an expression that does.
    """
    groups = (*synonym_groups(), *(tuple(" ".join(group).split()) for group in phrase_groups()))
    told = [*narrower().items(), *unsaid().items()]
    kinds = {word: " ".join(chain(*(each for of, each in told if of == word))).split() for word, _ in told}
    said = " ".join(kinds).split()
    read = words_of(word for group in (*groups, said, *kinds.values()) for word in group)
    single = {word: words[0] for word, words in read.items() if len(words) == 1}
    same: dict[str, set[str]] = {}
    for group in groups:
        forms = {single[word] for word in group if word in single}
        for word in forms:
            same.setdefault(word, set()).update(forms)
    narrow: dict[str, set[str]] = {}
    for kind, listed in kinds.items():
        for word in kind.split():
            narrow.setdefault(single[word], set()).update(single[thing] for thing in listed)
    found = {}
    for word in narrow.keys() | same.keys():
        forms = same.get(word, {word})
        things = {thing for form in forms for thing in narrow.get(form, ())}
        found[word] = tuple(sorted(forms.union(things, *(same.get(thing, ()) for thing in things))))
    return found


def meanings(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Word as the index has it → the words that may stand for it, or for the listed word it may be misspelt for."""
    same = synonyms()
    listed = {word: (word,) if word in same else perhaps_meant(word) for word in words}
    return {word: tuple(chain(each, *(same.get(other, ()) for other in each))) for word, each in listed.items()}


def forget_words() -> None:
    """Have every name taken apart anew."""
    global _known_since
    _known.clear()
    synonyms.cache_clear()
    _known_since = time.monotonic()


def _batches(names: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for name in names:
        if batch and size + len(name) > LETTERS_AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(name)
        size += len(name) + 1
    if batch:
        yield batch


def asked_of_opensearch(names: Sequence[str], analyzer: str) -> Iterator[tuple[str, ...]]:
    """The words of each name, in order, as ``analyzer`` gives them.  ``RetryLater`` while OpenSearch is away."""
    with understood():
        answer = client().indices.analyze(
            index=read_alias(),
            body={"analyzer": analyzer, "text": list(names)},
            params={"filter_path": "tokens.token,tokens.start_offset"},
        )
    tokens: list[dict[str, Any]] = answer.get("tokens", [])
    at, end = 0, 0
    for name in names:
        # Offsets go on from name to name, one between them, in units of UTF-16.
        end += len(name.encode("utf-16-le")) // 2 + 1
        start = at
        while at < len(tokens) and tokens[at]["start_offset"] < end:
            at += 1
        yield tuple(token["token"] for token in tokens[start:at])
