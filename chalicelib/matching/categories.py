"""What the category a shop files a product under says of it.  Pure.

Names often leave out what stands above the shelf: ``Yorkshire Gold 240s`` among the teas is tea.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.categories import levels
from chalicelib.matching.text import Title, read_title

_SEVERAL = re.compile(r"[&,+]|\b(?:and|or)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Category:
    """A category, read."""

    kind: str
    """What its last level names: ``drill`` of ``Power Tools > Cordless Drills``."""
    word_set: frozenset[str]
    """The words of all levels that name one kind."""


@lru_cache(maxsize=4096)
def read_category(written: str) -> Category | None:
    """``Drinks > Tea``, read; ``None`` where its last level names several kinds: ``Bags & Cases``."""
    titles = [_read(level) for level in levels(written)]
    if not titles or (last := titles[-1]) is None or not last.words:
        return None
    return Category(last.words[-1], frozenset().union(*(title.word_set for title in titles if title)))


def _read(level: str) -> Title | None:
    return None if _SEVERAL.search(level) else read_title(level)
