"""What is left of two names once the words both have are taken out.  Pure."""

from __future__ import annotations

from typing import NamedTuple

from chalicelib.matching.spelling import near_words
from chalicelib.matching.text import Title


class Remainder(NamedTuple):
    """What is left of each side once the words both have, however joined, are taken out."""

    missing: dict[str, float]
    """Word of the wish → share of it that the offer lacks, above 0 (less where a word is nearly the same) to 1."""
    extra: dict[str, float]
    """Word of the offer → share of it that the wish lacks."""


def remainder(a: Title, b: Title) -> Remainder:
    """What each side has and the other lacks, once joined, split, misspelt and abbreviated words have met."""
    ours, theirs = a.word_set, b.word_set
    missing = {word: 1.0 for word in a.words if word not in theirs}
    extra = {word: 1.0 for word in b.words if word not in ours}
    if missing and extra:
        _join(missing, extra, b)
        _join(extra, missing, a)
        _approach(missing, extra)
    return Remainder(missing, extra)


def _join(words: dict[str, float], others: dict[str, float], title: Title) -> None:
    """Take out words that ``title`` writes in several: ``cushtop`` for ``cush top``."""
    joins = title.wording.joins
    if words.keys().isdisjoint(joins.keys()):
        return
    for word in [word for word in words if word in joins]:
        parts = joins[word]
        if any(part in others for part in parts):
            del words[word]
            for part in parts:
                others.pop(part, None)


def _approach(missing: dict[str, float], extra: dict[str, float]) -> None:
    """Lessen the shares of words that are nearly the same."""
    initials = {other[0] for other in extra}
    for word in missing:
        if word[0] in initials:
            other, likeness = near_words(word, extra)
            if likeness:
                missing[word] = extra[other] = 1 - likeness


def swapped(a: Title, b: Title, left: Remainder) -> tuple[float, float]:
    """Words that stand where the offer has others: ``cyan ink tank`` and ``yellow ink tank``.

    How many, and the weight of the heaviest (of the lighter of the two).
    """
    count, heaviest, extra = 0.0, 0.0, left.extra
    ours, theirs = a.wording, b.wording
    before, after = theirs.preceding, theirs.following
    for word in left.missing:
        other = after.get(ours.preceding[word])
        if other not in extra:
            other = before.get(ours.following[word])
            if other not in extra:
                continue
        count += 1
        heaviest = max(heaviest, min(a.weights[word], b.weights[other]))
    return count, heaviest
