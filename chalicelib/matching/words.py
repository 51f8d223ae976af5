"""Single words: one form for plurals and synonyms, fillers, groups, and how much a word tells.  Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from math import log
from pathlib import Path

from chalicelib.synonyms import compared_forms, single_words

_HERE = Path(__file__).parent
_FILLERS = "a an the and or of in on with w for by to from at your our is new"
FILLERS = frozenset(_FILLERS.split())
ACCESSORY, ATTACHMENT, HELPER, DEVICE, CONFIGURATION = "accessory", "attachment", "helper", "device", "configuration"
FOOD, EDITION, VERSION, COLOUR = "food", "edition", "version", "colour"
THING, FORM, FOR_BABIES, WEARER = "thing", "form", "for_babies", "wearer"
MEAT, FLAVOUR, TASTE, LINE, MODEL, PLAYED = "meat", "flavour", "taste", "line", "model", "played"
RECIPE, SEASON, ATTRIBUTE, MATERIAL = "recipe", "season", "attribute", "material"
PLAYS, MAKER, PART = "plays", "maker", "part"
EATEN, FED, COOKS, SHARED, FOR_OTHERS = "eaten", "fed", "cooks", "shared", "for_others"
SIZE_WORDS = frozenset({"size", "stage", "pack", "box"})
"""Words beside which a number says how large or how many."""
OPEN_GROUPS = frozenset(
    {ACCESSORY, ATTACHMENT, HELPER, DEVICE, CONFIGURATION, FOOD, EDITION, VERSION, THING, FORM, FOR_BABIES, TASTE}
    | {LINE, MODEL, RECIPE, SEASON, ATTRIBUTE, MATERIAL, PLAYS, MAKER, PART, EATEN, FED, COOKS, SHARED, FOR_OTHERS}
)
"""Groups of words that may stand together; the words of the other groups exclude each other."""
_UNKNOWN_WORD, _UNKNOWN_NUMBER = 0.72, 0.65
"""A word that no known name has tells less than a code that none has; shares of the heaviest weight."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What product names taught: ``words.json``, made by ``benchmarks/train_verdict.py``."""

    names: int
    counts: dict[str, int]
    """In how many of the names each word stands."""
    missing: dict[str, float]
    """How much likelier than expected the offer is right though it lacks the word (natural log)."""
    extra: dict[str, float]
    """The same for a word the wish lacks."""
    common: dict[str, float]
    """The same for a word both have."""


_in_use: list[Vocabulary] = []


def vocabulary() -> Vocabulary:
    """The vocabulary in use: the shipped one, read once, unless training has put another in its place."""
    if not _in_use:
        _in_use.append(Vocabulary(**json.loads((_HERE / "words.json").read_text(encoding="utf-8"))))
    return _in_use[0]


def use_vocabulary(other: Vocabulary | None) -> None:
    """Put ``other`` in the place of the shipped vocabulary (``None``: the shipped one again).  For training."""
    _in_use[:] = [other] if other else []
    weight.cache_clear()
    known_words.cache_clear()


def is_filler(word: str) -> bool:
    """Whether ``word`` says nothing about the product."""
    return word in FILLERS


@lru_cache(maxsize=65536)
def canonical_word(word: str) -> str:
    """The form a word is compared in: singular, and the first of its synonyms."""
    single = singular(word)
    return compared_forms().get(word) or compared_forms().get(single) or single


def singular(word: str) -> str:
    """``word`` without the ending of an English plural; codes, short words and ``glass`` stay as they are."""
    if len(word) < 4 or not word.isalpha() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("toes") and len(word) > 5:
        return word[:-2]  # tomatoes, potatoes
    if word.endswith(("xes", "ches", "shes", "sses", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


@lru_cache(maxsize=262144)
def weight(word: str) -> float:
    """How much ``word`` tells: the rarer in product names, the more (inverse document frequency, natural log)."""
    known = vocabulary()
    count = known.counts.get(word)
    if count is not None:
        return log((known.names + 1) / (count + 1))
    heaviest = log(known.names + 1)
    if word.isalpha():
        return _UNKNOWN_WORD * heaviest
    return _UNKNOWN_NUMBER * heaviest if (word.isdigit() and len(word) < 5) or len(word) < 4 else heaviest


@cache
def groups() -> dict[str, frozenset[str]]:
    """``groups.txt``: name of a group → its words."""
    return _read_groups("groups.txt")


@cache
def groups_by_word() -> dict[str, tuple[str, ...]]:
    """Word → the groups of ``groups.txt`` that have it, in the file's order."""
    found: dict[str, tuple[str, ...]] = {}
    for group, words in groups().items():
        for word in words:
            found[word] = (*found.get(word, ()), group)
    return found


@cache
def kinds() -> dict[str, frozenset[str]]:
    """``kinds.txt``: a kind, or the form things are sold in → the things that may be called by both."""
    return _read_groups("kinds.txt")


@cache
def compounds() -> dict[str, frozenset[str]]:
    """``compounds.txt``: a thing → words before it that make another thing of it."""
    return _read_groups("compounds.txt")


@cache
def known_words() -> frozenset[str]:
    """Words that are certainly words: those of the lists and of the names in the vocabulary."""
    return joined_groups(*groups()).union(vocabulary().counts, single_words())


def _read_groups(file: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in (_HERE / file).read_text(encoding="utf-8").splitlines():
        name, colon, members = line.split("#")[0].partition(":")
        if colon:
            for group in name.split():
                found.setdefault(group, set()).update(map(canonical_word, members.split()))
    return {name: frozenset(members) for name, members in found.items()}


@cache
def joined_groups(*names: str) -> frozenset[str]:
    """The words of several groups."""
    return frozenset().union(*(groups()[name] for name in names))
