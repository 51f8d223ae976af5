"""Where the words of a name stand: what it opens with, and what it only tells after *for* or *with*.  Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import takewhile
from math import inf
from typing import NamedTuple

from chalicelib.matching.tokens import CHUNK, forms_of
from chalicelib.matching.words import ACCESSORY, ATTACHMENT, COLOUR, DEVICE, LINE, PLAYS, VERSION, groups, joined_groups
from chalicelib.synonyms import narrower

_ALL_IN_ONE = re.compile(r"\b(?:\d|all) in (?:1|one)\b")
_NUMBER_SIGN = re.compile(r"\bno\.? ?(?=#?\d)")
_TOKEN = re.compile(rf"{CHUNK.pattern}|[,;:()\[\]|]|(?<=\s)[-–—+](?=\s)")
_AMOUNT = re.compile(r"#[\d.]+(?:g|ml)")
_MODEL = re.compile(r"[a-z]{1,3}\d{1,4}[a-z]?")
_PURPOSE = frozenset(["for", "fits", "replaces"])
_LACKED = frozenset(["no", "less", "without", "zero", "reduced"])
_INCLUDED = _LACKED.union(["with", "w", "in", "includes", "including", "incl", "incl.", "featuring", "bundle", "+"])
INGREDIENT = 2
"""Words after ``in``: ``in spring water``; what a thing lacks is one: ``no added sugar``."""


class Asides(NamedTuple):
    """Words by where they stand."""

    purpose: frozenset[str]
    """Those that only say what the thing is for."""
    included: frozenset[str]
    """Those that only say what comes with it, is in it or is not."""
    adjacent: frozenset[tuple[str, str]]
    """Two words that stand side by side, with nothing between."""
    opening: frozenset[str]
    """Those before the first comma, dash or bracket: what follows tells of the thing."""


def asides_of(text: str) -> Asides:
    """The words that stand only after ``for`` and the like, and only after ``with`` and the like.

    A comma, a dash or a bracket ends such an aside; what a thing lies in takes no more than ``INGREDIENT`` words, and
    ends at the animal it is for: ``tuna in jelly cat food``.  Who a thing is for makes another version of it.
    """
    text = _NUMBER_SIGN.sub("", _ALL_IN_ONE.sub("", text)).replace("compatible with", "for")
    return _Reading(_TOKEN.findall(text)).read()


class _Reading:
    """A name, read from word to word."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self.main: set[str] = set()
        self.purpose: set[str] = set()
        self.included: set[str] = set()
        self.adjacent: set[tuple[str, str]] = set()
        self.opening: frozenset[str] = frozenset()
        self.place = self.main
        """Where the next word goes."""
        self.before = ""
        """The word before the next one, with nothing between."""
        self.left = inf
        """How many words the aside may still take."""

    def read(self) -> Asides:
        for at, token in enumerate(self.tokens):
            if token in _PURPOSE or (token in _INCLUDED and self.place is not self.purpose):
                self._begin(token)
            elif token[0].isalnum() or token[0] == "#":
                self._put(token)
            else:
                self._end(token, self.tokens[at + 1 :])
        self._open()
        purpose, included = self.purpose - self.main, self.included - self.main - self.purpose
        return Asides(frozenset(purpose), frozenset(included), frozenset(self.adjacent), self.opening)

    def _begin(self, token: str) -> None:
        """Begin an aside."""
        self.place, self.before = self.purpose if token in _PURPOSE else self.included, ""
        self.left = INGREDIENT if token == "in" else 1 if token in _LACKED else inf

    def _end(self, sign: str, following: Sequence[str]) -> None:
        """End an aside, and what the name opens with, at a sign, unless it only parts a list."""
        self._open()
        is_list = sign == "," and self.place is not self.main
        if not is_list or not self._goes_on(list(takewhile(lambda token: token[0].isalnum(), following))):
            self.place = self.main
        self.before = ""

    def _open(self) -> None:
        self.opening = self.opening or frozenset(self.main | self.purpose | self.included)

    def _goes_on(self, piece: Sequence[str]) -> bool:
        """Whether a comma only parts a list: ``for iphone 14, samsung s23``, ``with battery, charger and case``.

        That is where the ``piece`` after it names a device, or what comes with one.  Where the list has one already,
        any single word goes on with it, but no colour.
        """
        known = joined_groups(ACCESSORY, ATTACHMENT) if self.place is self.included else _devices()
        if len(piece) == 1 and not known.isdisjoint(self.place):
            return groups()[COLOUR].isdisjoint(forms_of(piece[0]))
        if self.place is self.included:
            return bool(piece) and not known.isdisjoint(forms_of(piece[-1]))
        return any(_MODEL.fullmatch(token) or not known.isdisjoint(forms_of(token)) for token in piece)

    def _put(self, token: str) -> None:
        """Put the words of ``token`` where they stand; an amount is that of the thing, not of what it is for."""
        if self.place is self.purpose and _AMOUNT.fullmatch(token) and any(map(str.isalpha, self.purpose)):
            self.place = self.main
        for form in forms_of(token):
            is_version = form in groups()[VERSION]
            if not self.left or (self.place is self.included and is_version):
                self.place = self.main
            self.left -= form != "added"
            (self.main if is_version else self.place).add(form)
            self.adjacent.add((self.before, form))
            self.before = form


@cache
def _devices() -> frozenset[str]:
    """Words for devices, their lines and makes."""
    known = joined_groups(DEVICE, LINE, PLAYS)
    return known.union(*(name.split() for kind in known & narrower().keys() for name in narrower()[kind]))
