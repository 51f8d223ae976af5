"""How a text travels: in GSM-7 or UCS-2, and in how many parts.  Pure.

Sources: 3GPP TS 23.038 (alphabet, extension table, sizes) and TS 23.040 (concatenation: a header of six octets in each
part leaves 153 septets or 67 UCS-2 units; an escape and its character, or the halves of a surrogate pair, stay
together).
"""

from __future__ import annotations

import unicodedata

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
SEPTETS = {**dict.fromkeys(_BASIC, 1), **dict.fromkeys(_EXTENSION, 2)}
"""Septets of each character GSM-7 has."""

# Typographic characters and their plain forms; letters with marks lose them below, where GSM-7 has no such letter.
_PLAIN = {
    **dict.fromkeys("‘’‚‛′´`ʼ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("•·∙‧", "-"),
    **dict.fromkeys("×✕✖", "x"),
    **{"…": "...", "™": "", "®": "", "©": "", "°": " deg", "½": "1/2", "¼": "1/4", "¾": "3/4", "⁄": "/", "÷": "/"},
    **{"Œ": "OE", "œ": "oe", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ĸ": "k", "ŧ": "t", "Ŧ": "T"},
    **{"ħ": "h", "Ħ": "H", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ẞ": "SS", "µ": "u", "№": "No"},
}


def downgraded(text: str) -> str:
    """``text`` with each character that GSM-7 lacks replaced by its plain form, where it has one."""
    return "".join(character if character in SEPTETS else _downgraded(character) for character in text)


def _downgraded(character: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    if unicodedata.category(character) == "Zs":
        return " "
    # Compatibility forms first (ﬁ, ², full width), then letters without their marks.
    for form in (unicodedata.normalize("NFKC", character), unicodedata.normalize("NFKD", character)):
        plain = "".join(part for part in form if not unicodedata.combining(part))
        if plain and plain != character and all(part in SEPTETS for part in plain):
            return plain
    return character


def is_gsm7(text: str) -> bool:
    """Whether GSM-7 has every character of ``text``."""
    return all(character in SEPTETS for character in text)


def parts(text: str) -> int:
    """Number of parts ``text`` travels in; the shopper's network joins them, the bill counts each."""
    if is_gsm7(text):
        return _packed([SEPTETS[character] for character in text], single=160, part=153)
    return _packed([2 if ord(character) > 0xFFFF else 1 for character in text], single=70, part=67)


def _packed(units: list[int], single: int, part: int) -> int:
    if sum(units) <= single:
        return 1
    count, free = 1, part
    for size in units:
        if size > free:
            count, free = count + 1, part
        free -= size
    return count
