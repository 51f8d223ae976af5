"""The text: what a shopper reads.  Pure.

``Sample: Heinz Beans 415g £1.20, 40% off (was £2.00), seen 21 Nov 14:05. shop.example/p/12 Stop: reply STOP``
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import ROUND_DOWN

from chalicelib.notifications import gsm, hours, languages, links, names
from chalicelib.notifications.languages import Language
from chalicelib.notifications.messages import NotifiedProduct
from chalicelib.notifications.phones import country
from chalicelib.settings import settings

MOST_PARTS = 2
"""Specification, "Notify"."""
MOST_BYTES = 1600
"""The longest text SNS takes (SNS developer guide, "Publishing to a mobile phone")."""
_NAME_WIDTHS = (60, 45, 32, 24, 16, 10)
_BRAND_WIDTHS = (20, 12)
_WIDEST = 120
_MOST_SHOWN = 10
"""Products that two parts could hold at the very most."""


def text(phone: str, items: Sequence[NotifiedProduct], now: datetime, stop_link: str | None = None) -> str:
    """One text of at most two parts that tells of ``items`` (at least one), deepest discount first.

    The richest form that fits is taken: all products with long names and links; then shorter names; then without the
    links of the later products; then fewer products and how many more there are.  Times are the phone's.
    """
    language = languages.of(country(phone))
    stop = language.stop_by_link if (link := stop_link if stop_link is not None else settings().sms_stop_link) else ""
    ending = (stop or language.stop_by_reply).format(link=links.short(link))
    seen = language.seen.format(when=language.moment(hours.local_time(phone, max(item.seen_at for item in items))))
    body = ""
    for lines in _forms(items, language):
        body = gsm.downgraded("\n".join([*lines, f"{seen}. {ending}"]))
        if gsm.parts(body) <= MOST_PARTS and len(body.encode()) <= MOST_BYTES:
            return body
    return body


def mail(phone: str, wish: str, items: Sequence[NotifiedProduct]) -> tuple[str, str]:
    """Subject and body of a mail that tells of ``items``: all of them, in the language of the phone's country.

    It ends with the page where notifications are stopped, where the stage has one: nobody reads a reply to a mail.
    """
    language = languages.of(country(phone))
    subject = f"{names.cut(names.clean(wish), 60)}: {language.off.format(percent=max(map(_percent, items)))}"
    lines = []
    for item in items:
        when = language.seen.format(when=language.moment(hours.local_time(phone, item.seen_at)))
        lines.append(f"{_line(item, language, _WIDEST, linked=False)}\n{item.url}\n{when}")
    if settings().sms_stop_link:
        lines.append(language.stop_by_link.format(link=settings().sms_stop_link))
    return subject, "\n\n".join(lines) + "\n"


def _percent(item: NotifiedProduct) -> int:
    """The discount as it is told: never more than it is."""
    return int(item.discount.to_integral_value(rounding=ROUND_DOWN))


def _forms(items: Sequence[NotifiedProduct], language: Language) -> Iterator[list[str]]:
    """Ways to say it, richest first."""
    for shown in range(min(len(items), _MOST_SHOWN), 0, -1):
        more = [language.more.format(count=len(items) - shown)] if shown < len(items) else []
        for linked in dict.fromkeys((shown, min(1, shown), 0)):
            for width in _NAME_WIDTHS:
                lines = [_line(item, language, width, at < linked) for at, item in enumerate(items[:shown])]
                yield [*lines, *more]


def _line(item: NotifiedProduct, language: Language, width: int, linked: bool) -> str:
    brand = names.cut(names.clean(item.store_brand), _BRAND_WIDTHS[0 if width > 16 else 1]) or item.shop[:12]
    name = names.cut(names.clean(item.product_name), width)
    price = language.money(item.price, item.currency) if item.price is not None else ""
    off = language.off.format(percent=_percent(item))
    said = f"{brand}: {name} {price}".strip() + (f", {off}" if item.discount >= 1 else "")
    link = links.short(item.url) if linked else ""
    return f"{said} {link}".strip()
