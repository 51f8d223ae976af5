"""What a phone's number tells: its country, and a name for it that is not the number."""

from __future__ import annotations

import hashlib
from functools import lru_cache

_PART_OF = {"GG": "GB", "IM": "GB", "JE": "GB"}
"""Crown dependencies: numbered, and by mobile networks priced, as part of the United Kingdom's plan."""


@lru_cache(maxsize=4096)
def country(phone: str) -> str:
    """ISO 3166 code of an E.164 number's country: ``GB``; ``""`` for a number of no country.

    A number of no network (like those reserved for fiction) belongs to the main country of its calling code.
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_number(number) or _main_region(number.country_code or 0)
    return _PART_OF.get(region, region)


def _main_region(calling_code: int) -> str:
    import phonenumbers

    region: str = phonenumbers.region_code_for_country_code(calling_code)
    return "" if region in ("ZZ", "001") else region


def pseudonym(phone: str) -> str:
    """A name for a phone in keys of the ledger, so that no number stands there."""
    return hashlib.sha256(f"shelfwatch phone {phone}".encode()).hexdigest()[:32]
