"""A product's category: what its data say, else the trail of links that leads to the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import unescape
from urllib.parse import urlsplit

from lxml import etree

from chalicelib.categories import joined, levels
from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.structured import Item, inner_items, text_of
from chalicelib.scraping.extraction.text import clean, folded

MAX_LEVEL, MAX_LEVELS = 60, 5
"""Letters of a level, and levels kept, the last ones; no trail has more than twice as many, but menus have."""
_HOME = frozenset(("home", "homepage", "home page", "start", "startseite", "accueil", "inicio"))
_CUT = "…"
_TRAIL = etree.XPath(
    "//*[contains(translate(concat(@aria-label, ' ', @class, ' ', @id), 'ABCDEMRU', 'abcdemru'), 'breadcrumb')]"
)


def category_of(page: Page, items: Sequence[Item], product: Item | None = None, name: str | None = None) -> str | None:
    """Where the shop files ``product``, which is called ``name``, or else all that the page lists: ``Drinks > Tea``.

    From the product's own data, the page's (https://schema.org/BreadcrumbList) or what people see, the first that says
    something.
    """
    ways = (_stated(product or {}), _trail_in_data(items), _trail_in_sight(page), _trail_in_head(page))
    trails = (_tidied(trail, page, name) for trail in ways)
    return joined(next((trail for trail in trails if trail), ())[-MAX_LEVELS:])


def _stated(product: Item) -> list[str]:
    """The product's category; of several the most special one."""
    found = [
        levels(text) for value in product.get("category", []) if (text := text_of({"category": [value]}, "category"))
    ]
    return max(found, key=len, default=[])


def _trail_in_data(items: Sequence[Item]) -> list[str]:
    for item in _trails(items):
        steps = sorted(inner_items(item, "itemListElement"), key=_position)
        names = [text_of(step, "name") or text_of(step, "item") for step in steps]
        if any(names):
            return [name for name in names if name]
    return []


def _trails(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if "BreadcrumbList" in item.get("@type", []):
            yield item
        yield from inner_items(item, "breadcrumb")


def _position(step: Item) -> float:
    try:
        return float(text_of(step, "position") or 0)
    except ValueError:
        return 0


def _trail_in_sight(page: Page) -> list[str]:
    found = ([piece.text for piece in page.texts_in(element)] for element in _TRAIL(page.root))
    return next((texts for texts in found if 0 < len(texts) <= 4 * MAX_LEVELS), [])


def _trail_in_head(page: Page) -> list[str]:
    return levels(page.meta("product:category") or "")


def _tidied(trail: Sequence[str], page: Page, name: str | None) -> list[str]:
    """The levels of a trail that say where a product is filed: not the shop's home, nor the product itself."""
    read = [clean(unescape(level), MAX_LEVEL * 2) for level in trail]
    named = [level for level in read if any(map(str.isalpha, level)) and "://" not in level]
    home = next((at for at, level in enumerate(named[:2]) if _is_home(level, page)), -1)
    kept = named[home + 1 :]
    if name and kept and _is_called(name, kept[-1]):
        kept.pop()
    return [level[:MAX_LEVEL].rstrip() for level in kept]


def _is_home(level: str, page: Page) -> bool:
    host = _letters(urlsplit(page.url).hostname or "")
    return folded(level) in _HOME or _letters(level) in host


def _is_called(name: str, level: str) -> bool:
    """Whether a level is the product's name, either of them perhaps cut short or going on."""
    told, whole = _letters(level.partition(_CUT)[0]), _letters(unescape(name))
    return told.startswith(whole) or (whole.startswith(told) and (_CUT in level or 2 * len(told) >= len(whole)))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, folded(text)))
