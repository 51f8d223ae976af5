"""Where shops file their products, as their pages tell it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.categories import levels
from chalicelib.scraping.extraction import extract_listing, extract_product

URL = "https://www.larder-shop.example/p/yorkshire-gold"
NAME = "Yorkshire Gold 240 Tea Bags"


def page(*data: dict[str, Any], body: str = "", head: str = "") -> str:
    """A product's page with JSON-LD ``data``."""
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(one)}</script>' for one in data)
    sale = "<p>£6.50</p><button>Add to basket</button>"
    return f"<html><head><title>{NAME}</title>{head}{scripts}</head><body>{body}<h1>{NAME}</h1>{sale}</body></html>"


def product(**said: Any) -> dict[str, Any]:
    return {"@type": "Product", "name": NAME, "sku": "7", "offers": {"price": "6.50", "priceCurrency": "GBP"}} | said


def trail(*names: str, nested: bool = False) -> dict[str, Any]:
    """A BreadcrumbList, its steps in the wrong order."""
    named = ({"item": {"@id": "/there", "name": name}} if nested else {"name": name} for name in names)
    steps = [{"@type": "ListItem", "position": at} | step for at, step in enumerate(named, 1)]
    return {"@type": "BreadcrumbList", "itemListElement": steps[::-1]}


def category(*data: dict[str, Any], body: str = "", head: str = "") -> str | None:
    return extract_product(page(*data, body=body, head=head), URL).category


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Drinks > Tea", ["Drinks", "Tea"]),
        ("Drinks/Tea", ["Drinks/Tea"]),
        ("Drinks / Hot Drinks / Tea", ["Drinks", "Hot Drinks", "Tea"]),
        ("Drinks»Tea|Black", ["Drinks", "Tea", "Black"]),
        (" > Tea > ", ["Tea"]),
        ("", []),
    ],
)
def test_levels_are_parted_however_the_shop_parts_them(written: str, expected: list[str]) -> None:
    assert levels(written) == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("Tea", "Tea"),
        ("Food & Drink › Hot Drinks › Tea", "Food & Drink > Hot Drinks > Tea"),
        (["Drinks", "Drinks > Tea"], "Drinks > Tea"),
        ({"@type": "CategoryCode", "name": "Tea"}, "Tea"),
        ("Kitchen &amp; Table > Tea", "Kitchen & Table > Tea"),
        ("2073", None),
        ("https://shop.example/c/tea", None),
        ([], None),
        (True, None),
    ],
)
def test_a_product_states_its_category(stated: Any, expected: str | None) -> None:
    assert category(product(category=stated)) == expected


@pytest.mark.parametrize("nested", [False, True])
def test_the_trail_in_the_data_leads_to_the_category(nested: bool) -> None:
    assert category(product(), trail("Home", "Drinks", "Tea", NAME, nested=nested)) == "Drinks > Tea"


def test_the_shop_and_the_product_are_no_levels() -> None:
    assert category(product(), trail("Larder Shop", "Drinks", "Tea", "Yorkshire Gold 240 T… buy now")) == "Drinks > Tea"
    assert category(product(), trail("Tea")) == "Tea"  # the name begins otherwise
    assert category(product(), trail("Home", NAME.upper())) is None


def test_the_trail_that_people_see_is_read_where_the_data_have_none() -> None:
    links = "<a href='/'>Home</a> › <a href='/d'>Drinks</a> › <a href='/t'>Tea</a> ›"
    seen = f"<nav aria-label='Breadcrumb'>{links}<span>{NAME}</span></nav>"
    assert category(product(), body=seen) == "Drinks > Tea"
    assert category(product(), body=f"<ol class='c-BreadCrumbs__list'>{links}</ol>") == "Drinks > Tea"
    assert category(product(), body="<nav class='breadcrumb' hidden><a>Sweets</a></nav>") is None
    assert category(product(category="Black Tea"), body=seen) == "Black Tea"


def test_a_menu_is_no_trail() -> None:
    menu = "".join(f"<li><a>Aisle {letter}</a></li>" for letter in "abcdefghijklmnopqrstuvwxyz")
    assert category(product(), body=f"<ul class='breadcrumb-menu'>{menu}</ul>") is None


def test_the_head_of_the_page_may_name_it() -> None:
    assert category(product(), head='<meta property="product:category" content="Drinks > Tea">') == "Drinks > Tea"


def test_only_the_last_levels_are_kept_and_none_at_length() -> None:
    assert category(product(), trail(*"abcdefg")) == "c > d > e > f > g"
    told = category(product(category="tea " * 50))
    assert told is not None
    assert len(told) <= 60


def test_a_listing_is_of_the_category_that_leads_to_it() -> None:
    listed = {
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "item": product(url="/p/1")},
            {"@type": "ListItem", "item": product(url="/p/2", name="Twinings Earl Grey 80s", category="Earl Grey")},
        ],
    }
    found = extract_listing(page(listed, trail("Home", "Drinks", "Tea")), URL)
    assert [one.category for one in found] == ["Drinks > Tea", "Earl Grey"]
