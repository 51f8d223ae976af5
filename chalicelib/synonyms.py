"""Words that mean the same in product names, or less, from ``synonyms.txt``, which people edit.  Pure."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_WORD = re.compile(r"\w+")


@cache
def synonym_groups() -> tuple[tuple[str, ...], ...]:
    """Each line of single words: words that mean the same, the form they are compared in first."""
    return tuple(group for group in _lines() if not _is_of_phrases(group))


@cache
def phrase_groups() -> tuple[tuple[str, ...], ...]:
    """Each line with an expression of several words: the expressions, in words, the compared form first."""
    return tuple(tuple(one.replace("_", " ") for one in group) for group in _lines() if _is_of_phrases(group))


@cache
def compared_forms() -> dict[str, str]:
    """Word → the form it is compared in, for the words that have another."""
    return {word: group[0] for group in synonym_groups() for word in group[1:]}


@cache
def spellings() -> dict[str, tuple[str, ...]]:
    """Compared form → the single words it stands for, itself among them; of those that stand for others."""
    groups = (*synonym_groups(), *phrase_groups())
    return {group[0]: tuple(word for word in group if " " not in word) for group in groups if " " not in group[0]}


@cache
def narrower() -> dict[str, frozenset[str]]:
    """Word → the words for things of its kind, all in the form they are compared in: an iPhone is a phone."""
    found: dict[str, set[str]] = {}
    for line in _written_lines():
        word, sign, kinds = line.partition(">")
        if sign:
            found.setdefault(word.strip(), set()).update(kinds.split())
    return {word: frozenset(kinds) for word, kinds in found.items()}


@cache
def single_words() -> frozenset[str]:
    """All single words that are listed."""
    listed = {word for line in _lines() for word in line if "_" not in word}
    return frozenset(listed.union(narrower(), *narrower().values()))


def with_compared_phrases(text: str) -> str:
    """``text`` (lower case) with every expression of several words, also in the plural, in its compared form."""
    forms, starts, pattern = _phrases()
    if starts.isdisjoint(_WORD.findall(text)):
        return text  # most names: trying every expression at every word is slow
    return pattern.sub(lambda found: forms[found[1].replace("-", " ")], text)


@cache
def _phrases() -> tuple[dict[str, str], frozenset[str], re.Pattern[str]]:
    """Expression → its compared form; the words that expressions begin with; a pattern that finds them."""
    forms = {phrase: group[0] for group in phrase_groups() for phrase in group}
    longest_first = sorted(forms, key=len, reverse=True)
    written = "|".join(phrase.replace(" ", "[ -]") for phrase in longest_first)
    firsts = {phrase.split()[0] for phrase in forms}
    starts = firsts.union(f"{phrase}s" for phrase in forms if " " not in phrase)
    return forms, frozenset(starts), re.compile(rf"\b({written})s?\b")


@cache
def _lines() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split()) for line in _written_lines() if ">" not in line)


def _written_lines() -> list[str]:
    lines = (Path(__file__).parent / "synonyms.txt").read_text(encoding="utf-8").splitlines()
    return [said for line in lines if (said := line.split("#")[0].strip())]


def _is_of_phrases(group: tuple[str, ...]) -> bool:
    return any("_" in word for word in group)
