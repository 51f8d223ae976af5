"""Names taken apart here exactly as the index takes them apart, without asking it.  Pure.

Every rule is read from the index's own analysis (``mapping.py``); only what OpenSearch has built in is written here:
its standard tokenizer (Unicode Standard Annex 29, word boundaries), ``lowercase``, ``asciifolding`` and the possessive
stemmer.  Names with other characters than ASCII, Latin letters and common signs are left to OpenSearch.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache, partial, reduce
from typing import Any

from chalicelib.search.mapping import ANALYSIS

LONGEST_WORD = 255
"""Letters; the tokenizer cuts longer ones (OpenSearch, "Standard tokenizer": ``max_token_length``)."""
_SIGNS = "\u00a0¡¢£¤¥¦§¨©«¬®¯°±´¶¸»¿×÷–—“”„†•…′″€™"
"""No letters, and nothing that holds two letters together: each parts words as a space does."""
_SPELT_OUT = {"æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "ß": "ss", "ł": "l", "đ": "d", "‘": "'", "’": "'"}
_BETWEEN = "\x1f"
"""A control character that is no letter, no digit and no space to any rule."""
_WORD = re.compile(r"_*[a-z0-9][a-z0-9_]*(?:(?:(?<=[a-z])[:.'](?=[a-z])|(?<=[0-9])[,;.'](?=[0-9]))[a-z0-9_]+)*")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_POSSESSIVE = {"pattern": "'s$", "replacement": ""}
_Rule = Callable[[str], str]


def taken_apart(names: Iterable[str], analyzer: str) -> dict[str, tuple[str, ...]]:
    """Name → its words in order, as the index's ``analyzer`` gives them; names only OpenSearch knows are missing."""
    known = [name for name in names if _is_known(name)]
    if not known:
        return {}
    rewrite, stem = _rules(analyzer)
    # All at once: each rule begins anew after the sign between two names.
    text = _folded(_applied(rewrite, _BETWEEN.join(known)))
    found = zip(known, map(_WORD.findall, text.split(_BETWEEN)), strict=True)
    return {name: tuple(map(stem, words)) for name, words in found if max(map(len, words), default=0) <= LONGEST_WORD}


def _is_known(name: str) -> bool:
    return _BETWEEN not in name and _foldings().keys() >= set(_BEYOND_ASCII.findall(name))


def _folded(text: str) -> str:
    foldings = _foldings()
    return _BEYOND_ASCII.sub(lambda found: foldings[found[0]], text).lower()


@cache
def _foldings() -> dict[str, str]:
    """Each character beyond ASCII that is known here → the ASCII that ``asciifolding`` makes of it."""
    spelt = _SPELT_OUT | {letter.upper(): base for letter, base in _SPELT_OUT.items() if len(letter.upper()) == 1}
    letters = {letter: unicodedata.normalize("NFD", letter)[0] for letter in map(chr, range(0xC0, 0x180))}
    with_marks = {letter: base for letter, base in letters.items() if base.isascii() and letter != "İ"}
    return dict.fromkeys(_SIGNS, " ") | with_marks | spelt


@cache
def _rules(analyzer: str) -> tuple[Sequence[_Rule], _Rule]:
    """What ``analyzer`` does to a name before it is parted into words, and then to each word."""
    parts = ANALYSIS["analyzer"][analyzer]
    before = [_rule(ANALYSIS["char_filter"][name]) for name in parts["char_filter"]]
    after = [_rule(_token_filter(name)) for name in parts["filter"] if name not in ("lowercase", "asciifolding")]
    return before, lru_cache(maxsize=1 << 16)(partial(_applied, after))


def _token_filter(name: str) -> dict[str, Any]:
    definition: dict[str, Any] = ANALYSIS["filter"][name]
    return _POSSESSIVE if definition["type"] == "stemmer" else definition


def _rule(definition: dict[str, Any]) -> _Rule:
    """A filter of type ``pattern_replace`` or ``mapping`` as a function."""
    if definition.get("type") == "mapping":
        pairs = [pair.split(" => ") for pair in definition["mappings"]]
        return lambda text: reduce(lambda done, pair: done.replace(*pair), pairs, text)
    flags = re.ASCII | (re.IGNORECASE if definition.get("flags") == "CASE_INSENSITIVE" else 0)
    replacement = re.sub(r"\$(\d)", r"\\g<\1>", definition["replacement"])
    return partial(re.compile(definition["pattern"], flags).sub, replacement)


def _applied(rules: Iterable[_Rule], text: str) -> str:
    return reduce(lambda done, rule: rule(done), rules, text)
