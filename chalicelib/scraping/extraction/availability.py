"""Whether a page's product can be bought now: from its buy buttons, its words and its structured data.

What people see outranks what is written for machines: ``InStock`` in the data beside a visible "sold out" and no
working buy button is out of stock.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import html

from chalicelib.models import Availability
from chalicelib.scraping.extraction import stock_words
from chalicelib.scraping.extraction.buttons import buy_input, control_of, is_disabled, says_buy
from chalicelib.scraping.extraction.offers import Offer, availability_value
from chalicelib.scraping.extraction.page import Page, Piece
from chalicelib.scraping.extraction.text import folded

MAX_PHRASE = 90
"""Characters of a text that may be a stock notice; longer ones are descriptions."""
MAX_STOCKED = 36
_BEFORE, _BESIDE, _FURTHER = 30, 50, 160
"""Texts before the headline, beside and further behind it among which the product's own stock notice stands."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found on the page."""

    buy_order: int | None = None
    """Number of the first working buy button's text, those behind the headline first."""
    dead_button: bool = False
    """There is a buy button behind the headline and it is disabled."""
    sold_out: float = 0.0
    """How clearly the page says that the product is sold out: 2 beside the headline, 1 further off, 0 not at all; more
    for a statement about the present ("currently unavailable") than for a mere label."""
    in_stock: bool = False
    notice_order: int | None = None
    """Number of the text that says most clearly that the product is sold out."""


def evidence_of(page: Page) -> Evidence:
    """The stock notices and buy buttons of the product's own part of the page."""
    buttons: list[int] = []
    dead, sold, stocked = False, 0.0, False
    notice: int | None = None
    for piece in page.visible:
        if piece.place.zone != "main" or len(piece.text) > MAX_PHRASE:
            continue
        words = folded(piece.text)
        control = control_of(piece)
        if control is not None and says_buy(page, control, words):
            disabled = is_disabled(control)
            dead = dead or (disabled and _distance(page, piece) >= 0)
            buttons += [] if disabled else [piece.order]
        elif (strength := _strength(page, piece)) > 0:
            plainly = STATEMENT if stock_words.AT_PRESENT.search(words) else 0
            if strength + plainly > sold and _says_sold_out(piece, words, control):
                sold, notice = strength + plainly, piece.order
            stocked = stocked or _says_in_stock(words)
    behind = [order for order in buttons if order >= page.headline_order]
    return Evidence(min(behind or buttons, default=buy_input(page)), dead, sold, stocked, notice)


def _distance(page: Page, piece: Piece) -> int:
    return piece.order - page.headline_order


def _strength(page: Page, piece: Piece) -> float:
    """How surely a notice at ``piece`` is about the product: by its nearness to the headline."""
    distance = _distance(page, piece)
    if -_BEFORE <= distance <= _BESIDE:
        return 2.0
    return 1.0 if -_BEFORE <= distance <= _FURTHER else 0.0


def _says_in_stock(words: str) -> bool:
    return (
        len(words) <= MAX_STOCKED
        and bool(stock_words.IN_STOCK.search(words))
        and not stock_words.SOLD_OUT.search(words)
    )


def _says_sold_out(piece: Piece, words: str, control: html.HtmlElement | None) -> bool:
    if not stock_words.SOLD_OUT.search(words) or stock_words.ELSEWHERE.search(words):
        return False
    return not (piece.place.link and control is None)


STATEMENT = 1.5
STATED_IN, STATED_OUT, BUTTON, NOTICE, PRICE = -1.5, 1.6, -1.5, -1.5, -0.25
"""Weights: what speaks for sold out is above zero.  A working buy button beside a price outweighs data that says
sold out (it is often that of one variant).  A notice beside the headline (2) outweighs the data or a button, not
both; in a page that a browser has drawn (where what is hidden is known) it counts twice and outweighs both."""


def availability_of(page: Page, offers: list[Offer], evidence: Evidence, priced: bool) -> tuple[Availability, str]:
    """The product's availability and which rule gave it; ``priced``: whether the page shows a price for it."""
    stated = _stated(page, offers)
    votes = {
        "structured": {Availability.IN_STOCK: STATED_IN, Availability.OUT_OF_STOCK: STATED_OUT}.get(stated, 0.0),
        "button": BUTTON if evidence.buy_order is not None else (-BUTTON if evidence.dead_button else 0.0),
        "notice": (2 if page.drawn else 1) * evidence.sold_out + (NOTICE if evidence.in_stock else 0),
        "price": PRICE if priced else 0.0,
    }
    total = sum(votes.values())
    if not total:
        return Availability.UNKNOWN, ""
    source = max(votes, key=lambda name: votes[name] * (1 if total > 0 else -1))
    return (Availability.OUT_OF_STOCK if total > 0 else Availability.IN_STOCK), source


def _stated(page: Page, offers: list[Offer]) -> Availability:
    """What the data says: in stock when any offer (size, seller) is."""
    states = {offer.availability for offer in offers}
    for state in (Availability.IN_STOCK, Availability.OUT_OF_STOCK):
        if state in states:
            return state
    return availability_value(page.meta("product:availability", "og:availability"))
