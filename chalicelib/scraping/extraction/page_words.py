"""What shops call the parts of their pages (classes, ids, headings).  Names are in ``words/page.toml``."""

from __future__ import annotations

import re
from functools import lru_cache

from chalicelib.scraping.extraction.vocabulary import any_of

TELLING_TAGS = frozenset(("a", "nav", "footer", "aside", "del", "s", "strike", "select", "option", "dialog"))

_HIDDEN_CLASS = re.compile(rf"\s{any_of('page', 'hidden')}\s", re.IGNORECASE)
"""Class names that hide by every common style sheet.  Text for screen readers (``sr-only``) stays: it is true."""

_BEFORE = r"(?:old|was|strike\w*|list|regular|original|before|rrp|cross(?:ed)?|previous|msrp|compare\w*|initial|retail)"
_PRICE = r"(?:price|precio|prix|preis|cena|pricing)"
_WAS_CLASS = re.compile(
    rf"(?:{_BEFORE}|standard|first|full|base)[-_ ]{{0,2}}(?:at[-_]?)?{_PRICE}\b"
    rf"|{_PRICE}[-_]{{0,3}}(?:item)?[-_]{{0,2}}(?:{_BEFORE}|del)\b"
    r"|\b(?:strike-?through|line-?through|text-strike|strikethrough|crossed-?out)\b"
)
"""Class names of a price that is no more."""

_RELATED = re.compile(rf"\b{any_of('page', 'related')}\b")
_CHROME = re.compile(rf"\b{any_of('page', 'chrome')}\b")
_REVIEW = re.compile(rf"\b{any_of('page', 'review')}\b")
_OPTION = re.compile(any_of("page", "option"))
"""Names of one choice among several (a size, a colour), on a list item or a label."""
_CHOSEN = re.compile(r"\b(?:selected|active|checked|current|chosen)\b")
"""Names of the choice that is made: what it says is said of the product."""
RELATED_HEADING = re.compile(rf"^.{{0,20}}\b{any_of('page', 'related_heading')}")
"""Headings (folded) under which other products stand."""


@lru_cache(maxsize=8192)
def hides(classes: str) -> bool:
    """Whether one of an element's ``classes`` hides it."""
    return bool(_HIDDEN_CLASS.search(f" {classes} "))


@lru_cache(maxsize=8192)
def is_before(names: str) -> bool:
    """Whether an element's names say that it holds a price that is no more."""
    return bool(_WAS_CLASS.search(names))


@lru_cache(maxsize=8192)
def zone_of(tag: str, names: str, role: str) -> str:
    """The zone an element opens from its tag, its names (class, id, test hooks) and its role."""
    if tag in ("nav", "footer") or role in ("navigation", "contentinfo", "search"):
        return "chrome"
    if tag in ("option", "select"):
        return "option"
    if tag in ("li", "label") and _OPTION.search(names) and not _CHOSEN.search(names):
        return "option"
    if not names or tag in ("html", "body", "main"):
        return "main"
    if _RELATED.search(names):
        return "related"
    if _CHROME.search(names):
        return "chrome"
    return "review" if _REVIEW.search(names) else "main"
