"""Structured data of a page: JSON-LD, microdata and RDFa as plain dictionaries of one shape.

All are read from the one parsed tree.  (extruct reads more, but importing it costs 0.6 s of a cold start and it gives
up a page's JSON-LD at the first broken block; see ``docs/decisions``.)
An item is ``{"@type": ["Product"], "name": ["…"], "offers": [{…}]}``: every property is a list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import html

from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.text import clean

Item = dict[str, list[Any]]
MAX_DEPTH = 12
MAX_ITEMS = 2_000
MAX_SCRIPT = 2_000_000

_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_COMMENT = re.compile(r"^\s*(?://.*|<!--|-->|<!\[CDATA\[|\]\]>|/\*.*?\*/)\s*$", re.MULTILINE)
_RAW_BREAK = re.compile(r"[\r\n\t]+")


def items_of(page: Page) -> list[Item]:
    """Every top-level item of the page in document order: JSON-LD first, then microdata, then RDFa."""
    found: list[Item] = []
    for script in page.root.iter("script"):
        if (script.get("type") or "").split(";")[0].strip().lower() == "application/ld+json":
            found.extend(_top_items(load_json(script.text or "")))
    found.extend(_embedded(page, "itemscope", "itemtype", "itemprop"))
    found.extend(_embedded(page, "typeof", "typeof", "property"))
    return found[:MAX_ITEMS]


def load_json(text: str) -> Any:
    """What a JSON text holds, forgiving comments, trailing commas, raw line breaks; ``None`` when beyond help."""
    text = text[:MAX_SCRIPT].strip().rstrip(";")
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", _RAW_BREAK.sub(" ", _COMMENT.sub("", text)))):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return _first_value(text)


def _first_value(text: str) -> Any:
    """The first whole object of a text with rubbish behind it."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def _top_items(data: Any, depth: int = 0) -> Iterator[Item]:
    if isinstance(data, list):
        for inner in data[:MAX_ITEMS]:
            yield from _top_items(inner, depth + 1) if depth < 3 else ()
    elif isinstance(data, dict):
        graph = data.get("@graph")
        if isinstance(graph, list | dict):
            yield from _top_items(graph, depth + 1) if depth < 3 else ()
        if "@type" in data or "offers" in data:
            yield _item(data, 0)


def _item(data: dict[str, Any], depth: int) -> Item:
    item: Item = {}
    for key, value in list(data.items())[:200]:
        values = value if isinstance(value, list) else [value]
        name = key.rsplit("/", 1)[-1].removeprefix("schema:")
        item[name] = [
            _item(inner, depth + 1) if isinstance(inner, dict) and depth < MAX_DEPTH else inner
            for inner in values[:MAX_ITEMS]
            if inner is not None and not (isinstance(inner, dict | list) and depth >= MAX_DEPTH)
        ]
    item["@type"] = [
        kind.rsplit("/", 1)[-1].removeprefix("schema:") for kind in item.get("@type", []) if isinstance(kind, str)
    ]
    return item


def _embedded(page: Page, scope: str, kind: str, name: str) -> Iterator[Item]:
    """Items written as attributes of the page's elements that are nobody's property.

    ``scope``, ``kind`` and ``name``: the attributes that open an item, give its type, and name a property.
    (https://html.spec.whatwg.org/multipage/microdata.html, https://www.w3.org/TR/rdfa-lite/)
    """
    made: dict[html.HtmlElement, Item] = {}
    for element in page.root.xpath(f"//*[@{scope} or @{name}]")[: MAX_ITEMS * 5]:
        opens = element.get(scope) is not None
        owner = next((above for above in element.iterancestors() if above in made), None)
        if opens:
            kinds = [_local(word) for word in (element.get(kind) or "").split()]
            made[element] = {"@type": list(kinds), "@element": [element]}
        for word in (element.get(name) or "").split():
            if owner is not None:
                made[owner].setdefault(_local(word), []).append(made[element] if opens else _value(element))
        if opens and (owner is None or element.get(name) is None):
            made[element]["@top"] = [True]
    yield from (item for item in made.values() if item.get("@top"))


def _local(word: str) -> str:
    """A term without its vocabulary: ``schema:Product`` and ``https://schema.org/Product`` are ``Product``."""
    return word.rsplit("/", 1)[-1].rsplit("#", 1)[-1].rsplit(":", 1)[-1]


def _value(element: html.HtmlElement) -> str:
    for attribute in ("content", "href", "src", "datetime", "value", "data"):
        value = element.get(attribute)
        if value is not None and (attribute != "value" or element.tag in ("data", "meter", "input")):
            return clean(value, 2000)
    return clean(element.text_content()[:4000], 2000)


def text_of(item: Item, *names: str) -> str | None:
    """The first non-empty text among the properties ``names``; of an inner item its ``name``, ``value`` or ``@id``."""
    for name in names:
        for value in item.get(name, []):
            inner = text_of(value, "name", "value", "@value", "url", "@id") if isinstance(value, dict) else value
            if isinstance(inner, str | int | float) and not isinstance(inner, bool) and clean(str(inner), 2000):
                return clean(str(inner), 2000)
    return None


def inner_items(item: Item, *names: str) -> list[Item]:
    """The inner items that the properties ``names`` hold, in order."""
    return [value for name in names for value in item.get(name, []) if isinstance(value, dict)]


PRODUCT_TYPES = frozenset(
    [
        "product",
        "productgroup",
        "productmodel",
        "individualproduct",
        "someproducts",
        "vehicle",
        "car",
        "motorcycle",
        "book",
    ]
)


def is_product(item: Item) -> bool:
    """Whether an item describes something for sale."""
    return any(kind.lower() in PRODUCT_TYPES for kind in item.get("@type", []))


def products_of(items: list[Item]) -> list[Item]:
    """The products among ``items``, those of a page's ``mainEntity`` included, lists of other products not."""
    found: list[Item] = []
    for item in items:
        if is_product(item):
            found.append(item)
        found.extend(
            inner for inner in inner_items(item, "mainEntity", "mainEntityOfPage", "about") if is_product(inner)
        )
    return found


def path_of(url: str | None) -> str:
    """The path of an address for comparing: decoded, lower case, without closing slash."""
    try:
        return unquote(urlsplit(url or "").path).rstrip("/").lower()
    except ValueError:
        return ""
