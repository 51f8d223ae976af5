"""How far two words lie apart, and how far a misspelt one may.  Pure; the index and the verdict forgive the same."""

from __future__ import annotations

LONGEST_EXACT, LONGEST_ONE = 2, 5


def edits_allowed(word: str) -> int:
    """Edits in which a word may be misspelt: OpenSearch's fuzziness ``AUTO`` (none, one from 3, two from 6 letters)."""
    return 0 if len(word) <= LONGEST_EXACT else 1 if len(word) <= LONGEST_ONE else 2


def distance(word: str, other: str, limit: int) -> int:
    """Edits (insert, delete, replace, swap neighbours) between two words; anything above ``limit`` is ``limit + 1``."""
    if abs(len(word) - len(other)) > limit:
        return limit + 1
    word, other = _without_same_ends(word, other)
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(word, 1):
        here = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, here[column - 1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and word[row - 2] == against:
                cost = min(cost, before_last[column - 2] + 1)
            here.append(cost)
        if min(here) > limit:
            return limit + 1
        before_last, last = last, here
    return min(last[-1], limit + 1)


def _without_same_ends(word: str, other: str) -> tuple[str, str]:
    """What is left of two words without the letters they begin and end with alike: as many edits apart."""
    start, shorter = 0, min(len(word), len(other))
    while start < shorter and word[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and word[-1 - end] == other[-1 - end]:
        end += 1
    return word[start : len(word) - end], other[start : len(other) - end]
