"""Price tags: the small visible texts that state amounts, scored by how much they look like the page's price."""

from __future__ import annotations

import bisect
import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal

from lxml import html

from chalicelib.scraping.extraction import currencies, price_words
from chalicelib.scraping.extraction.buttons import sells_at
from chalicelib.scraping.extraction.page import Page, Piece
from chalicelib.scraping.extraction.places import names_of
from chalicelib.scraping.extraction.prices import Kind, Mention, read_mentions
from chalicelib.scraping.extraction.text import folded, plain_digits

MAX_TAG = 64
"""Characters of a price tag; longer texts are sentences."""
_DIGIT = re.compile(r"\d")
_PRICE_NAME = re.compile(r"(?:price|precio|preco|prix|preis|prezzo|prijs|cena|hinta|amount|pricing)")
_CENTS_NAME = re.compile(r"(?:cent|decimal|fraction|pence|penny|minor|kop|small|sup)")
_LISTED = 4
"""This many different amounts in equal tags are a list of other products."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One amount in one price tag."""

    mention: Mention
    piece: Piece
    text: str
    named: bool
    """Whether the shop calls the element a price."""
    labelled: bool
    """Whether a word for "price" stands just before it."""
    kind: Kind

    @property
    def amount(self) -> Decimal:
        """The amount it states."""
        return self.mention.amount


MAX_PIECES = 12


def tags_of(page: Page, pieces: list[Piece] | None = None) -> list[Tag]:
    """Every amount in a visible price tag among ``pieces`` (all, unless given), in reading order."""
    found: list[Tag] = []
    seen: set[tuple[int, int]] = set()
    for piece in page.visible if pieces is None else pieces:
        if not _DIGIT.search(piece.text):
            continue
        span = _span(page, piece)
        if span not in seen:
            seen.add(span)
            found.extend(_read(page, span))
    return _without_now(found)


_COMPANIONS = 12


def _without_now(tags: list[Tag]) -> list[Tag]:
    """A "before" price told only by its class name is the price where no lower one is beside it: there is a now to
    every before."""
    mended = list(tags)
    for index in sorted(range(len(tags)), key=lambda index: tags[index].amount):
        tag = tags[index]
        if tag.kind is not Kind.WAS or not tag.piece.place.guessed or tag.mention.kind is not Kind.PLAIN:
            continue
        beside = mended[max(0, index - _COMPANIONS) : index + _COMPANIONS + 1]
        if not any(_is_now(other, tag) for other in beside):
            mended[index] = replace(tag, kind=Kind.PLAIN)
    return mended


def _is_now(other: Tag, tag: Tag) -> bool:
    """Whether ``other`` can be the price now to the price before that ``tag`` states."""
    near = abs(other.piece.order - tag.piece.order) <= _COMPANIONS
    return near and other.kind in (Kind.PLAIN, Kind.FROM) and other.amount < tag.amount


def _span(page: Page, piece: Piece) -> tuple[int, int]:
    """The pieces of the largest small element around ``piece``: a price may be split over several."""
    span = (piece.order, piece.order + 1)
    element: html.HtmlElement | None = piece.element
    while element is not None and (wider := page.spans.get(element)) is not None:
        if (
            wider[1] - wider[0] > MAX_PIECES
            or sum(len(other.text) for other in page.pieces[wider[0] : wider[1]]) > MAX_TAG
        ):
            break
        span, element = wider, element.getparent()
    return span


def _read(page: Page, span: tuple[int, int]) -> list[Tag]:
    pieces = [piece for piece in page.pieces[span[0] : span[1]] if not piece.place.hidden]
    found: list[Tag] = []
    for struck in (False, True):
        part = [piece for piece in pieces if piece.place.struck is struck]
        text, starts = lay_out(part)
        if len(text) <= 3 * MAX_TAG:
            found.extend(_tag(page, mention, part, text, starts) for mention in read_mentions(text, page.url))
    return [tag for tag in found if tag.mention.has_sign or tag.named]


def _tag(page: Page, mention: Mention, pieces: list[Piece], text: str, starts: list[int]) -> Tag:
    owner = pieces[max(0, bisect.bisect_right(starts, mention.start) - 1)]
    named = any(_PRICE_NAME.search(names_of(element)) for element in _near(owner.element))
    kind = Kind.WAS if owner.place.struck and mention.kind in (Kind.PLAIN, Kind.FROM) else mention.kind
    before = text[: mention.start] or (page.pieces[owner.order - 1].text if owner.order else "")
    return Tag(mention, owner, text, named, bool(price_words.LABEL.search(folded(before[-40:]))), kind)


def _near(element: html.HtmlElement) -> list[html.HtmlElement]:
    above: list[html.HtmlElement] = []
    current: html.HtmlElement | None = element
    while current is not None and len(above) < 4:
        above.append(current)
        current = current.getparent()
    return above


def lay_out(pieces: list[Piece]) -> tuple[str, list[int]]:
    """The text of ``pieces`` as it is read, and where in it each piece begins.

    Raised or separate cents (``£24`` ``99``) get their point; blocks stand on lines of their own.
    """
    text, starts = "", []
    for piece in pieces:
        words = plain_digits(piece.text)
        if text and _is_cents(piece, text):
            text += "."
        elif text and (piece.gap or not _continues(words, text)):
            text += piece.gap or " "
        starts.append(len(text))
        text += words
    return text, starts


_ENDS_OPEN = re.compile(rf"(?:\d|[.,]|{currencies.PATTERN})$", re.IGNORECASE)
_STARTS_OPEN = re.compile(rf"(?:\d|[.,]\d|[.,][-–]|{currencies.PATTERN})", re.IGNORECASE)
_COMPLETE = re.compile(rf"(?:[.,]\d\d|(?:\d|[.,][-–—]+)\s?{currencies.PATTERN})$", re.IGNORECASE)


def _continues(text: str, before: str) -> bool:
    """Whether ``text`` goes on with the amount ``before`` ends in; a number behind whole cents or a sign is another."""
    if not _ENDS_OPEN.search(before) or not _STARTS_OPEN.match(text):
        return False
    return not (text[0].isdigit() and _COMPLETE.search(before))


def _is_cents(piece: Piece, before: str) -> bool:
    if not re.match(r"\d\d(?!\d)", piece.text) or not re.search(r"(?:^|[^\d.,])\d+$", before):
        return False
    return not piece.gap or piece.element.tag == "sup" or bool(_CENTS_NAME.search(names_of(piece.element)))


def scored(page: Page, tags: list[Tag], known: set[Decimal], buy_order: int | None) -> list[tuple[float, Tag]]:
    """``tags`` that may be the page's price, with their scores, best first.

    ``known``: amounts that structured data states; ``buy_order``: the place of the buy button, if there is one.
    """
    listed = _listed(tags)
    largest = max((tag.piece.box.font_size for tag in tags if tag.piece.box), default=0.0)
    rivals = [tag for tag in tags if tag.kind in (Kind.PLAIN, Kind.SELLERS, Kind.FROM, Kind.RANGE)]
    times = Counter(tag.amount for tag in rivals if tag.piece.place.zone == "main")
    beside = _now_orders(tags)
    ranked = []
    for tag in rivals:
        score = _score(page, tag, _signature(tag) in listed, buy_order) + _drawn(page, tag, largest)
        score += (3 if tag.amount in known else 0) + 0.4 * min(2, max(0, times[tag.amount] - 1))
        score += 1.2 if tag.piece.order in beside else 0
        ranked.append((score, tag))
    return sorted(ranked, key=lambda pair: -pair[0])


ON_BUTTON = 3
"""For an amount on a working buy button: it is paid when the button is pressed."""
_ZONES = {"main": 0.0, "option": -2.0, "chrome": -5.0, "review": -5.0, "related": -6.0}


def _score(page: Page, tag: Tag, listed: bool, buy_order: int | None) -> float:
    """What speaks for a tag in the text: sign, name, label, nearness to the headline and the buy button."""
    distance = tag.piece.order - page.headline_order
    score = _ZONES[tag.piece.place.zone] - 0.35 * math.log2(1 + abs(distance)) - (1.5 if distance < 0 else 0)
    score += (2 if tag.mention.has_sign else 0) + (2 if tag.named else 0) + (1 if tag.labelled else 0)
    score += ON_BUTTON if sells_at(page, tag.piece) else (-1.5 if tag.piece.place.link else 0)
    score -= 3 if listed else 0
    if buy_order is not None and buy_order >= page.headline_order:
        score += max(0.0, 1.2 - 0.2 * math.log2(1 + abs(tag.piece.order - buy_order)))
    return score


def _now_orders(tags: list[Tag]) -> set[int]:
    """The places of tags beside which a higher, crossed-out price stands."""
    return {
        tag.piece.order
        for index, tag in enumerate(tags)
        for other in tags[max(0, index - _BESIDE) : index + _BESIDE + 1]
        if other.kind is Kind.WAS and tag.amount < other.amount and abs(other.piece.order - tag.piece.order) <= _BESIDE
    }


_BESIDE = 6
_SCREEN = 700
"""Pixels above and below the headline in which a product's own price stands."""


def _drawn(page: Page, tag: Tag, largest: float) -> float:
    """What speaks for a tag in the picture: the largest letters, nearness to the headline."""
    box = tag.piece.box
    if box is None or not largest:
        return 0.0
    score = 2 * box.font_size / largest - 1
    title = page.pieces[page.headline_order].box if page.pieces else None
    if title is None:
        return score + (0.5 if box.y < _SCREEN else 0)
    away = abs(box.y - title.y)
    return score + (0.5 if away <= _SCREEN else -min(3.0, away / (2 * _SCREEN)))


def _signature(tag: Tag) -> tuple[str, str, str]:
    parent = tag.piece.element.getparent()
    return (
        str(tag.piece.element.tag),
        tag.piece.element.get("class") or "",
        (parent.get("class") or "") if parent is not None else "",
    )


def _listed(tags: list[Tag]) -> set[tuple[str, str, str]]:
    amounts: dict[tuple[str, str, str], set[Decimal]] = defaultdict(set)
    for tag in tags:
        amounts[_signature(tag)].add(tag.amount)
    return {signature for signature, different in amounts.items() if len(different) >= _LISTED}
