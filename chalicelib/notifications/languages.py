"""The words of a text, per language.  Adding one is one entry in ``LANGUAGES`` and its countries in ``_COUNTRIES``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}


@dataclass(frozen=True, slots=True)
class Language:
    """Sentences with their blanks, months and the shape of prices."""

    off: str
    seen: str
    more: str
    stop_by_reply: str
    stop_by_link: str
    months: tuple[str, ...]
    day_month: str = "{day} {month}"
    decimal_mark: str = "."
    sign_first: bool = True

    def moment(self, local: datetime) -> str:
        """Day and minute: ``21 Nov 14:05``."""
        day = self.day_month.format(day=local.day, month=self.months[local.month - 1])
        return f"{day} {local:%H:%M}"

    def money(self, amount: Decimal, currency: str | None) -> str:
        """``£2.00``, ``2,00 €``; other currencies by their code."""
        number = f"{amount:.2f}".replace(".", self.decimal_mark)
        sign = _SIGNS.get(currency or "")
        if sign and self.sign_first:
            return f"{sign}{number}"
        return f"{number} {sign or (currency or '')[:3]}".strip()


LANGUAGES = {
    "en": Language(
        off="{percent}% off",
        seen="Seen {when}",
        more="+{count} more",
        stop_by_reply="Stop: reply STOP",
        stop_by_link="Stop: {link}",
        months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ),
    "de": Language(
        off="{percent}% billiger",
        seen="Gesehen {when}",
        more="+{count} weitere",
        stop_by_reply="Ende: Antwort STOP",
        stop_by_link="Ende: {link}",
        months=("Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sep", "Okt", "Nov", "Dez"),
        day_month="{day}. {month}",
        decimal_mark=",",
        sign_first=False,
    ),
    "fr": Language(
        off="-{percent}%",
        seen="Vu le {when}",
        more="+{count} autres",
        stop_by_reply="Arrêt: répondez STOP",
        stop_by_link="Arrêt: {link}",
        months=("janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc"),
        decimal_mark=",",
        sign_first=False,
    ),
}
_COUNTRIES = {
    "de": ("DE", "AT", "CH", "LI"),
    "fr": ("FR", "MC", "RE", "GP", "MQ", "GF", "YT", "PM"),
}
_LANGUAGE_OF = {country: language for language, countries in _COUNTRIES.items() for country in countries}


def of(country: str) -> Language:
    """The language texts to a country's phones are written in; English where no other is declared."""
    return LANGUAGES[_LANGUAGE_OF.get(country, "en")]
