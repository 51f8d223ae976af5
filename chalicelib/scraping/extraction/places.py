"""What an element says of the texts in it: hidden, crossed out, part of a side show, drawn where.

Without a browser this is guessed from tags, inline styles and class names; the marks that
``rendering.RENDERED_HTML_JS`` leaves tell it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml import html

from chalicelib.scraping.extraction import page_words

MARK = "data-shelfwatch"
"""Attribute of the marks: ``hidden``, ``away`` or ``x,y,width,height,font size,weight,struck``."""
UNSEEN_TAGS = frozenset(
    ("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "math", "datalist")
)
_NAMES = ("class", "id", "data-testid", "data-test", "data-qa", "data-auto", "itemprop")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STRUCK_STYLE = re.compile(r"line-through", re.IGNORECASE)
_CAMEL = re.compile(r"([a-z])([A-Z])")


@dataclass(frozen=True, slots=True)
class Box:
    """Where and how a browser drew a text; pixels of the page."""

    x: float
    y: float
    width: float
    height: float
    font_size: float
    weight: int
    struck: bool


@dataclass(frozen=True, slots=True)
class Place:
    """What a text inherits from the elements around it."""

    hidden: bool = False
    struck: bool = False
    guessed: bool = False
    """Struck only by the name of its class: not certain."""
    zone: str = "main"
    """``main``, ``related`` (other products), ``chrome`` (navigation, footer, basket), ``option`` or ``review``."""
    link: bool = False


def place_of(element: html.HtmlElement, outer: Place, exempt: bool, drawn: bool) -> Place:
    """The place of the texts in ``element``, which lies in ``outer``; ``exempt`` elements open no zone of their own."""
    if outer.hidden:
        return outer
    if not element.attrib and element.tag not in page_words.TELLING_TAGS and element.tag not in UNSEEN_TAGS:
        return outer
    names = names_of(element)
    hidden = is_hidden(element, drawn)
    certain = _is_struck(element, drawn)
    struck = outer.struck or certain or page_words.is_before(names)
    guessed = struck and not certain and (outer.guessed or not outer.struck)
    zone = outer.zone
    if zone == "main" and not exempt:
        zone = page_words.zone_of(element.tag, names, element.get("role") or "")
    place = Place(hidden, struck, guessed, zone, outer.link or element.tag == "a")
    return outer if place == outer else place


def names_of(element: html.HtmlElement) -> str:
    """What an element is called: its class, id and test hooks, lower case, camelCase split."""
    names = " ".join(name for attribute in _NAMES if (name := element.get(attribute)))
    return _plain_names(names[:400]) if names else ""


@lru_cache(maxsize=8192)
def _plain_names(names: str) -> str:
    return _CAMEL.sub(r"\1-\2", names).lower()


def box_of(element: html.HtmlElement) -> Box | None:
    """Where a browser drew the text of ``element``; ``None`` where it did not say."""
    mark = element.get(MARK)
    if not mark or "," not in mark:
        return None
    try:
        x, y, width, height, size, weight, struck = (float(part) for part in mark.split(",")[:7])
        return Box(x, y, width, height, size, int(weight), bool(struck))
    except (ValueError, OverflowError):
        return None


def is_away(element: html.HtmlElement) -> bool:
    """Whether a browser drew the own text of ``element`` outside the page or in no space."""
    return bool(element.get(MARK) == "away")


def is_hidden(element: html.HtmlElement, drawn: bool) -> bool:
    """Whether ``element`` itself is not shown: known where a browser has ``drawn`` the page, else guessed."""
    if element.tag in UNSEEN_TAGS or element.get(MARK) == "hidden":
        return True
    if drawn:
        return False
    if element.get("hidden") is not None or (element.tag == "dialog" and element.get("open") is None):
        return True
    style, classes = element.get("style"), element.get("class")
    return bool(style and _HIDDEN_STYLE.search(style)) or bool(classes and page_words.hides(classes[:400]))


def _is_struck(element: html.HtmlElement, drawn: bool) -> bool:
    if element.tag in ("del", "s", "strike") or (drawn and (element.get(MARK) or "").endswith(",1")):
        return True
    style = element.get("style")
    return bool(style and _STRUCK_STYLE.search(style))
