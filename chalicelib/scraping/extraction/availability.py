"""Whether a page's product can be bought now: from its buy buttons, its words and its structured data.

What people see outranks what is written for machines: ``InStock`` in the data beside a visible "sold out" and no
working buy button is out of stock.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import html

from chalicelib.models import Availability
from chalicelib.scraping.extraction import stock_words
from chalicelib.scraping.extraction.offers import Offer, availability_value
from chalicelib.scraping.extraction.page import Page, Piece, names_of
from chalicelib.scraping.extraction.text import folded

MAX_PHRASE = 90
"""Characters of a text that may be a stock notice; longer ones are descriptions."""
_REACH_BEFORE, _REACH_AFTER = 30, 160
"""Texts before and after the headline in which the product's own stock notice stands."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found on the page."""

    buy_order: int | None
    """Number of the first working buy button's text."""
    dead_button: bool
    """There is a buy button and it is disabled."""
    sold_out: bool
    in_stock: bool


def evidence_of(page: Page) -> Evidence:
    """The stock notices and buy buttons of the product's own part of the page."""
    buy, dead, sold, stocked = None, False, False, False
    for piece in page.visible:
        if piece.place.zone != "main" or len(piece.text) > MAX_PHRASE:
            continue
        words = folded(piece.text)
        control = _control(piece)
        if stock_words.BUY_PATTERN.match(words) and control is not None:
            if _disabled(control):
                dead = True
            elif buy is None:
                buy = piece.order
        elif _is_near(page, piece):
            sold = sold or _says_sold_out(piece, words, control)
            stocked = stocked or bool(stock_words.IN_STOCK_PATTERN.search(words)) and not stock_words.SOLD_OUT_PATTERN.search(words)
    if buy is None:
        buy = _buy_input(page)
    return Evidence(buy, dead, sold, stocked)


def _is_near(page: Page, piece: Piece) -> bool:
    return page.headline_order - _REACH_BEFORE <= piece.order <= page.headline_order + _REACH_AFTER


def _says_sold_out(piece: Piece, words: str, control: html.HtmlElement | None) -> bool:
    if not stock_words.SOLD_OUT_PATTERN.search(words) or stock_words.ELSEWHERE.search(words):
        return False
    return not _is_variant(piece) and not (piece.place.link and control is None)


_VARIANT_NAMES = ("swatch", "variant", "variation", "size", "colour", "color", "option", "taglia", "taille")


def _is_variant(piece: Piece) -> bool:
    """Whether the text belongs to one choice among several: a sold-out size does not sell out the product."""
    element: html.HtmlElement | None = piece.element
    for _ in range(4):
        if element is None:
            return False
        names = names_of(element)
        if element.tag in ("label", "option", "li") and any(name in names for name in _VARIANT_NAMES):
            return True
        if any(f"{name}-" in names or f"-{name}" in names for name in _VARIANT_NAMES) and element.tag in ("li", "label", "button"):
            return True
        element = element.getparent()
    return False


def _control(piece: Piece) -> html.HtmlElement | None:
    """The button or link that a text is on, at most four elements up."""
    element: html.HtmlElement | None = piece.element
    for _ in range(5):
        if element is None:
            return None
        if element.tag in ("button", "a", "input") or element.get("role") == "button" or "btn" in names_of(element) or "button" in names_of(element):
            return element
        element = element.getparent()
    return None


def _disabled(control: html.HtmlElement) -> bool:
    names = f" {names_of(control)} "
    return (
        control.get("disabled") is not None
        or (control.get("aria-disabled") or "").lower() == "true"
        or any(f"{mark}disabled " in names for mark in (" ", "-", "_"))
    )


def _buy_input(page: Page) -> int | None:
    """A buy button whose words are an attribute (``<input type="submit" value="Add to basket">``)."""
    for control in page.root.iter("input", "button"):
        if (control.get("type") or "submit").lower() not in ("submit", "button", "image") or _disabled(control):
            continue
        label = folded(control.get("value") or control.get("title") or control.get("aria-label") or "")
        if label and stock_words.BUY_PATTERN.match(label) and not page.is_hidden(control):
            return page.headline_order + 20
    return None


def availability_of(page: Page, offers: list[Offer], evidence: Evidence, priced: bool) -> tuple[Availability, str]:
    """The product's availability and which rule gave it; ``priced``: whether the page shows a price for it."""
    stated = _stated(page, offers)
    if evidence.sold_out and evidence.buy_order is None:
        return Availability.OUT_OF_STOCK, "visible"
    if stated is Availability.OUT_OF_STOCK and not (evidence.in_stock and evidence.buy_order is not None):
        return stated, "structured"
    if evidence.dead_button and evidence.buy_order is None and stated is not Availability.IN_STOCK and not evidence.in_stock:
        return Availability.OUT_OF_STOCK, "button"
    if evidence.buy_order is not None:
        return Availability.IN_STOCK, "button"
    if stated is Availability.IN_STOCK:
        return stated, "structured"
    if evidence.in_stock:
        return Availability.IN_STOCK, "visible"
    return (Availability.IN_STOCK, "price") if priced else (Availability.UNKNOWN, "")


def _stated(page: Page, offers: list[Offer]) -> Availability:
    """What the data says: in stock when any offer (size, seller) is."""
    states = {offer.availability for offer in offers}
    for state in (Availability.IN_STOCK, Availability.OUT_OF_STOCK):
        if state in states:
            return state
    return availability_value(page.meta("product:availability", "og:availability"))
