"""What kind of page was read: one that refuses, one that is broken, or one that sells something."""

from __future__ import annotations

import re

from chalicelib.scraping.extraction.models import PageVerdict
from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.text import folded
from chalicelib.scraping.extraction.vocabulary import any_of, whole_words

SHORT_PAGE = 2_500
"""Characters of visible text below which a page may be nothing but a notice."""
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
    """
    text = folded(page.text[:SHORT_PAGE])
    head = folded(f"{page.title} {page.headline_text}")
    if len(page.text) > SHORT_PAGE:
        return None
    if _CAPTCHA.search(f"{head} {text}") or _has_challenge(page, text):
        return PageVerdict.CAPTCHA
    if _BLOCKED.search(head) or (len(text) < 1200 and _BLOCKED.search(text)):
        return PageVerdict.BLOCKED
    if _ERROR.search(head) or (len(text) < 600 and _ERROR.search(text)):
        return PageVerdict.ERROR
    if len(text) < 1200 and _CONSENT.search(text) and _ACCEPT.search(text):
        return PageVerdict.CONSENT
    return PageVerdict.EMPTY if len(text) < _EMPTY else None


def _has_challenge(page: Page, text: str) -> bool:
    if len(text) > 600:
        return False
    return any(
        part in f"{element.get('class') or ''} {element.get('id') or ''} {element.get('src') or ''}"
        for element in page.root.iter("div", "form", "iframe")
        for part in _CAPTCHA_PART
    )
