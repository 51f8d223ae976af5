"""Text of hostile pages made safe: no control or bidi characters, one space, bounded length."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_NAME = 300
"""Characters kept of a name; the longest honest product titles stay below 250."""
MAX_IDENTIFIER = 64

_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""C0/C1 controls, soft hyphen, zero-width, bidi marks and overrides (UAX 9), surrogates that a bad decoder left."""
_SPACES = re.compile(r"\s+")
_DIGITS = {
    code: str(unicodedata.digit(chr(code))) for block in (0x660, 0x6F0, 0x966) for code in range(block, block + 10)
}
_DIGITS |= {0x66B: ".", 0x66C: ",", 0x2212: "-"}
"""Arabic-Indic, Persian and Devanagari digits, the Arabic decimal and thousands separators and the minus sign; NFKC
leaves them as they are."""
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u0652\u0656-\u065f\u0670]")
"""Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic; other marks make other words."""
_UNMARKED = str.maketrans({"ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
"""Letters that Unicode does not decompose."""


def clean(text: str, limit: int = MAX_NAME) -> str:
    """``text`` without unsafe characters, white space runs made one space, at most ``limit`` characters."""
    return _SPACES.sub(" ", _UNSAFE.sub("", text[: limit * 8])).strip()[:limit].rstrip()


def clean_or_none(text: object, limit: int = MAX_NAME) -> str | None:
    """``clean`` of a string or number, ``None`` for anything else and for nothing."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    return clean(str(text), limit) or None


def plain_digits(text: str) -> str:
    """``text`` with full-width and non-Latin digits, signs and spaces in their plain forms (NFKC)."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).translate(_DIGITS)


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """For comparing: lower case, accents off, one space."""
    decomposed = unicodedata.normalize("NFKD", _SPACES.sub(" ", text).strip().casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed)).translate(_UNMARKED)
