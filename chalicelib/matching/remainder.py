"""What is left of two names once the words both have are taken out.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.matching.spelling import near_words
from chalicelib.matching.text import Title
from chalicelib.matching.words import ACCESSORY, ATTACHMENT, EDITION, groups, joined_groups


@dataclass(slots=True)
class Remainder:
    """What is left of each side once the words both have, and those that are nearly the same, are taken out."""

    missing: dict[str, float]
    """Word of the wish → share of it that the offer lacks, 0 (not at all) to 1."""
    extra: dict[str, float]
    """Word of the offer → share of it that the wish lacks."""


def remainder(a: Title, b: Title) -> Remainder:
    """What each side has and the other lacks, once joined, split, misspelt and abbreviated words have met."""
    missing = {word: 1.0 for word in a.words if word not in b.word_set}
    extra = {word: 1.0 for word in b.words if word not in a.word_set}
    if missing and extra:
        _join(missing, extra, b)
        _join(extra, missing, a)
        for word, share in missing.items():
            if share:
                other, likeness = near_words(word, extra)
                if likeness:
                    missing[word] = extra[other] = 1 - likeness
    return Remainder(missing, extra)


def _join(words: dict[str, float], others: dict[str, float], title: Title) -> None:
    """Take out words that ``title`` writes in several: ``cushtop`` for ``cush top``."""
    for word in words.keys() & title.joins.keys():
        parts = title.joins[word]
        if words[word] and any(others.get(part) for part in parts):
            words[word] = 0.0
            for part in parts:
                if part in others:
                    others[part] = 0.0


def swapped(a: Title, b: Title, left: Remainder) -> tuple[float, float, float]:
    """Words that stand where the offer has others: ``cyan ink tank`` and ``yellow ink tank``.

    How many, the weight of the heaviest (of the lighter of the two), and how many are numbers.
    """
    count, heaviest, numbers = 0, 0.0, 0
    for word, share in left.missing.items():
        if not share:
            continue
        for other in (b.following.get(a.preceding[word]), b.preceding.get(a.following[word])):
            if other is not None and left.extra.get(other):
                count += 1
                heaviest = max(heaviest, min(a.weights[word], b.weights[other]))
                numbers += word[0].isdigit() and other[0].isdigit()
                break
    return float(count), heaviest, float(numbers)


def kinds(left: Remainder) -> tuple[float, float, float, float]:
    """Accessory words and edition words that only the offer, or only the wish, has."""
    accessory, edition = joined_groups(ACCESSORY, ATTACHMENT), groups()[EDITION]
    missing = {word for word, share in left.missing.items() if share}
    extra = {word for word, share in left.extra.items() if share}
    return (
        float(len(extra & accessory)),
        float(len(missing & accessory)),
        float(len(extra & edition)),
        float(len(missing & edition)),
    )
