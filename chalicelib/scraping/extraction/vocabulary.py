"""The words of shops, by language, from the TOML files in ``words/``: edit those, not the rules.

Entries are regular expressions, matched against folded text (lower case, no accents) unless a file says otherwise.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "words"
_FRESH, _ENDED = r"(?<![a-zа-яα-ω\d])", r"(?![a-zа-яα-ω\d])"
"""A word begins or ends here.  Not ``\\b``: Chinese, Japanese and Thai put no space between words."""


@cache
def words(file: str) -> dict[str, Any]:
    """What ``words/<file>.toml`` holds."""
    return tomllib.loads((_FOLDER / f"{file}.toml").read_text(encoding="utf-8"))


def any_of(file: str, *path: str, begins: bool = False) -> str:
    """One pattern for all entries under ``path``, of every language; with ``begins`` only where a word begins."""
    found: Any = words(file)
    for name in path:
        found = found[name]
    entries = found if isinstance(found, list) else [entry for group in found.values() for entry in group]
    return f"{_FRESH if begins else ''}(?:{'|'.join(entries)})"


def whole_words(file: str, *path: str) -> re.Pattern[str]:
    """Finds any entry that stands as a word of its own."""
    return re.compile(rf"{any_of(file, *path, begins=True)}{_ENDED}")
