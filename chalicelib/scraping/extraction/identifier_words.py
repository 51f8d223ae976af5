"""What shops call identifiers, in labels, addresses, forms and attributes (``words/identifier.toml``)."""

from __future__ import annotations

import re

from chalicelib.scraping.extraction.vocabulary import any_of, words

_VALUE_FOLLOWS = r"\s*(?:[:#№]|[-–—]?\s*$|(?=\W?\s*[\w-]*\d))"
LABELS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"^\W{{0,3}}{any_of('identifier', 'labels', kind)}{_VALUE_FOLLOWS}", re.IGNORECASE))
    for kind in words("identifier")["labels"]
)
"""(kind, pattern at the start of a text).  The value follows in the same text or stands in the next one."""

QUERY_NAMES = frozenset(words("identifier")["names"]["query"])
FIELD_NAMES = frozenset(words("identifier")["names"]["fields"])
ATTRIBUTES: tuple[str, ...] = tuple(words("identifier")["names"]["attributes"])
