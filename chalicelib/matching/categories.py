"""What the category a shop files a product under says of it.  Pure.

Names often leave out what stands above the shelf: ``Yorkshire Gold 240s`` among the teas is tea.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.categories import levels
from chalicelib.edits import distance
from chalicelib.matching.spelling import misspelt, sound
from chalicelib.matching.text import Title, read_title
from chalicelib.matching.words import (
    DEVICE,
    EATEN,
    FED,
    FLAVOUR,
    FOOD,
    MEAT,
    RECIPE,
    TASTE,
    THING,
    groups,
    joined_groups,
    kinds,
    known_words,
)
from chalicelib.synonyms import narrower

_SEVERAL = re.compile(r"[&,+]|\b(?:and|or)\b", re.IGNORECASE)
SOME_PIECES = 0.4
"""Two names of which one misspells, joins or splits every word of the other still share so many of their trigrams."""


@dataclass(frozen=True, slots=True)
class Category:
    """A category, read."""

    written: str
    shelf: Title
    """Its last level that names things: ``Cordless Drills`` of ``Tools > Cordless Drills > Brushless``."""
    kinds: frozenset[str]
    """What stands there: ``drill``; of ``Bags & Cases`` the one or the other."""
    word_set: frozenset[str]
    """The words of all levels."""
    initials: frozenset[str]
    """Their first letters."""

    def is_like(self, wanted: Title) -> bool:
        """Whether it has a wanted word, perhaps misspelt, or one for things of the wanted kind."""
        return _is_like(self.written, wanted.name)

    def contents(self) -> frozenset[str]:
        """Words that the names of what stands there have for what is in it: ``salmon`` of dog food."""
        if not self.kinds <= joined_groups(EATEN, FED):
            return frozenset()
        if self.kinds <= groups()[FED]:
            return groups()[EATEN]
        if len(self.shelf.words) > 1:
            return groups()[EATEN] - groups()[FOOD]
        return joined_groups(TASTE, FLAVOUR, RECIPE, MEAT)

    def is_for_others_than(self, names: Collection[str]) -> bool:
        """Whether it is known what stands there, and nothing of it is called by one of ``names``.

        Things may be called by a narrower word than their kind, or by that of their form: ``apple`` among ``fruit``.
        """
        if not self.kinds <= joined_groups(THING, DEVICE):
            return False
        held = (self.word_set - self.shelf.word_set) | self.kinds
        called = held.union(*(kinds().get(word, ()) for word in held), *(narrower().get(word, ()) for word in held))
        return called.isdisjoint(names) and all(held.isdisjoint(kinds().get(name, ())) for name in names)

    def may_have(self, word: str) -> bool:
        """Whether ``word_for`` can have one for a wanted word: quickly, and at times without cause."""
        if word in known_words():
            return word in self.word_set or not narrower().get(word, frozenset()).isdisjoint(self.word_set)
        return word[0] in self.initials

    def word_for(self, word: str) -> str:
        """Its word for a wanted one, which may be misspelt; empty for none."""
        if word in self.word_set:
            return word
        if of_kind := narrower().get(word, frozenset()) & self.word_set:
            return min(of_kind)
        if word in known_words() or word[0] not in self.initials:
            return ""
        written = {joined: " ".join(parts) for joined, parts in self.shelf.wording.joins.items()}
        written |= {other: other for other in sorted(self.word_set)}
        near = (one for one in written if misspelt(word, one) and distance(sound(word), sound(one), 1) <= 1)
        return written.get(next(near, ""), "")


@lru_cache(maxsize=4096)
def read_category(written: str) -> Category | None:
    """``Drinks > Tea``, read; ``None`` for one without words."""
    known = [title for level in levels(written) if (title := read_title(level)).words]
    if not known:
        return None
    shelf = next((title for title in reversed(known) if _names_things(title)), known[-1])
    parts = [read_title(part).words for part in _SEVERAL.split(shelf.name)]
    kinds = frozenset(words[-1] for words in parts if words)
    words = frozenset(word for title in known for word in title.words)
    return Category(written, shelf, kinds, words, frozenset(word[0] for word in words))


@lru_cache(maxsize=1 << 17)
def _is_like(written: str, name: str) -> bool:
    """``Category.is_like``, kept: a wish meets many products of one category."""
    category, wanted = read_category(written), read_title(name)
    if category is None or not wanted.word_set.isdisjoint(category.word_set):
        return category is not None
    if (wanted.trigrams & category.shelf.trigrams).bit_count() >= SOME_PIECES * wanted.trigram_count:
        return True
    return any(narrower()[kind] & category.word_set for kind in wanted.broad)


def _names_things(level: Title) -> bool:
    """Whether a level tells what is sold, rather than of which sort: ``Teas``, but not ``Herbal``."""
    return level.words[-1] in level.wording.plurals or level.words[-1] in joined_groups(THING, DEVICE)
