"""What kind of page was read: one that refuses, one that is broken, or one that sells something."""

from __future__ import annotations

import re

from chalicelib.scraping.extraction.models import PageVerdict
from chalicelib.scraping.extraction.page import Page
from chalicelib.scraping.extraction.text import folded

SHORT_PAGE = 2_500
"""Characters of visible text below which a page may be nothing but a notice."""
_EMPTY = 20

_CAPTCHA = re.compile(
    r"captcha|are you (?:a )?(?:human|robot)|not a robot|verify (?:that )?you are (?:a )?human|human verification|checking your browser|security check|unusual traffic|"
    r"press (?:&|and) hold|characters you see|complete the security|robot check|ich bin kein roboter|pas un robot|no soy un robot|non sono un robot|вы не робот|подтвердите.{0,20}робот|一个机器人|ロボットではありません"
)
_BLOCKED = re.compile(
    r"access (?:to this page has been )?denied|access forbidden|\b403\b.{0,20}forbidden|forbidden|request blocked|you have been blocked|pardon our interruption|too many requests|rate limit|"
    r"unusual activity|automated (?:access|traffic)|bot detection|request unsuccessful|just a moment|attention required|enable (?:javascript|js) and cookies|zugriff verweigert|acces refuse|acceso denegado|accesso negato|доступ (?:ограничен|запрещен)"
)
_ERROR = re.compile(
    r"(?:^|\b)(?:404|410|500|502|503|504)\b|page (?:can(?:no|')t|could not|not) be? ?found|page not found|not found|no longer exists|(?:page|site) (?:is )?(?:unavailable|doesn't exist)|something went wrong|internal server error|"
    r"bad gateway|service unavailable|gateway time-?out|(?:under|down for) maintenance|temporarily unavailable|we'll be (?:right )?back|technical (?:difficulties|problems)|seite nicht gefunden|wartungsarbeiten|page (?:introuvable|non trouvee)|"
    r"erreur|pagina (?:no encontrada|non trovata|niet gevonden)|nie znaleziono|stranka (?:nenalezena|nebola najdena)|страница не найдена|ошибка"
)
_CONSENT = re.compile(
    r"before you continue|(?:we|our partners) (?:value|care about|respect) your privacy|cookies?|consent|zustimm|datenschutz|confidentialite|consentement|privacidad|verify your age|are you over 18|over 18|choose your (?:country|region|location)|select your (?:country|region)"
)
_ACCEPT = re.compile(r"\b(?:accept|agree|allow|consent|continue|enter|i am over|yes|alle akzeptieren|akzeptieren|zustimmen|accepter|aceptar|accetta|akkoord|zgadzam|souhlasim|принять)\b")
_CAPTCHA_PART = ("g-recaptcha", "h-captcha", "cf-challenge", "cf-turnstile", "px-captcha", "captcha-form", "challenge-form", "datadome")


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
