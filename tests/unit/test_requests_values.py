"""Postcodes, phone numbers, product names, discounts and contacts: what is taken, in which form, and what is not."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.requests import names, phones, postcodes
from chalicelib.requests.contacts import read_email, read_webhook
from chalicelib.requests.discounts import read_discount
from chalicelib.requests.names import read_name
from chalicelib.requests.phones import read_phone
from chalicelib.requests.postcodes import read_postcode
from chalicelib.requests.wrong import Wrong

# One real postcode of every format and of each corner of the country.
REAL = [
    "M1 1AE",
    "B33 8TH",
    "CR2 6XH",
    "DN55 1PT",
    "W1A 1HQ",
    "EC1A 1BB",
    "SW1A 1AA",
    "E1W 1AA",
    "N1C 4AG",
    "N1P 2AA",
    "NW1W 8AB",
    "SE1P 5LX",
    "WC2H 7LT",
    "AB10 1AB",
    "BT1 5GS",
    "CF10 1EP",
    "ZE1 0AA",
    "KW15 1AA",
    "TR21 0HE",
    "LL55 4TY",
    "BL0 9AA",
    "BS0 1AA",
    "JE2 3XX",
    "GY1 1AA",
    "IM1 1AA",
    "PO1 3AX",
    "L1 8JQ",
    "G2 1DY",
    "S1 2HE",
    "EH1 1YZ",
]


@pytest.mark.parametrize("postcode", REAL)
def test_real_postcodes_are_taken_however_they_are_written(postcode: str) -> None:
    compact = postcode.replace(" ", "")
    for written in (postcode, compact, compact.lower(), f"  {postcode.lower()} ", " ".join(compact)):
        assert read_postcode(written, "GB") == postcode


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SW1A",
        "SW1A 1A",
        "SW1A 1AAA",
        "XX1 1XX",
        "QQ1 1AA",
        "GIR 0AA",
        "BF1 3AA",
        "BX1 1LT",
        "SW1I 1AA",
        "M1A 1AA",
        "AB1A 1AA",
        "SW1A 1CA",
        "SW1A 1AK",
        "SW1A-1AA",
        "SW1A\n1AA",
        "SW1A 1AA\n",
        "ＳＷ１Ａ１ＡＡ",
        "SW١A 1AA",
        "W1A 0AX;",
        "12345",
        "' OR 1=1",
        "SW1A 1AA" * 9,
    ],
)
def test_what_is_no_postcode_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(Wrong, match="SW1A 1AA") as refused:
        read_postcode(text, "GB")
    assert refused.value.code == "InvalidPostcode"


@given(st.from_regex(postcodes.pattern("GB")[1:-1], fullmatch=True))
def test_the_described_pattern_is_what_is_read(postcode: str) -> None:
    assert read_postcode(postcode.lower().replace(" ", ""), "GB") == postcode


@given(st.text(max_size=12))
def test_reading_gives_a_normal_form_or_a_refusal(text: str) -> None:
    try:
        normal = read_postcode(text, "GB")
    except Wrong:
        return
    assert read_postcode(normal, "GB") == normal
    assert re.fullmatch("[A-Z0-9]{2,4} [0-9][A-Z]{2}", normal)


def test_there_are_124_areas() -> None:
    assert len(set(postcodes._AREAS.split("|"))) == 124


@pytest.mark.parametrize(
    ("country", "written", "normal"),
    [
        ("DE", "10115", "10115"),
        ("NL", "1012 ab", "1012AB"),
        ("NL", "1012AB", "1012AB"),
        ("PL", "00-950", "00-950"),
        ("US", "90210", "90210"),
        ("FR", "75001", "75001"),
    ],
)
def test_other_countries_have_their_own_postcodes(country: str, written: str, normal: str) -> None:
    assert read_postcode(written, country) == normal
    with pytest.raises(Wrong):
        read_postcode("SW1A 1AA", country)


def phone(text: str, allowed: tuple[str, ...] = ("GB",), examples: bool = True) -> str:
    return read_phone(text, "GB", allowed, examples)


@pytest.mark.parametrize(
    "written",
    ["+447400123456", "07400123456", "07400 123456", "+44 (0)7400 123456", "0044 7400 123-456", "+44.7400.123456"],
)
def test_a_mobile_number_becomes_e164(written: str) -> None:
    assert phone(written) == "+447400123456"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "InvalidPhoneNumber"),
        ("12", "InvalidPhoneNumber"),
        ("07400 12345", "InvalidPhoneNumber"),
        ("+44 7400 1234567", "InvalidPhoneNumber"),
        ("+447400123457 ext 3", "InvalidPhoneNumber"),
        ("0800 FLOWERS", "InvalidPhoneNumber"),
        ("+٤٤٧٤٠٠١٢٣٤٥٦", "InvalidPhoneNumber"),
        ("+447400123457\n", "InvalidPhoneNumber"),
        ("+999123456789", "InvalidPhoneNumber"),
        ("020 7946 0018", "NotAMobileNumber"),
        ("0800 123 4567", "NotAMobileNumber"),
        ("0909 879 0000", "NotAMobileNumber"),
        ("070 1234 5678", "NotAMobileNumber"),
        ("+447797712345", "CountryNotServed"),
        ("+33612345678", "CountryNotServed"),
    ],
)
def test_other_numbers_are_refused_and_never_repeated(text: str, code: str) -> None:
    with pytest.raises(Wrong) as refused:
        phone(text)
    assert refused.value.code == code
    assert len(text) < 3 or text.strip() not in str(refused.value)


def test_the_stage_says_which_countries_get_texts() -> None:
    assert phone("+33 6 12 34 56 78", allowed=("GB", "FR")) == "+33612345678"
    assert phone("+12025550123", allowed=("US",)) == "+12025550123"


def test_numbers_for_examples_pass_only_where_the_stage_takes_them() -> None:
    assert phone("07700 900123") == "+447700900123"
    with pytest.raises(Wrong):
        phone("07700 900123", examples=False)
    with pytest.raises(Wrong):
        phone("07700 900123", allowed=("FR",))


@given(st.from_regex(phones.pattern(("GB", "FR", "DE"), True)[1:-1], fullmatch=True))
def test_the_described_numbers_of_a_country_are_mobile_numbers_of_it(number: str) -> None:
    try:
        assert phone(number, allowed=("GB", "FR", "DE", "GG", "JE", "IM")) == number
    except Wrong:
        assert not phonenumbers.is_valid_number(phonenumbers.parse(number))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Tea", "Tea"),
        ("  Green  tea\u00a0", "Green  tea"),
        ("Cafe\u0301", "Café"),
        ("茶 500g", "茶 500g"),
        ("ok" * 50, "ok" * 50),
        ("🍵 tea", "🍵 tea"),
    ],
)
def test_names_are_kept_in_one_form(written: str, name: str) -> None:
    assert read_name(written) == name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "TooShort"),
        ("a", "TooShort"),
        ("  a  ", "TooShort"),
        ("e\u0301", "TooShort"),
        ("a" * 101, "TooLong"),
        (" " * 500, "TooLong"),
        ("a\nb", "UnprintableCharacter"),
        ("a\tb", "UnprintableCharacter"),
        ("a\x00b", "UnprintableCharacter"),
        ("a\u2028b", "UnprintableCharacter"),
        ("a\u202eb", "UnprintableCharacter"),
        ("a\u200bb", "UnprintableCharacter"),
        ("ab\ud800", "UnprintableCharacter"),
        ("b\ufffd", "UnprintableCharacter"),
        ("ab\U000f0000", "UnprintableCharacter"),
    ],
)
def test_names_that_cannot_be_are_refused(text: str, code: str) -> None:
    with pytest.raises(Wrong) as refused:
        read_name(text)
    assert refused.value.code == code


@given(st.text(max_size=120))
def test_a_name_is_read_exactly_when_the_described_pattern_says_so(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    described = re.fullmatch(names.PATTERN[1:-1], composed) is not None and len(text) <= names.LONGEST_WRITTEN
    try:
        name = read_name(text)
    except Wrong:
        assert not described
    else:
        assert described
        assert read_name(name) == name


@pytest.mark.parametrize(
    ("given_number", "kept"),
    [
        (0, "0"),
        (100, "100"),
        (12, "12"),
        (Decimal("12.50"), "12.5"),
        (Decimal("1e1"), "10"),
        (Decimal("-0.0"), "0"),
        (Decimal("33.333333333333333333333333333333333333"), "33.333333333333333333333333333333333333"),
        (Decimal("99.9999"), "99.9999"),
        (Decimal("100.000"), "100"),
    ],
)
def test_discounts_are_kept_exactly(given_number: int | Decimal, kept: str) -> None:
    assert str(read_discount(given_number)) == kept


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (-1, "OutOfRange"),
        (101, "OutOfRange"),
        (Decimal("100.0001"), "OutOfRange"),
        (Decimal("-0.01"), "OutOfRange"),
        (Decimal("1e999999"), "OutOfRange"),
        (Decimal("1e-999999"), "OutOfRange"),
        (Decimal("NaN"), "OutOfRange"),
        (10**400, "OutOfRange"),
        (Decimal("1." + "1" * 38), "TooPrecise"),
    ],
)
def test_discounts_outside_or_too_fine_are_refused(number: int | Decimal, code: str) -> None:
    with pytest.raises(Wrong) as refused:
        read_discount(number)
    assert refused.value.code == code


@given(st.integers(10**32, 10**38 - 1))
def test_no_discount_is_rounded(digits: int) -> None:
    number = Decimal(f"{digits}e-36")
    kept = read_discount(number)
    assert kept == number
    assert "E" not in str(kept)


@pytest.mark.parametrize("address", ["shopper@example.com", "a.b+c@mail.example.co.uk", "x@xn--bcher-kva.example"])
def test_email_addresses_keep_their_local_part(address: str) -> None:
    assert read_email(address.replace("example", "EXAMPLE")) == address


@pytest.mark.parametrize(
    "text", ["", "a", "a@b", "a@b.", "@b.com", "a b@c.com", "a@b.com\n", "a@" + "b" * 300 + ".com"]
)
def test_what_is_no_email_address_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        read_email(text)


@pytest.mark.parametrize("url", ["https://example.com/hook", "https://hooks.example.com:443/a?b=c"])
def test_webhooks_are_https_on_a_public_name(url: str) -> None:
    assert read_webhook(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://me:pw@example.com/",  # pragma: allowlist secret
        "https://db.internal/",
        "https://example.com:8443/",
        "ftp://example.com/",
        "https://example.com/ b",
        "https://169.254.169.254/latest",
        "https://0x7f.1/",
        "https://2130706433/",
    ],
)
def test_other_webhooks_are_refused(url: str) -> None:
    with pytest.raises(Wrong):
        read_webhook(url)
