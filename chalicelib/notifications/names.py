"""Names from shops' pages made harmless: they may be anything, and stand in a text from us.  Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LONGEST_READ = 400
_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}:/+", re.IGNORECASE)
# What a phone would make a link of: a dot (or its look-alikes) between a letter or digit and a letter.
_DOT = re.compile(r"(?<=\w)[.\u2024\u3002\uff0e\uff61](?=[^\W\d_])")
_ADDRESS = re.compile(r"(?<=\d)\.(?=\d+\.\d+\.\d)")
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=256)
def clean(name: str) -> str:
    """``name`` on one line, without control and direction characters, emoji, and anything a phone would make a link of.

    What was a link stays readable, as words: ``evil.example/x`` becomes ``evil example x``.
    """
    text = unicodedata.normalize("NFC", name[:_LONGEST_READ])
    text = "".join(_kept(character) for character in text)
    text = _SCHEME.sub(" ", text)
    if _DOT.search(text):
        text = _DOT.sub(". ", text)
    text = _ADDRESS.sub(". ", text)
    text = text.replace("@", " ").replace("://", " ")
    return _SPACES.sub(" ", text).strip()


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp", "Cc"):
        return " "
    if category[0] == "C" or (category in ("So", "Sk") and ord(character) > 0xFF):
        return ""
    if unicodedata.category(character) in ("Mn", "Me"):
        return "" if unicodedata.combining(character) == 0 else character
    return character


def cut(name: str, width: int) -> str:
    """At most ``width`` characters of ``name``: cut at a word where one ends in its second half, then ``..``."""
    if len(name) <= width:
        return name
    room = name[: width - 2]
    if name[len(room)] != " ":
        word = room.rfind(" ")
        room = room[:word] if word >= width // 2 else room
    return room.rstrip(" ,;:-/(&+") + ".."
