"""Product names as value objects: 2 to 100 printable characters, Unicode NFC, no space around."""

from __future__ import annotations

import re
import unicodedata

from chalicelib.requests.wrong import Wrong

SHORTEST, LONGEST = 2, 100
# Spaces of any width (Unicode Zs).
_SPACE = "\\u0020\\u00A0\\u1680\\u2000-\\u200A\\u202F\\u205F\\u3000"
# Controls, line and paragraph separators, invisible and direction marks, private use, non-characters and the
# replacement character, which says that a text was damaged on its way.
_REFUSED = (
    "\\u0000-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u180E\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uE000-\\uF8FF"
    "\\uFDD0-\\uFDEF\\uFEFF\\uFFF0-\\uFFFF\U0001fffe\U0001ffff\U000e0000-\U0010ffff"
)
_REFUSED_CHARACTER = f"[{_REFUSED}\\uD800-\\uDFFF]"
"""Surrogates, too, which Python's JSON lets through one by one."""
LONGEST_WRITTEN = 4 * LONGEST
"""Characters with the space around, so that a name cannot hide in a page of it."""
_EDGE = f"[^{_REFUSED}{_SPACE}]"
PATTERN = f"^[{_SPACE}]*{_EDGE}[^{_REFUSED}]{{0,{LONGEST - 2}}}{_EDGE}[{_SPACE}]*$"
"""What ``read_name`` accepts, in JSON Schema's dialect."""


def read_name(text: str) -> str:
    """``text`` in NFC without space around it.  Raises ``Wrong`` for what cannot be a product's name."""
    if len(text) > LONGEST_WRITTEN:
        raise _too_long()
    if re.search(_REFUSED_CHARACTER, text):
        raise Wrong("UnprintableCharacter", "holds a line break, control or invisible character; take it out")
    name = unicodedata.normalize("NFC", text).strip()
    if len(name) < SHORTEST:
        raise Wrong("TooShort", f"must have at least {SHORTEST} characters beside spaces around it")
    if len(name) > LONGEST:
        raise _too_long()
    return name


def _too_long() -> Wrong:
    return Wrong("TooLong", f"must have at most {LONGEST} characters")
