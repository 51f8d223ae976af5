"""The quantity reader: packs, multipacks, pieces, and unit prices as they are written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.scraping.extraction.quantities import read_quantity, read_unit_price


@pytest.mark.parametrize(
    ("text", "count", "each", "unit"),
    [
        ("Cola 6 x 330ml", 6, "330", "ml"),
        ("Cola 330ml x 6", 6, "330", "ml"),
        ("Cola 6 cans x 330 ml", 6, "330", "ml"),
        ("Wasser 6x1,5L", 6, "1500", "ml"),
        ("Milk 2 pints", 1, "1136.5225", "ml"),
        ("Rice 1.5 kg", 1, "1500", "g"),
        ("Flour 1,000 g", 1, "1000", "g"),
        ("Kitchen roll 4 pack", 4, "1", "piece"),
        ("Pack of 12 eggs", 12, "1", "piece"),
        ("Tea 80 teabags 250g", 1, "250", "g"),
        ("Biscuits 500 g / 2x250g", 2, "250", "g"),
        ("Vitamin C 1000mg 60 tablets", 60, "1", "piece"),
        ("Wine 75cl", 1, "750", "ml"),
        ("Сок 0,95 л", 1, "950", "ml"),
    ],
)
def test_reads_packs(text: str, count: int, each: str, unit: str) -> None:
    quantity = read_quantity(text)
    assert quantity is not None
    assert (quantity.count, quantity.each, quantity.unit) == (count, Decimal(each), unit)
    assert quantity.total == count * Decimal(each)


@pytest.mark.parametrize(
    "text", ["iPhone 12 128GB", "5G phone", "0 g", "0 x 330ml", "Blue jeans", "", "Lens 50mm f/1.8", "£5 l"]
)
def test_reads_nothing_where_nothing_is_said(text: str) -> None:
    assert read_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "unit_price"),
    [
        ("45p/100g", "45p/100g"),
        ("£1.20 (12p/100ml)", "12p/100ml"),
        ("£3.50 per kg", "£3.50 per kg"),
        ("4,99 € / kg", "4,99 € / kg"),
        ("£2 each", None),
        ("£2", None),
        ("", None),
    ],
)
def test_reads_unit_prices_as_written(text: str, unit_price: str | None) -> None:
    assert read_unit_price(text) == unit_price


@given(
    count=st.integers(min_value=1, max_value=99),
    size=st.integers(min_value=1, max_value=9999),
    unit=st.sampled_from(["ml", "g"]),
    cross=st.sampled_from(["x", " x ", "×", " × "]),
)
def test_every_multipack_is_read_back(count: int, size: int, unit: str, cross: str) -> None:
    quantity = read_quantity(f"Something {count}{cross}{size}{unit}")
    assert quantity is not None
    assert (quantity.count, quantity.each, quantity.total) == (count, size, count * size)


@given(st.text(max_size=300))
def test_no_text_breaks_the_readers(text: str) -> None:
    quantity = read_quantity(text)
    assert quantity is None or (quantity.count >= 1 and quantity.each > 0)
    unit_price = read_unit_price(text)
    assert unit_price is None or len(unit_price) <= 40
