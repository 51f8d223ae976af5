"""An inverted index of products at hand, asked by the same clauses as OpenSearch and with the same answer.  Pure.

A set of products is a whole number with one bit for each: those that have a word, those that fulfil a clause.  What
OpenSearch does with lists of documents is done with such numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from chalicelib.edits import distance, edits_allowed
from chalicelib.search.clauses import WORDS, Clause

Words = Mapping[str, Sequence[Sequence[str]]]
"""Field → the words of each product in it."""


class InvertedIndex:
    """Some products' words, field by field, as OpenSearch has them."""

    def __init__(self, words: Words) -> None:
        self._having = {field: _postings(each) for field, each in words.items()}
        self._by_initial: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for word in self._having[WORDS]:
            self._by_initial[word[0]].append((word, _letters(word)))
        self._near: dict[str, list[str]] = {}

    def fulfilling(self, clauses: Iterable[Clause]) -> list[int]:
        """The places of the products that fulfil one of ``clauses``, which are those of ``clauses.py``."""
        return list(_places(self._one_of(clauses)))

    def near(self, word: str) -> list[str]:
        """What a fuzzy query for ``word`` finds: words with its first letter within the edits allowed."""
        if word not in self._near:
            limit, letters = edits_allowed(word), _letters(word)
            self._near[word] = [
                other
                for other, others in self._by_initial.get(word[0], ())
                # Each edit adds at most one letter and takes at most one away: most are put aside by that alone.
                if (letters & ~others).bit_count() <= limit
                and (others & ~letters).bit_count() <= limit
                and _distance(word, other, limit) <= limit
            ]
        return self._near[word]

    def _fulfilling(self, clause: Clause) -> int:
        ((kind, asked),) = clause.items()
        if kind == "bool":
            return self._combined(**asked)
        ((field, value),) = asked.items()
        if kind == "term":
            return self._having[field].get(value, 0)
        return self._having_any(field, self.near(value["value"]) if kind == "fuzzy" else value)

    def _combined(
        self, *, filter: Sequence[Clause] = (), should: Sequence[Clause] = (), minimum_should_match: int = 1
    ) -> int:
        if filter:
            return self._all_of(filter)
        return self._one_of(should) if minimum_should_match == 1 else self._some_of(should, minimum_should_match)

    def _having_any(self, field: str, words: Iterable[str]) -> int:
        having, bits = self._having[field], 0
        for word in words:
            bits |= having.get(word, 0)
        return bits

    def _all_of(self, clauses: Iterable[Clause]) -> int:
        bits = -1
        for clause in clauses:
            bits &= self._fulfilling(clause)
            if not bits:
                break  # most ways to part a word in two begin with none
        return bits

    def _one_of(self, clauses: Iterable[Clause]) -> int:
        bits = 0
        for clause in clauses:
            bits |= self._fulfilling(clause)
        return bits

    def _some_of(self, clauses: Iterable[Clause], needed: int) -> int:
        """The products that fulfil ``needed`` of ``clauses``."""
        at_least = [0] * needed  # at place n, those that fulfil more than n of the clauses so far
        for clause in clauses:
            bits = self._fulfilling(clause)
            for at in range(needed - 1, 0, -1):
                at_least[at] |= at_least[at - 1] & bits
            at_least[0] |= bits
        return at_least[-1]


_distance = lru_cache(maxsize=1 << 16)(distance)
"""Products of all places have most of their words in common."""


def _postings(each: Sequence[Iterable[str]]) -> dict[str, int]:
    """Word → the places of those that have it, as bits."""
    found: dict[str, int] = {}
    for at, words in enumerate(each):
        bit = 1 << at
        for word in words:
            found[word] = found.get(word, 0) | bit
    return found


def _places(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


@lru_cache(maxsize=1 << 16)
def _letters(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits
