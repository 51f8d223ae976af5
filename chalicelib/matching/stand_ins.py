"""What an offer has in place of a wanted word that its name lacks: the brand, another spelling or expression.  Pure."""

from __future__ import annotations

from chalicelib.edits import distance
from chalicelib.matching.remainder import Remainder
from chalicelib.matching.sides import Side, brand_words, is_unsaid
from chalicelib.matching.spelling import misspelt, sound
from chalicelib.matching.text import Title
from chalicelib.matching.vetoes import LENGTH, is_in_whole_inches
from chalicelib.matching.words import canonical_word, known_words

ENDING = "ing"
"""A wanted word may have it where the offer's has not: ``washing powder``, ``wash``."""


def may_have(word: str, wanted: Side, offered: Side) -> bool:
    """Whether a wanted word the name lacks can have a stand-in at all.  Quick: it is asked of every candidate."""
    a, b = wanted.title, offered.title
    if word in b.compact or word in brand_words(offered) or word in b.wording.units or word in b.wording.together:
        return True
    if word[0].isdigit():
        return _is_its_number(word, a, b)
    if word in a.wording.meant or _may_be_spelt(word, b):
        return True
    if offered.category is not None and offered.category.may_have(word):
        return True
    return is_unsaid(word, wanted, offered) or bool(_meant(word, a, b))


def _may_be_spelt(word: str, b: Title) -> bool:
    """Whether an offer can have a wanted word in another spelling: a known one only as a word nobody knows."""
    if word not in known_words():
        return word[0] in b.initials
    if word[0] in b.wording.strange or sound(word) in b.wording.sounds:
        return True
    return word.endswith(ENDING) and word.removesuffix(ENDING) in b.word_set


def stand_in(word: str, wanted: Side, offered: Side, left: Remainder) -> str | None:
    """What the offer says for a wanted word its name lacks: words of its name, or ``word`` where it is no other.

    ``None``: it says nothing of the kind.  What only the category says does not count.
    """
    a, b = wanted.title, offered.title
    if word in brand_words(offered) or word in b.wording.units:
        return word
    if word[0].isdigit():
        return word if _is_its_number(word, a, b) else None
    if meant := _meant(word, a, b):
        return meant
    if is_unsaid(word, wanted, offered):
        return word
    if any(is_unsaid(" ".join(meant), wanted, offered) for meant in a.wording.meant.get(word, ())):
        return word
    return _spelt(word, a, left) or _joined(word, a, b, left)


def _is_its_number(word: str, a: Title, b: Title) -> bool:
    if word in b.all_numbers or a.bare.get(word) in b.numbers:
        return True
    return word in a.quantities.get(LENGTH, ()) and is_in_whole_inches(a, b)


def _meant(word: str, a: Title, b: Title) -> str | None:
    """The offer's word for what a misspelt one means, or its form of an expression of which ``word`` is one."""
    for words in a.wording.meant.get(word, ()):
        if b.word_set.issuperset(words):
            return " ".join(words)
    for said, form in b.wording.expressions:
        if word in said and (said <= a.word_set or a.word_set.issuperset(form)):
            return " ".join(form)
    return None


def _spelt(word: str, a: Title, left: Remainder) -> str | None:
    """The offer's word that is the wanted one misspelt, or in another form.

    A word that is known, or may be a listed one misspelt, is hardly another with two letters wrong.
    """
    limit = 1 if word in a.wording.meant or word in known_words() else 2
    for other in left.extra:
        if other[0] != word[0]:
            continue
        if _is_a_form(word, other) or (misspelt(word, other) and distance(word, other, limit) <= limit):
            return other
    return None


def _is_a_form(word: str, other: str) -> bool:
    """Whether ``other`` is the wanted word with a number, or without ``ing``: ``fusion5``, ``wash`` for ``washing``."""
    if other.startswith(word):
        return len(word) >= 4 and other[len(word) :].isdigit()
    return word.endswith(ENDING) and word.removesuffix(ENDING) == other


def _joined(word: str, a: Title, b: Title, left: Remainder) -> str | None:
    """What the offer writes as two and the wish, misspelt, as one, or the other way round: ``lawnmover``."""
    if word in known_words():
        return None
    for joined, parts in b.wording.joins.items():
        if misspelt(word, joined):
            return " ".join(parts)
    for joined, parts in a.wording.joins.items():
        if word in parts and left.missing.keys() >= set(parts):
            meant = canonical_word(joined)
            return next((other for other in b.words if other == meant or misspelt(joined, other)), None)
    return None
