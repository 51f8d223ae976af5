"""The words on a shelf, to be asked which of them a misspelt word may stand for.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from chalicelib.edits import distance, edits_allowed


class Vocabulary:
    """The words that some products have, field by field, as the index has them."""

    def __init__(self, words: Mapping[str, Iterable[str]], misspelt_in: Iterable[str]) -> None:
        """``words``: field → its words.  Words may be misspelt in the fields ``misspelt_in``."""
        self._words = {field: frozenset(those) for field, those in words.items()}
        self._by_initial: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for word in frozenset().union(*(self._words[field] for field in misspelt_in)):
            self._by_initial[word[0]].append((word, _letters(word)))
        self._near: dict[str, list[str]] = {}

    def those_in(self, field: str, words: Iterable[str]) -> list[str]:
        """Those of ``words`` that a product has in ``field``, sorted."""
        return sorted(self._words[field].intersection(words))

    def has(self, field: str, words: Collection[str]) -> bool:
        """Whether ``field`` has all of ``words``, if not in one product."""
        return self._words[field].issuperset(words)

    def near(self, word: str) -> list[str]:
        """What a fuzzy query for ``word`` finds: words with its first letter within the edits allowed."""
        if word not in self._near:
            self._near[word] = self._find_near(word)
        return self._near[word]

    def _find_near(self, word: str) -> list[str]:
        limit, letters = edits_allowed(word), _letters(word)
        return [
            other
            for other, others in self._by_initial.get(word[0], ())
            # Each edit adds at most one letter and takes at most one away: most words are put aside by that alone.
            if (letters & ~others).bit_count() <= limit
            and (others & ~letters).bit_count() <= limit
            and distance(word, other, limit) <= limit
        ]


def _letters(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 63)
    return bits
