"""HTML → ``Page``: one bounded, non-recursive pass over the parsed tree, however broken the source is."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree, html

from chalicelib.scraping.extraction import page_words
from chalicelib.scraping.extraction.page import Page, Piece
from chalicelib.scraping.extraction.places import UNSEEN_TAGS, Place, box_of, is_away, names_of, place_of
from chalicelib.scraping.extraction.text import clean, folded

MAX_HTML = 5_000_000
"""Characters read of a page; the rest is left unread."""
MAX_PIECES = 20_000
MAX_TEXT = 4_000
"""Characters kept of one text node."""
MAX_HEADING = 60

_INLINE = (
    "a abbr b bdi bdo big cite code data del em font i ins label mark meta s small span strike strong sub sup time u"
)
_INLINE_TAGS = frozenset(_INLINE.split())
_HEADING_TAGS = frozenset(("h2", "h3", "h4", "h5", "h6"))
_HEADING_NAME = re.compile(r"(?:title|heading|headline|header|caption)")


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
        return html.document_fromstring(content or b"<html></html>", parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        return html.document_fromstring(b"<html><body></body></html>")


def _walk(page: Page) -> None:
    """Fills ``pieces`` and ``spans``."""
    places: list[Place] = [Place()]
    starts: list[int] = []
    gap = "\n"
    for event, element in etree.iterwalk(page.root, events=("start", "end")):
        if element.tag not in _INLINE_TAGS:
            gap = "\n"
        if event == "start":
            places.append(place_of(element, places[-1], element in page.around_headline, page.drawn))
            starts.append(len(page.pieces))
            if element.text and element.tag not in UNSEEN_TAGS:
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
    words = clean(text, MAX_TEXT)
    if not words:
        return gap or " "
    gap = gap or (" " if text[0].isspace() else "")
    if page.drawn and is_away(element) and not place.hidden:
        place = replace(place, hidden=True)
    box = box_of(element) if page.drawn else None
    page.pieces.append(Piece(len(page.pieces), element, words, place, box, gap))
    return " " if text[-1].isspace() else ""


# Other products under a heading of their own ------------------------------------------------------------------------


def _set_aside(page: Page) -> None:
    """Moves what stands under a heading like "You may also like" to the zone of other products."""
    for piece in page.pieces:
        if piece.place.zone != "main" or len(piece.text) > MAX_HEADING or piece.order <= page.headline_order:
            continue
        if not page_words.RELATED_HEADING.match(folded(piece.text)) or not _is_heading(piece.element):
            continue
        for order in range(piece.order, _section_end(page, piece)):
            other = page.pieces[order]
            page.pieces[order] = replace(other, place=replace(other.place, zone="related"))


def _is_heading(element: html.HtmlElement) -> bool:
    near = [part for part in (element, element.getparent()) if part is not None]
    return any(part.tag in _HEADING_TAGS or _HEADING_NAME.search(names_of(part)) for part in near)


def _section_end(page: Page, heading: Piece) -> int:
    """Where the section of ``heading`` ends: with the first element around it that holds more, or, beside the headline,
    before the next heading of its kind."""
    element, behind = heading.element, heading.order + 1
    while page.spans.get(element, (0, 0))[1] <= behind:
        parent = element.getparent()
        if parent is None or parent in page.around_headline:
            break
        element = parent
    end = page.spans.get(element, (0, behind))[1]
    if element in page.around_headline:
        return behind
    return end if end > behind else _next_heading(page, element, behind)


def _next_heading(page: Page, element: html.HtmlElement, behind: int) -> int:
    end = behind
    for sibling in element.itersiblings():
        if sibling.tag == element.tag and sibling.tag in _HEADING_TAGS:
            break
        end = max(end, page.spans.get(sibling, (0, 0))[1])
    return end
