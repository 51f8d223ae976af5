"""Buttons: what a text stands on that can be pressed, and whether pressing it buys the page's product."""

from __future__ import annotations

from lxml import html

from chalicelib.scraping.extraction import stock_words
from chalicelib.scraping.extraction.page import Page, Piece
from chalicelib.scraping.extraction.places import names_of
from chalicelib.scraping.extraction.text import folded

MAX_LABEL = 60
"""Characters of a button's words, a price on it included."""


def control_of(piece: Piece) -> html.HtmlElement | None:
    """The button or link that a text is on, at most four elements up."""
    element: html.HtmlElement | None = piece.element
    for _ in range(5):
        if element is None:
            return None
        if (
            element.tag in ("button", "a", "input")
            or element.get("role") == "button"
            or "btn" in names_of(element)
            or "button" in names_of(element)
        ):
            return element
        element = element.getparent()
    return None


def is_disabled(control: html.HtmlElement) -> bool:
    """Whether ``control`` cannot be pressed, by its attributes or by what it is called."""
    names = f" {names_of(control)} "
    return (
        control.get("disabled") is not None
        or (control.get("aria-disabled") or "").lower() == "true"
        or any(f"{mark}disabled " in names for mark in (" ", "-", "_"))
    )


def says_buy(page: Page, control: html.HtmlElement, words: str) -> bool:
    """Whether ``words`` (folded; one text of ``control``) or all words on ``control`` are those of a buy button.

    With a price on it, a button may also name what it sells ("Buy paperback £7.99").
    """
    return any(_is_buy(text) for text in (words, _label(page, control)))


def sells_at(page: Page, piece: Piece) -> bool:
    """Whether ``piece``, which holds a price, is on a working button that buys at that price."""
    control = control_of(piece)
    return control is not None and bool(stock_words.BUY_AT.match(_label(page, control))) and not is_disabled(control)


def buy_input(page: Page) -> int | None:
    """About where a buy button stands whose words are an attribute (``<input value="Add to basket">``)."""
    for control in page.root.iter("input", "button"):
        if (control.get("type") or "submit").lower() not in ("submit", "button", "image") or is_disabled(control):
            continue
        label = folded(control.get("value") or control.get("title") or control.get("aria-label") or "")
        if _is_buy(label) and not page.is_hidden(control):
            return page.headline_order + 20
    return None


def _is_buy(text: str) -> bool:
    return bool(stock_words.BUY.match(text) or stock_words.BUY_AT.match(text))


def _label(page: Page, control: html.HtmlElement) -> str:
    """All that is to be read on ``control``, folded; empty where that is more than a label."""
    label = " ".join(piece.text for piece in page.texts_in(control))
    return folded(label) if len(label) <= MAX_LABEL else ""
