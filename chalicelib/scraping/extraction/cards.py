"""One card of a listing → one product, and finding the cards where nobody has said where they are."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from lxml import html

from chalicelib.models import Availability
from chalicelib.scraping.extraction import stock_words
from chalicelib.scraping.extraction.currencies import currency_of_url
from chalicelib.scraping.extraction.identifier_words import ATTRIBUTES
from chalicelib.scraping.extraction.identifiers import address_ids, identifier
from chalicelib.scraping.extraction.models import ExtractedProduct, PageVerdict
from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.places import names_of
from chalicelib.scraping.extraction.prices import Kind, read_price
from chalicelib.scraping.extraction.quantities import read_quantity, read_unit_price
from chalicelib.scraping.extraction.tags import Tag, tags_of
from chalicelib.scraping.extraction.text import clean_or_none, folded

MIN_CARDS = 3
MAX_CARD_TEXTS = 60
_NAME_TAGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True, slots=True)
class Parts:
    """A card and its parts as far as somebody has said where they are."""

    card: html.HtmlElement
    name: html.HtmlElement | None = None
    price: html.HtmlElement | None = None
    was: html.HtmlElement | None = None
    link: html.HtmlElement | None = None
    sku: html.HtmlElement | None = None
    brand: html.HtmlElement | None = None
    sold_out: bool = False


def product_of(page: Page, parts: Parts) -> ExtractedProduct | None:
    """The product of a card; ``None`` without a name or an address."""
    card, link = parts.card, parts.link if parts.link is not None else _link(parts.card)
    address = page.absolute(link.get("href")) if link is not None else None
    name = _words(parts.name) or _name(card, link)
    if name is None or address is None:
        return None
    amount, was, currency = _price(page, parts, name)
    texts = [folded(piece.text) for piece in page.texts_in(card) if len(piece.text) < 60]
    sold_out = parts.sold_out or any(
        stock_words.SOLD_OUT.search(text) and not stock_words.ELSEWHERE.search(text) for text in texts
    )
    quantity = read_quantity(name)
    return ExtractedProduct(
        url=address,
        verdict=PageVerdict.LISTING,
        name=name,
        brand=_words(parts.brand),
        price=amount,
        was_price=was,
        currency=currency,
        availability=_availability(sold_out, amount),
        sku=identifier(_words(parts.sku)) or _attribute_id(card) or next(address_ids(address), None),
        quantity=quantity.text if quantity else None,
        unit_price=next((found for piece in page.texts_in(card) if (found := read_unit_price(piece.text))), None),
        image_url=_image(page, card),
        sources={"product": "card"},
    )


def _availability(sold_out: bool, amount: Decimal | None) -> Availability:
    if sold_out:
        return Availability.OUT_OF_STOCK
    return Availability.IN_STOCK if amount is not None else Availability.UNKNOWN


def _words(element: html.HtmlElement | None) -> str | None:
    return clean_or_none(element.get("content") or element.text_content()[:4000]) if element is not None else None


def _link(card: html.HtmlElement) -> html.HtmlElement | None:
    """The card's link to its product: itself, else the link with the most words, else the first."""
    if card.tag == "a":
        return card
    links = [
        link
        for link in card.iter("a")
        if (link.get("href") or "").strip() and not (link.get("href") or "").startswith(("#", "javascript:"))
    ]
    if not links:
        return next((above for above in card.iterancestors("a")), None)
    return max(links, key=lambda link: len(link.text_content()[:200].strip()))


_TITLE_NAME = re.compile(r"(?:^|[-_ ])(?:title|name|heading|desc\w*)(?:$|[-_ ])")


def _name(card: html.HtmlElement, link: html.HtmlElement | None) -> str | None:
    for heading in card.iter(*_NAME_TAGS):
        if words := _words(heading):
            return words
    for element in card.iter("a", "span", "div", "p"):
        if _TITLE_NAME.search(names_of(element)) and len(element.text_content()) < 300 and (words := _words(element)):
            return words
    if link is None:
        return None
    image = next((image.get("alt") for image in link.iter("img") if image.get("alt")), None)
    return clean_or_none(link.get("title")) or _words(link) or clean_or_none(image)


def _price(page: Page, parts: Parts, name: str) -> tuple[Decimal | None, Decimal | None, str | None]:
    """The card's price, the price before, the currency."""
    pieces = page.texts_in(parts.price if parts.price is not None else parts.card)
    tags = [tag for tag in tags_of(page, pieces) if clean_or_none(tag.piece.text) != name]  # a 720P TV costs no 720 p
    plain = [tag for tag in tags if tag.kind is Kind.PLAIN]
    if parts.price is None and any(tag.kind in (Kind.FROM, Kind.RANGE) for tag in tags):
        return None, None, None
    amounts = {tag.amount for tag in plain}
    before = [tag.amount for tag in tags if tag.kind is Kind.WAS]
    if parts.was is not None and (stated := read_price(_words(parts.was) or "", page.url)):
        before.append(stated.amount)
        amounts.discard(stated.amount)
    if len(amounts) != 1:
        bare = read_price(_words(parts.price) or "", page.url) if parts.price is not None and not amounts else None
        return (bare.amount, None, bare.currency or currency_of_url(page.url)) if bare else (None, None, None)
    amount = next(iter(amounts))
    currency = next((tag.mention.currency for tag in plain if tag.mention.currency), None) or currency_of_url(page.url)
    return amount, max((was for was in before if was > amount), default=None), currency


def _attribute_id(card: html.HtmlElement) -> str | None:
    for element in (card, *card.iterdescendants()):
        for name in ATTRIBUTES:
            if found := identifier(element.get(name)):
                return found
    return None


def _image(page: Page, card: html.HtmlElement) -> str | None:
    for image in card.iter("img"):
        for attribute in ("data-src", "data-original", "src"):
            if found := page.absolute(image.get(attribute)):
                return found
    return None


def products_of(page: Page) -> list[ExtractedProduct]:
    """The products of cards that repeat."""
    return [product for card in cards_of(page) if (product := product_of(page, Parts(card))) is not None]


def cards_of(page: Page) -> list[html.HtmlElement]:
    """Cards that repeat: siblings of one shape, each with a link and a price; none where there are fewer than three."""
    groups: dict[tuple[html.HtmlElement, str, str], dict[html.HtmlElement, None]] = defaultdict(dict)
    for tag in tags_of(page):
        for card in _enclosing(page, tag):
            parent = card.getparent()
            if parent is not None:
                groups[parent, str(card.tag), (card.get("class") or "").split(" ")[0]].setdefault(card)
    best = max(
        groups.values(), key=lambda group: (len(group), -min(len(page.texts_in(card)) for card in group)), default={}
    )
    return list(best) if len(best) >= MIN_CARDS else []


def is_listing(page: Page, *orders: int | None) -> bool:
    """Whether a page without a product of its own lists products: cards in its main part, and what looked like its
    own price or buy button (their ``orders`` among the texts) lies in one of them or is not there."""
    spans = [page.spans.get(card, (0, 0)) for card in cards_of(page)]
    own = [span for span in spans if span[0] < span[1] and page.pieces[span[0]].place.zone == "main"]
    inside = [order is None or any(start <= order < end for start, end in own) for order in orders]
    return len(own) >= MIN_CARDS and all(inside)


def _enclosing(page: Page, tag: Tag) -> list[html.HtmlElement]:
    """The elements around a tag that are small enough for a card and hold a link."""
    found = []
    for element in (tag.piece.element, *tag.piece.element.iterancestors()):
        if element.tag in ("body", "html") or len(page.texts_in(element)) > MAX_CARD_TEXTS:
            break
        if _link(element) is not None:
            found.append(element)
    return found
