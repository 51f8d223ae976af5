"""Words that mean the same in product names, or less, from ``synonyms.txt``, which people edit.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

from chalicelib.edits import distance, edits_allowed

SHORTEST_PART = 3
"""Letters of a word that is written together with another, or parted from it."""
SHORTEST_SLIP = 5
"""Letters of a word that may have one wrong."""
_WORD = re.compile(r"\w+")
_SIGNS = frozenset(">~")


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
def narrower() -> dict[str, frozenset[str]]:
    """Word → the words and expressions for things of its kind, and of the kinds among them, in their compared form."""
    told = _signed(">")
    return {kind: _all_below(kind, told) - {kind} for kind in told}


@cache
def listed_things() -> frozenset[str]:
    """All words and expressions for things of a kind, in their compared form."""
    return frozenset(chain.from_iterable(narrower().values()))


@cache
def kinds_of() -> dict[str, frozenset[str]]:
    """Single word for a thing → the words of the kinds it is of: ``cruzer`` → ``flash`` and ``drive``."""
    found: dict[str, set[str]] = {}
    for kind, things in narrower().items():
        for thing in things:
            found.setdefault(thing, set()).update(kind.split())
    return {thing: frozenset(kinds) for thing, kinds in found.items() if " " not in thing}


def _all_below(kind: str, told: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The things of ``kind``, their things, and so on: two kinds may name each other, as ``case`` and ``cover`` do."""
    found: set[str] = set()
    ahead = [kind]
    while ahead:
        new = told.get(ahead.pop(), frozenset()) - found
        found |= new
        ahead += new
    return frozenset(found)


@cache
def unsaid() -> dict[str, frozenset[str]]:
    """Word → the words and expressions of which it goes without saying: of a mouse that it is for a computer."""
    return _signed("~")


def _signed(sign: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _written_lines():
        word, there, others = line.partition(sign)
        if there:
            kind = word.strip().replace("_", " ")
            found.setdefault(kind, set()).update(other.replace("_", " ") for other in others.split())
    return {word: frozenset(others) for word, others in found.items()}


@cache
def single_words() -> frozenset[str]:
    """All single words that are listed."""
    listed = {word for line in _lines() for word in line if "_" not in word}
    told = [*narrower(), *unsaid(), *chain(*narrower().values(), *unsaid().values())]
    return frozenset(listed.union(*map(str.split, told)))


@lru_cache(maxsize=1 << 16)
def perhaps_meant(word: str) -> tuple[str, ...]:
    """The listed words that a word which is not listed may be misspelt for, the nearest."""
    if word in single_words() or not word.isalpha():
        return ()
    limit = edits_allowed(word)
    apart = {other: distance(word, other, limit) for other in single_words() if other[0] == word[0]}
    nearest = min(apart.values(), default=limit + 1)
    return tuple(sorted(other for other, edits in apart.items() if edits == nearest <= limit))


def with_compared_phrases(text: str) -> str:
    """``text`` (lower case) with every expression of several words, also in the plural, in its compared form."""
    forms, pattern = _phrases()
    if not _may_have_phrases(text):
        return text  # most names: trying every expression at every word is slow
    return pattern.sub(lambda found: forms[found[1].replace("-", " ")], text)


@lru_cache(maxsize=4096)
def with_phrases_mended(text: str) -> str:
    """``text`` with expressions put right that are joined, turned round or misspelt, and words that are parted.

    ``loorolls``, ``shoes running``, ``ear phones``.
    """
    words = _together(" ".join(_joined_phrases().get(word.lower(), word) for word in text.split()).split())
    for at in range(len(words) - 1):
        first, second = words[at].lower(), words[at + 1].lower()
        turned = f"{second} {first.removesuffix('s')}"
        if turned in _phrases()[0]:
            words[at : at + 2] = turned.split()
        elif right := _misspelt_phrase(first, second):
            words[at : at + 2] = right
    return " ".join(words)


@cache
def _joined_phrases() -> dict[str, str]:
    """Listed expressions as they are written without spaces, also in the plural → as they should be."""
    told = chain(narrower(), unsaid(), *narrower().values(), *unsaid().values())
    phrases = sorted({phrase for phrase in chain(_phrases()[0], told) if " " in phrase})
    return {phrase.replace(" ", "") + ending: phrase + ending for phrase in phrases for ending in ("", "s")}


def _together(words: Iterable[str]) -> list[str]:
    """``words``, with those together that are a listed word in two parts."""
    found: list[str] = []
    for word in words:
        joined = f"{found[-1]}{word}" if found and len(found[-1]) >= SHORTEST_PART else ""
        single = joined.lower().removesuffix("s")
        if single in single_words() or single in _phrases()[0]:
            found[-1] = joined
        else:
            found.append(word)
    return found


def _misspelt_phrase(first: str, second: str) -> list[str]:
    """The expression of which one of two words is a misspelling and the other is right; nothing for none."""
    for phrase in _phrases()[0]:
        words = phrase.split()
        if len(words) == 2 and words != [first, second]:
            wrong = [(said, meant) for said, meant in zip((first, second), words, strict=True) if said != meant]
            if len(wrong) == 1 and _is_slip(*wrong[0]):
                return words
    return []


def _is_slip(said: str, meant: str) -> bool:
    """Whether a word that is none of the listed ones is another with a letter wrong."""
    if said[0] != meant[0] or len(said) < SHORTEST_SLIP or said in _phrase_words():
        return False
    return min(distance(said, meant, 1), distance(said.removesuffix("s"), meant, 1)) == 1


@cache
def _phrase_words() -> frozenset[str]:
    return single_words().union(*(phrase.split() for phrase in _phrases()[0]))


def phrases_in(text: str) -> dict[str, str]:
    """The expressions in ``text`` (lower case) that are compared in another form → that form."""
    forms, pattern = _phrases()
    if not _may_have_phrases(text):
        return {}
    found = (match[1].replace("-", " ") for match in pattern.finditer(text))
    return {phrase: forms[phrase] for phrase in found if forms[phrase] != phrase}


def _may_have_phrases(text: str) -> bool:
    """Whether ``text`` has the first and the last word of any expression."""
    words, ends = set(_WORD.findall(text)), _phrase_ends()
    return any(not ends[word].isdisjoint(words) for word in words & ends.keys())


@cache
def _phrase_ends() -> dict[str, set[str]]:
    """Word that expressions begin with → the words in which they end, also in the plural."""
    ends: dict[str, set[str]] = {}
    for phrase in _phrases()[0]:
        first, last = _WORD.findall(phrase)[0], _WORD.findall(phrase)[-1]
        for start in {first, f"{first}s"} if first == last else {first}:
            ends.setdefault(start, set()).update((last, f"{last}s"))
    return ends


@cache
def _phrases() -> tuple[dict[str, str], re.Pattern[str]]:
    """Expression → its compared form; a pattern that finds them."""
    forms = {phrase: group[0] for group in phrase_groups() for phrase in group}
    longest_first = sorted(forms, key=len, reverse=True)
    written = "|".join(phrase.replace(" ", "[ -]") for phrase in longest_first)
    return forms, re.compile(rf"\b({written})s?\b")


@cache
def _lines() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split()) for line in _written_lines() if not _SIGNS.intersection(line))


def _written_lines() -> list[str]:
    lines = (Path(__file__).parent / "synonyms.txt").read_text(encoding="utf-8").splitlines()
    return [said for line in lines if (said := line.split("#")[0].strip())]


def _is_of_phrases(group: tuple[str, ...]) -> bool:
    return any("_" in word for word in group)
