"""A page as people see it: its texts in reading order, each with what is known of its place.  ``reading`` makes it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from lxml import html

from chalicelib.scraping.extraction.places import MARK, Box, Place, is_hidden
from chalicelib.scraping.extraction.text import MAX_NAME, clean, folded

MAX_ADDRESS = 2_000


@dataclass(frozen=True, slots=True)
class Piece:
    """One text node: its number in reading order, its element, its words, its place."""

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
        """The heading that names the product: the ``h1`` (else ``h2``) that shares most words with the title."""
        title = _words(self.title)
        for tag in ("h1", "h2"):
            headings = [(heading, _words(heading.text_content()[:MAX_NAME])) for heading in self.root.iter(tag)]
            named = [(heading, words) for heading, words in headings if words and (tag == "h1" or words & title)]
            if named:
                return max(named, key=lambda pair: len(pair[1] & title) / (len(pair[1]) + 3))[0]
        return None

    @cached_property
    def around_headline(self) -> set[html.HtmlElement]:
        """The headline and the elements around it: whatever they are called, they are not a side show."""
        return set() if self.headline is None else {self.headline, *self.headline.iterancestors()}

    @cached_property
    def headline_text(self) -> str:
        """The words of the headline, empty where there is none."""
        return clean(self.headline.text_content()) if self.headline is not None else ""

    @cached_property
    def headline_order(self) -> int:
        """The number of the first piece of the headline; 0 where there is none."""
        return self.spans.get(self.headline, (0, 0))[0] if self.headline is not None else 0

    @cached_property
    def title(self) -> str:
        """The document's title."""
        return clean(self.root.findtext(".//title") or "")

    @cached_property
    def drawn(self) -> bool:
        """Whether a browser has drawn the page with its style sheets, so that what is hidden is known."""
        return bool(self.root.get(f"{MARK}-styled") == "1")

    def is_hidden(self, element: html.HtmlElement) -> bool:
        """Whether ``element`` or one around it is hidden."""
        return any(is_hidden(above, self.drawn) for above in (element, *element.iterancestors()))

    def meta(self, *names: str) -> str | None:
        """Content of the first ``<meta>`` that has one of ``names`` as property or name; cleaned."""
        return next((self._metas[name] for name in names if name in self._metas), None)

    @cached_property
    def _metas(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for meta in self.root.iter("meta"):
            content = clean(meta.get("content") or "", MAX_ADDRESS)
            for attribute in ("property", "name"):
                name = (meta.get(attribute) or "").strip().lower()
                if name and content:
                    found.setdefault(name, content)
        return found

    @cached_property
    def canonical_url(self) -> str:
        """The page's canonical address where it is on the same host and no home page, else where it was read."""
        for link in self.root.iter("link"):
            if (link.get("rel") or "").lower() == "canonical" and (address := self.absolute(link.get("href"))):
                parts = urlsplit(address)
                if parts.hostname == urlsplit(self.url).hostname and parts.path not in ("", "/"):
                    return address
        return self.url

    def absolute(self, address: str | None) -> str | None:
        """``address`` made absolute; ``None`` when it is not http(s), malformed or overlong."""
        if not address or len(address) > MAX_ADDRESS:
            return None
        try:
            whole = urljoin(self.url, clean(address, MAX_ADDRESS))
            parts = urlsplit(whole)
        except ValueError:
            return None
        return whole if parts.scheme in ("http", "https") and parts.hostname else None


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", folded(text[:MAX_NAME])))
