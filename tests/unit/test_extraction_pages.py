"""Every saved page of ``tests/fixtures/extraction`` gives what is written beside it.

A mended rule adds a page and its expected values there; this test finds them by itself.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chalicelib.scraping.extraction import (
    CardSelectors,
    ExtractedProduct,
    PageVerdict,
    extract_listing,
    extract_product,
)

PAGES = Path(__file__).parents[1] / "fixtures" / "extraction"
CASES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(PAGES.glob("*.json"))}


def _source(name: str) -> str:
    return (PAGES / f"{name}.html").read_text(encoding="utf-8")


def _differences(product: ExtractedProduct, expected: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Attribute → (read, expected) where they differ; prices are compared as numbers: 2.5 and 2.50 are one price."""
    written = msgspec.to_builtins(product) | {
        "Verdict": product.verdict.value,
        "Availability": product.availability.value,
    }
    read = {name: _number(name, written.get(name)) for name in expected}
    return {name: (read[name], value) for name, value in expected.items() if read[name] != _number(name, value)}


def _number(name: str, value: Any) -> Any:
    return Decimal(value) if name in ("Price", "WasPrice") and value is not None else value


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["Kind"] == "product"])
def test_product_page(name: str) -> None:
    case = CASES[name]
    assert _differences(extract_product(_source(name), case["Url"]), case["Expected"]) == {}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["Kind"] == "listing"])
def test_listing_page(name: str) -> None:
    case = CASES[name]
    cards = msgspec.convert(case["Cards"], CardSelectors) if "Cards" in case else None
    products = extract_listing(_source(name), case["Url"], cards)
    assert [product.name for product in products] == [expected["Name"] for expected in case["Expected"]]
    for product, expected in zip(products, case["Expected"], strict=True):
        assert _differences(product, expected) == {}


@pytest.mark.parametrize("name", ["listing_found_cards", "listing_declared_cards"])
def test_a_listing_is_no_product(name: str) -> None:
    product = extract_product(_source(name), CASES[name]["Url"])
    assert (product.verdict, product.name, product.price) == (PageVerdict.LISTING, None, None)


def test_every_page_has_its_expectation() -> None:
    assert {path.stem for path in PAGES.glob("*.html")} == set(CASES)
