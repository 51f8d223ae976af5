"""The price reader: what people write on price tags, and everything that looks like a price and is none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.scraping.extraction.prices import MAX_PRICE, Kind, Price, read_amount, read_mentions, read_price


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("£12.50", "12.50", "GBP"),
        ("85p", "0.85", "GBP"),
        ("99 pence", "0.99", "GBP"),
        ("£1,234.50", "1234.50", "GBP"),
        ("1.234,50 €", "1234.50", "EUR"),
        ("1 234,50 zł", "1234.50", "PLN"),
        ("1\u202f234,50\u00a0€", "1234.50", "EUR"),
        ("CHF 1'234.50", "1234.50", "CHF"),
        ("40,- €", "40", "EUR"),
        ("1.999.000 ₫", "1999000", "VND"),
        ("Rs 2,43,300", "243300", None),
        ("₹2,433", "2433", "INR"),
        ("44 890 тг.", "44890", "KZT"),
        ("NT$294", "294", "TWD"),
        ("US$ 12", "12", "USD"),
        ("KWD 1.250", "1.25", "KWD"),
        ("12,99 EUR", "12.99", "EUR"),
        ("GBP 5", "5", "GBP"),
        ("£２５.００", "25", "GBP"),
        ("Now only £8", "8", "GBP"),
        ("£2 each", "2", "GBP"),
        ("£1.20 (12p/100ml)", "1.20", "GBP"),
        ("1234", "1234", None),
    ],
)
def test_reads_what_a_tag_says(text: str, amount: str, currency: str | None) -> None:
    assert read_price(text) == Price(Decimal(amount), currency)


@pytest.mark.parametrize(
    "text",
    [
        "2 for £3",
        "Any 3 for £10",
        "3 for 2",
        "45p/100g",
        "£3.50 per kg",
        "4,99 € / kg",
        "from £9",
        "ab 19,99 €",
        "à partir de 15 €",
        "£5 - £9",
        "£5 to £9",
        "Clubcard price £2.50",
        "£2.50 with Clubcard",
        "Members £4",
        "£20/month",
        "3 payments of £8.33",
        "Save £5",
        "£5 off",
        "-£5",
        "£-5",
        "£0.00",
        "0",
        "free delivery over £50",
        "Delivery £3.99",
        "£999999",
        "try 30 days",
        "6 ft 2",
        "£12 £13",
        "12345678901234567890 £",
        "",
        "no price here",
    ],
)
def test_is_not_fooled(text: str) -> None:
    assert read_price(text) is None


@pytest.mark.parametrize(
    ("text", "amount", "was"),
    [
        ("Was £10 Now £8", "8", "10"),
        ("RRP £20 £15", "15", "20"),
        ("statt 30 € 25 €", "25", "30"),
        ("Was £8 Now £10", "10", None),
    ],
)
def test_tells_the_price_before_from_the_price_now(text: str, amount: str, was: str | None) -> None:
    price = read_price(text)
    assert price is not None
    assert (price.amount, price.was) == (Decimal(amount), Decimal(was) if was else None)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("45p/100g", [Kind.UNIT]),
        ("2 for £3", [Kind.MULTIBUY]),
        ("from £9", [Kind.FROM]),
        ("£5 – £9", [Kind.RANGE, Kind.RANGE]),
        ("Clubcard price £2.50", [Kind.MEMBER]),
        ("£20 per month", [Kind.INSTALMENT]),
        ("Save £5", [Kind.SAVING]),
        ("was £7", [Kind.WAS]),
        ("free delivery over £50", [Kind.OTHER]),
    ],
)
def test_gives_every_amount_its_kind(text: str, kinds: list[Kind]) -> None:
    assert [mention.kind for mention in read_mentions(text) if mention.has_sign] == kinds


def test_a_shared_sign_is_settled_by_the_country_of_the_shop() -> None:
    for url, currency in [
        ("https://shop.example.ca/", "CAD"),
        ("https://shop.example.cl/", "CLP"),
        ("https://shop.example/", None),
    ]:
        price = read_price("$10", url)
        assert price is not None
        assert price.currency == currency


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.234", "1234"),
        ("1,234", "1234"),
        ("0.125", "0.1250"),
        ("1.23", "1.23"),
        ("1.5", "1.50"),
        ("1.234.567", "1234567"),
        ("12.", None),
        ("1-2", None),
    ],
)
def test_amounts_without_currency(text: str, amount: str | None) -> None:
    assert read_amount(text) == (Decimal(amount) if amount else None)


cents = st.integers(min_value=1, max_value=9_999_999_99).map(lambda number: Decimal(number) / 100)


def _grouped(amount: Decimal, group: str, point: str) -> str:
    whole, _, fraction = f"{amount:,.2f}".partition(".")
    return whole.replace(",", group) + point + fraction


@given(
    amount=cents,
    style=st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("\u00a0", ","), ("", "."), ("", ",")]),
    after=st.booleans(),
)
@example(amount=Decimal("1000.00"), style=(".", ","), after=True)
def test_every_amount_is_read_back_in_every_style(amount: Decimal, style: tuple[str, str], after: bool) -> None:
    number = _grouped(amount, *style)
    price = read_price(f"{number} €" if after else f"€{number}")
    if set(str(int(amount))) == {"9"} and len(str(int(amount))) >= 6:
        assert price is None
    else:
        assert price == Price(amount, "EUR")


@given(st.text(max_size=400))
@example("£" * 300)
@example("1," * 150)
@example("9" * 300 + "£")
@example("£ -  - 5 - - £")
def test_whatever_is_read_is_believable(text: str) -> None:
    for mention in read_mentions(text):
        assert 0 < mention.amount < MAX_PRICE
    price = read_price(text)
    assert price is None or 0 < price.amount < MAX_PRICE
    assert price is None or price.was is None or price.was > price.amount


@given(amount=cents, count=st.integers(min_value=2, max_value=20))
def test_no_multi_buy_is_ever_a_price(amount: Decimal, count: int) -> None:
    assert read_price(f"{count} for £{amount:.2f}") is None


@given(
    amount=cents,
    unit=st.sampled_from(["kg", "100g", "litre", "100 ml", "l"]),
    joint=st.sampled_from(["/", " / ", " per ", "/ "]),
)
def test_no_unit_price_is_ever_a_price(amount: Decimal, unit: str, joint: str) -> None:
    assert read_price(f"£{amount:.2f}{joint}{unit}") is None
