"""Phone numbers as value objects: a mobile number of a country the stage texts, in E.164.

Rules of numbering plans come from ``phonenumbers`` (Google's libphonenumber), imported on first use because it is
slow to load.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.requests.wrong import Wrong

_WRITTEN = r"\+?[0-9][0-9 ().-]{5,30}"
"""How people write numbers; letters, extensions and other scripts' digits are no part of it."""
_EXAMPLES = r"\+447700900[0-9]{3}"
"""Ofcom's mobile numbers for use in drama, which nobody will ever be given: 07700 900000 to 900999."""
_REMEDY = "give a mobile number with its country code, such as +447400123456"


def read_phone(text: str, country: str, allowed: Sequence[str], examples: bool) -> str:
    """The E.164 form of ``text``, read as dialled from ``country``.

    Raises ``Wrong`` unless it is a mobile number of one of the ``allowed`` countries; with ``examples``, numbers that
    are reserved for examples pass too.  The message never repeats the number.
    """
    if not re.fullmatch(_WRITTEN, text):
        raise Wrong("InvalidPhoneNumber", f"is not a phone number; {_REMEDY}")
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise Wrong("InvalidPhoneNumber", f"is not a phone number; {_REMEDY}") from None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if examples and re.fullmatch(_EXAMPLES, written) and "GB" in allowed:
        return written
    if not phonenumbers.is_valid_number(number):
        raise Wrong("InvalidPhoneNumber", f"is not a phone number in use; {_REMEDY}")
    _demand_mobile(phonenumbers.number_type(number))
    if phonenumbers.region_code_for_number(number) not in allowed:
        raise Wrong("CountryNotServed", f"is of a country that gets no texts; served: {', '.join(allowed)}")
    return written


def _demand_mobile(kind: int) -> None:
    """North America does not tell mobile from fixed numbers, so that "either" has to pass there."""
    from phonenumbers import PhoneNumberType

    if kind not in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE):
        raise Wrong("NotAMobileNumber", f"cannot receive texts; {_REMEDY}")


def pattern(allowed: Sequence[str], examples: bool) -> str:
    """Regular expression (JSON Schema dialect, anchored) of the E.164 numbers that ``read_phone`` accepts."""
    from phonenumbers import PhoneMetadata

    choices = [r"\+447700900[0-9]{3}"] if examples and "GB" in allowed else []
    for region in allowed:
        plan = PhoneMetadata.metadata_for_region(region)
        if plan is not None and plan.mobile is not None:
            choices.append(rf"\+{plan.country_code}(?:{plan.mobile.national_number_pattern})".replace(r"\d", "[0-9]"))
    return f"^(?:{'|'.join(choices)})$"
