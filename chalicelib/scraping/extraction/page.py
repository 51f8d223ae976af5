"""A page as people see it: its texts in reading order, each with what is known of its place.

Works from plain HTML (guessing from tags, inline styles and class names) and better from the HTML that
``rendering.RENDERED_HTML_JS`` returns, where a browser has marked what is hidden, struck through, how large and where.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from chalicelib.scraping.extraction import page_words
from chalicelib.scraping.extraction.text import MAX_NAME, clean, folded

MAX_HTML = 5_000_000
"""Characters read of a page; the rest is left unread."""
MAX_PIECES = 20_000
MARK = "data-shelfwatch"
"""Attribute written by ``rendering.RENDERED_HTML_JS``: ``hidden``, ``away`` or ``x,y,width,height,font size,weight,struck``."""

_UNSEEN_TAGS = frozenset(("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "math", "datalist"))
_INLINE_TAGS = frozenset(
    ("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "em", "font", "i", "ins", "mark", "meta", "s", "small", "span", "strong", "sub", "sup", "time", "u", "label", "strike")
)  # fmt: skip
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STRUCK_STYLE = re.compile(r"line-through", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True)
class Piece:
    """One text node: its element, its words, its place and its number in reading order."""

    order: int
    element: html.HtmlElement
    text: str
    place: Place
    box: Box | None
    gap: str
    """What parts it from the piece before: nothing, a space, or a line break where a block begins."""


@dataclass
class Page:
    """A parsed page.  ``pieces`` are its texts in reading order; ``spans`` the pieces each element covers."""

    url: str
    root: html.HtmlElement
    pieces: list[Piece] = field(default_factory=list)
    spans: dict[html.HtmlElement, tuple[int, int]] = field(default_factory=dict)

    def texts_in(self, element: html.HtmlElement) -> list[Piece]:
        """The visible pieces inside ``element``."""
        start, end = self.spans.get(element, (0, 0))
        return [piece for piece in self.pieces[start:end] if not piece.place.hidden]

    @cached_property
    def visible(self) -> list[Piece]:
        """The pieces that people see."""
        return [piece for piece in self.pieces if not piece.place.hidden]

    @cached_property
    def text(self) -> str:
        """All visible text, cleaned, one line, at most 200,000 characters."""
        return clean(" ".join(piece.text for piece in self.visible)[:400_000], 200_000)

    @cached_property
    def headline(self) -> html.HtmlElement | None:
        """The heading that names the product."""
        return headline(self.root)

    @cached_property
    def headline_text(self) -> str:
        """The words of the headline, empty where there is none."""
        return clean(self.headline.text_content()) if self.headline is not None else ""

    @cached_property
    def headline_order(self) -> int:
        """The number of the first piece of the headline; 0 where there is none."""
        if self.headline is None:
            return 0
        inside = {self.headline, *self.headline.iterdescendants()}
        return next((piece.order for piece in self.pieces if piece.element in inside), 0)

    @cached_property
    def title(self) -> str:
        """The document's title."""
        return clean(self.root.findtext(".//title") or "")

    @cached_property
    def drawn(self) -> bool:
        """Whether a browser has drawn the page with all its style sheets, so that what is hidden is known."""
        return self.root.get(f"{MARK}-styled") == "1"

    def texts_in(self, element: html.HtmlElement) -> list[Piece]:
        """The visible pieces inside ``element``."""
        start, end = self.spans.get(element, (0, 0))
        return [piece for piece in self.pieces[start:end] if not piece.place.hidden]

    @cached_property
    def visible(self) -> list[Piece]:
        """The pieces that people see."""
        return [piece for piece in self.pieces if not piece.place.hidden]

    @cached_property
    def text(self) -> str:
        """All visible text, cleaned, one line, at most 200,000 characters."""
        return clean(" ".join(piece.text for piece in self.visible)[:400_000], 200_000)

    @cached_property
    def headline(self) -> html.HtmlElement | None:
        """The heading that names the product."""
        return headline(self.root)

    @cached_property
    def headline_text(self) -> str:
        """The words of the headline, empty where there is none."""
        return clean(self.headline.text_content()) if self.headline is not None else ""

    @cached_property
    def headline_order(self) -> int:
        """The number of the first piece of the headline; 0 where there is none."""
        if self.headline is None:
            return 0
        inside = {self.headline, *self.headline.iterdescendants()}
        return next((piece.order for piece in self.pieces if piece.element in inside), 0)

    @cached_property
    def title(self) -> str:
        """The document's title."""
        return clean(self.root.findtext(".//title") or "")

    @cached_property
    def rendered(self) -> bool:
        """Whether a browser has marked the page."""
        return any(piece.box for piece in self.pieces)

    def is_hidden(self, element: html.HtmlElement) -> bool:
        """Whether ``element`` or one around it is hidden."""
        return any(_is_hidden(above, self.drawn) for above in (element, *element.iterancestors()) if isinstance(above.tag, str))

    def meta(self, *names: str) -> str | None:
        """Content of the first ``<meta>`` that has one of ``names`` as property, name or itemprop; cleaned."""
        for name in names:
            if name in self._metas:
                return self._metas[name]
        return None

    @cached_property
    def _metas(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for meta in self.root.iter("meta"):
            content = clean(meta.get("content") or "", 2000)
            for attribute in ("property", "name"):
                name = (meta.get(attribute) or "").strip().lower()
                if name and content:
                    found.setdefault(name, content)
        return found

    @cached_property
    def canonical_url(self) -> str:
        """The page's own canonical address where it lies on the same host, else the address it was read from."""
        for link in self.root.iter("link"):
            if (link.get("rel") or "").lower() == "canonical":
                address = self.absolute(link.get("href"))
                if address and urlsplit(address).hostname == urlsplit(self.url).hostname and urlsplit(address).path not in ("", "/"):
                    return address
        return self.url

    def absolute(self, address: str | None) -> str | None:
        """``address`` made absolute; ``None`` when it is not http(s), malformed or overlong."""
        try:
            whole = urljoin(self.url, clean(address or "", 2000))
            return whole if address and urlsplit(whole).scheme in ("http", "https") and urlsplit(whole).hostname else None
        except ValueError:
            return None


def read_page(source: str, url: str) -> Page:
    """Parses ``source`` (HTML, however broken) that was read from ``url`` (absolute)."""
    page = Page(url, _parse(source))
    _walk(page)
    _set_aside(page)
    return page


def _parse(source: str) -> html.HtmlElement:
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True)
    content = source[:MAX_HTML].replace("\x00", "").encode("utf-8", "replace")
    try:
        root = html.document_fromstring(content or b"<html></html>", parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        root = html.document_fromstring(b"<html><body></body></html>")
    return root


def _walk(page: Page) -> None:
    """Fills ``pieces`` and ``spans`` in one pass over the tree, without recursion."""
    places: list[Place] = [Place()]
    starts: list[int] = []
    exempt = _main_ancestors(page.headline)
    gap = "\n"
    for event, element in etree.iterwalk(page.root, events=("start", "end")):
        if element.tag not in _INLINE_TAGS:
            gap = "\n"
        if event == "start":
            places.append(_place_of(element, places[-1], element in exempt, page.drawn))
            starts.append(len(page.pieces))
            if element.text and element.tag not in _UNSEEN_TAGS:
                gap = _add(page, element, element.text, places[-1], gap)
            continue
        start = starts.pop()
        if len(page.pieces) > start:
            page.spans[element] = (start, len(page.pieces))
        places.pop()
        parent = element.getparent()
        if element.tail and parent is not None:
            gap = _add(page, parent, element.tail, places[-1], gap)
        if len(page.pieces) >= MAX_PIECES:
            break


def _add(page: Page, element: html.HtmlElement, text: str, place: Place, gap: str) -> str:
    """Adds a text node; gives what parts it from the next."""
    stripped = clean(text, 4000)
    if not stripped:
        return gap or (" " if text else "")
    gap = gap or (" " if text[0].isspace() else "")
    if page.drawn and element.get(MARK) == "away" and not place.hidden:
        place = replace(place, hidden=True)
    page.pieces.append(Piece(len(page.pieces), element, stripped, place, _box(element) if page.drawn else None, gap))
    return " " if text[-1].isspace() else ""


_HEADING_TAGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_HEADING_NAME = re.compile(r"(?:title|heading|headline|header|caption)")
MAX_HEADING = 60


def _set_aside(page: Page) -> None:
    """Moves what stands under a heading like "You may also like" to the zone of other products."""
    around = _main_ancestors(page.headline)
    for piece in page.pieces:
        if piece.place.zone != "main" or len(piece.text) > MAX_HEADING or piece.order <= page.headline_order:
            continue
        if not page_words.RELATED_HEADING.match(folded(piece.text)) or not _is_heading(piece.element):
            continue
        for order in range(piece.order, _section_end(page, piece, around)):
            other = page.pieces[order]
            page.pieces[order] = replace(other, place=replace(other.place, zone="related"))


def _is_heading(element: html.HtmlElement) -> bool:
    near = (element, element.getparent())
    return any(part is not None and (part.tag in _HEADING_TAGS or _HEADING_NAME.search(names_of(part))) for part in near)


def _section_end(page: Page, heading: Piece, around: set[html.HtmlElement]) -> int:
    """Where the section of ``heading`` ends: with the first element around it that holds more, or, beside the headline,
    before the next heading of its kind."""
    element = heading.element
    while page.spans.get(element, (0, 0))[1] <= heading.order + 1:
        parent = element.getparent()
        if parent is None or parent in around:
            break
        element = parent
    end = page.spans.get(element, (0, heading.order + 1))[1]
    if element in around or end > heading.order + 1:
        return end if element not in around else heading.order + 1
    for sibling in element.itersiblings():
        if sibling.tag == element.tag and sibling.tag in _HEADING_TAGS:
            break
        end = max(end, page.spans.get(sibling, (0, 0))[1])
    return end


def _box(element: html.HtmlElement) -> Box | None:
    mark = element.get(MARK)
    if not mark or "," not in mark:
        return None
    try:
        x, y, width, height, size, weight, struck = (float(part) for part in mark.split(",")[:7])
    except ValueError:
        return None
    return Box(x, y, width, height, size, int(weight), bool(struck))


def _place_of(element: html.HtmlElement, outer: Place, exempt: bool, drawn: bool) -> Place:
    if not isinstance(element.tag, str):
        return outer
    if not element.attrib and element.tag not in page_words.TELLING_TAGS and element.tag not in _UNSEEN_TAGS:
        return outer
    hidden = outer.hidden or _is_hidden(element, drawn)
    certain = _is_struck(element, drawn)
    struck = outer.struck or certain or bool(page_words.WAS_CLASS.search(names_of(element)))
    guessed = struck and not certain and (outer.guessed or not outer.struck)
    zone = outer.zone if outer.zone != "main" or exempt else page_words.zone_of(element.tag, names_of(element), element.get("role") or "")
    link = outer.link or element.tag == "a"
    place = Place(hidden, struck, guessed, zone, link)
    return outer if place == outer else place


def names_of(element: html.HtmlElement) -> str:
    """What an element is called: its class, id and test hooks, lower case, camelCase split."""
    names = " ".join(filter(None, (element.get(name) for name in ("class", "id", "data-testid", "data-test", "data-qa", "data-auto", "itemprop"))))
    return _CAMEL.sub(r"\1-\2", names[:400]).lower()


_CAMEL = re.compile(r"([a-z])([A-Z])")


def _is_hidden(element: html.HtmlElement, drawn: bool) -> bool:
    """Whether ``element`` itself is not shown: known where a browser has ``drawn`` the page, else guessed."""
    if element.tag in _UNSEEN_TAGS or element.get(MARK) == "hidden":
        return True
    if drawn:
        return False
    if element.get("hidden") is not None or (element.tag == "dialog" and element.get("open") is None):
        return True
    style = element.get("style")
    return bool((style and _HIDDEN_STYLE.search(style)) or page_words.HIDDEN_CLASS.search(f" {element.get('class') or ''} "))


def _is_struck(element: html.HtmlElement, drawn: bool) -> bool:
    box = _box(element) if drawn else None
    if element.tag in ("del", "s", "strike") or (box and box.struck):
        return True
    style = element.get("style")
    return bool(style and _STRUCK_STYLE.search(style))


def headline(root: html.HtmlElement) -> html.HtmlElement | None:
    """The heading that names the product: the ``h1`` (else ``h2``) that shares most words with the document's title."""
    title = _words(root.findtext(".//title") or "")
    for tag in ("h1", "h2"):
        headings = [(heading, _words(heading.text_content()[:MAX_NAME])) for heading in root.iter(tag)]
        named = [(heading, words) for heading, words in headings if words and (tag == "h1" or words & title)]
        if named:
            return max(named, key=lambda pair: len(pair[1] & title) / (len(pair[1]) + 3))[0]
    return None


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", folded(text[:MAX_NAME])))


def _main_ancestors(heading: html.HtmlElement | None) -> set[html.HtmlElement]:
    """The elements around the page's headline: whatever they are called, they are not a side show."""
    return set() if heading is None else {heading, *heading.iterancestors()}
