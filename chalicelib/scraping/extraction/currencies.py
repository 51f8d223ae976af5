"""Currency signs, names and top-level domains to ISO 4217 codes."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

CODES = frozenset(
    [
        "AED",
        "ARS",
        "AUD",
        "BDT",
        "BGN",
        "BHD",
        "BRL",
        "CAD",
        "CHF",
        "CLP",
        "CNY",
        "COP",
        "CZK",
        "DKK",
        "EGP",
        "EUR",
        "GBP",
        "GEL",
        "GHS",
        "HKD",
        "HRK",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "ISK",
        "JOD",
        "JPY",
        "KES",
        "KRW",
        "KWD",
        "KZT",
        "LKR",
        "MAD",
        "MXN",
        "MYR",
        "NGN",
        "NOK",
        "NPR",
        "NZD",
        "OMR",
        "PEN",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "SAR",
        "SEK",
        "SGD",
        "THB",
        "TND",
        "TRY",
        "TWD",
        "UAH",
        "USD",
        "UYU",
        "VND",
        "ZAR",
    ]
)

WITHOUT_DECIMALS = frozenset(("CLP", "JPY", "KRW", "VND", "ISK", "IDR", "COP", "HUF"))
"""Currencies whose prices have no decimals: by ISO 4217 (CLP, JPY, KRW, VND, ISK) or by the custom of their shops."""

SIGNS: dict[str, str | None] = {
    "£": "GBP",
    "€": "EUR",
    "₹": "INR",
    "₽": "RUB",
    "₴": "UAH",
    "₺": "TRY",
    "₩": "KRW",
    "₪": "ILS",
    "₫": "VND",
    "₦": "NGN",
    "₱": "PHP",
    "฿": "THB",
    "₸": "KZT",
    "₾": "GEL",
    "¥": None,
    "￥": None,
    "円": "JPY",
    "元": "CNY",
    "원": "KRW",
    "US$": "USD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "NT$": "TWD",
    "S$": "SGD",
    "R$": "BRL",
    "MX$": "MXN",
    "RD$": None,
    "$": None,
    "zł": "PLN",
    "zl": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "lei": "RON",
    "kr": None,
    "kr.": None,
    "Rs": None,
    "Rs.": None,
    "руб": "RUB",
    "руб.": "RUB",
    "р.": "RUB",
    "тг": "KZT",
    "тг.": "KZT",
    "грн": "UAH",
    "грн.": "UAH",
    "лв": "BGN",
    "лв.": "BGN",
    "TL": "TRY",
    "RM": "MYR",
    "Rp": "IDR",
    "S/": "PEN",
    "S/.": "PEN",
    "Fr.": "CHF",
    "SFr.": "CHF",
    "د.إ": "AED",
    "ر.س": "SAR",
    "د.ك": "KWD",
    "ج.م": "EGP",
    "đ": "VND",
    "บาท": "THB",
    "euro": "EUR",
    "euros": "EUR",
    "тенге": "KZT",
}
"""Sign → code; ``None`` where several countries share the sign and the page's country decides."""

_COUNTRY_OF_SIGN = {
    "$": {"ca": "CAD", "au": "AUD", "nz": "NZD", "cl": "CLP", "mx": "MXN", "ar": "ARS", "co": "COP",
          "sg": "SGD", "hk": "HKD", "tw": "TWD", "uy": "UYU", "com": "USD", "us": "USD"},
    "¥": {"jp": "JPY", "cn": "CNY", "com": "JPY"},
    "kr": {"se": "SEK", "no": "NOK", "dk": "DKK", "is": "ISK"},
    "Rs": {"in": "INR", "pk": "PKR", "lk": "LKR", "np": "NPR"},
}  # fmt: skip
_DOMAINS = {
    "EUR": "ie de fr it es nl be at pt fi gr sk si ee lv lt lu mt hr bg",
    "GBP": "uk", "PLN": "pl", "CZK": "cz", "HUF": "hu", "RON": "ro", "SEK": "se", "NOK": "no", "DKK": "dk", "CHF": "ch",
    "USD": "us", "CAD": "ca", "AUD": "au", "NZD": "nz", "INR": "in", "PKR": "pk", "RUB": "ru", "UAH": "ua", "KZT": "kz",
    "JPY": "jp", "CNY": "cn", "TWD": "tw", "HKD": "hk", "KRW": "kr", "SGD": "sg", "BRL": "br", "MXN": "mx", "ARS": "ar",
    "CLP": "cl", "COP": "co", "ZAR": "za", "TRY": "tr", "AED": "ae", "SAR": "sa", "ILS": "il", "VND": "vn", "THB": "th",
    "IDR": "id", "MYR": "my", "PHP": "ph", "EGP": "eg", "KES": "ke", "NGN": "ng", "PEN": "pe", "RSD": "rs", "MAD": "ma",
    "KWD": "kw", "QAR": "qa", "OMR": "om", "BHD": "bh", "LKR": "lk", "BDT": "bd", "NPR": "np", "UYU": "uy", "ISK": "is",
}  # fmt: skip
_CURRENCY_OF_DOMAIN = {domain: currency for currency, domains in _DOMAINS.items() for domain in domains.split()}
_ALIASES = {"¥": "¥", "￥": "¥", "kr.": "kr", "Rs.": "Rs", "rs": "Rs", "rs.": "Rs", "RS": "Rs"}
_BY_FOLDED = {sign.casefold(): code for sign, code in SIGNS.items()}

_WORDY = sorted((sign for sign in SIGNS if sign[0].isalpha() and sign != "Ft"), key=len, reverse=True)
_SYMBOLS = sorted((sign for sign in SIGNS if not sign[0].isalpha()), key=len, reverse=True)
PATTERN = (
    rf"(?:(?<![^\W\d_])(?:{'|'.join(map(re.escape, _WORDY))}|(?-i:Ft|{'|'.join(sorted(CODES))}))(?![^\W\d_])"
    rf"|{'|'.join(map(re.escape, _SYMBOLS))})"
)
"""A currency sign or code inside text; words only where no letter stands beside them.  To be used with IGNORECASE;
codes and ``Ft`` keep their case, else "try 30" and "6 ft" would be prices."""


def currency_code(text: str | None, url: str = "") -> str | None:
    """ISO 4217 code of a sign, code or name; the top-level domain of ``url`` settles a shared sign, else ``None``."""
    if not text:
        return None
    text = text.strip()[:12]
    if text.upper() in CODES:
        return text.upper()
    code = _BY_FOLDED.get(text.casefold())
    return code or _shared_sign(_ALIASES.get(text, text.casefold() if text.casefold() == "kr" else text), url)


def currency_of_url(url: str) -> str | None:
    """The currency of the country whose top-level domain the host has; ``None`` for .com and its like."""
    return _CURRENCY_OF_DOMAIN.get(_domain(url))


def _shared_sign(sign: str, url: str) -> str | None:
    countries = _COUNTRY_OF_SIGN.get(sign)
    if not countries:
        return None
    return countries.get(_domain(url))


def _domain(url: str) -> str:
    return (urlsplit(url).hostname or "").rsplit(".", 1)[-1]
