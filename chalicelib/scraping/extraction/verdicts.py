"""What kind of page was read: one that refuses, one that is broken, or one that sells something."""

from __future__ import annotations

import re

from chalicelib.scraping.extraction.models import PageVerdict
from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.prices import Kind, read_mentions
from chalicelib.scraping.extraction.text import folded
from chalicelib.scraping.extraction.vocabulary import any_of, whole_words

SHORT_PAGE = 2_500
"""Characters of visible text below which a page may be nothing but a notice."""
NOTICE = 1_200
"""Characters of a page that is nothing but a notice."""
_EMPTY = 20

_CAPTCHA, _BLOCKED, _ERROR, _CONSENT = (
    re.compile(any_of("verdict", kind)) for kind in ("captcha", "blocked", "error", "consent")
)
_ACCEPT = whole_words("verdict", "accept")
_CAPTCHA_PART = (
    "g-recaptcha",
    "h-captcha",
    "cf-challenge",
    "cf-turnstile",
    "px-captcha",
    "captcha-form",
    "challenge-form",
    "datadome",
)


def refusal_of(page: Page) -> PageVerdict | None:
    """The verdict of a page that can hold no product (captcha, blocked, consent, error, empty); ``None`` for others.

    Only a short page is judged by its words: a shop may sell a game called "Captcha" or mention cookies in its footer.
    One that shows a price is no error page whose number (404, 500) is that price.
    """
    if len(page.text) > SHORT_PAGE:
        return None
    text, head = folded(page.text), folded(f"{page.title} {page.headline_text}")
    if _CAPTCHA.search(f"{head} {text}") or _has_challenge(page, text):
        return PageVerdict.CAPTCHA
    if _BLOCKED.search(head) or (len(text) < NOTICE and _BLOCKED.search(text)):
        return PageVerdict.BLOCKED
    if _ERROR.search(head):
        return PageVerdict.ERROR
    return None if _shows_price(page) else _notice(text)


def _notice(text: str) -> PageVerdict | None:
    """The verdict of a short text without a price."""
    if len(text) < NOTICE / 2 and _ERROR.search(text):
        return PageVerdict.ERROR
    if len(text) < NOTICE and _CONSENT.search(text) and _ACCEPT.search(text):
        return PageVerdict.CONSENT
    return PageVerdict.EMPTY if len(text) < _EMPTY else None


def _shows_price(page: Page) -> bool:
    return any(mention.has_sign and mention.kind is Kind.PLAIN for mention in read_mentions(page.text, page.url))


def _has_challenge(page: Page, text: str) -> bool:
    if len(text) > 600:
        return False
    return any(
        part in f"{element.get('class') or ''} {element.get('id') or ''} {element.get('src') or ''}"
        for element in page.root.iter("div", "form", "iframe")
        for part in _CAPTCHA_PART
    )
