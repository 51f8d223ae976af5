"""No page, however broken or hostile, breaks the extraction, slows it much or leaves rubbish in what it gives."""

from __future__ import annotations

import string
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.scraping.extraction import ExtractedProduct, PageVerdict, extract_listing, extract_product
from chalicelib.scraping.extraction.text import MAX_IDENTIFIER, MAX_NAME, clean

URL = "https://shop.example/p/thing-4711"
HEAD = "<html><head><title>Thing</title></head><body><h1>Thing</h1>"
SECONDS = 20
"""Far more than any of these pages takes; a rule whose work grows with the square of the page needs minutes."""


def _card(number: int) -> str:
    return f'<div class="card"><a href="/p/{number}">Thing {number}</a><span class="price">£{number}.99</span></div>'


HOSTILE = {
    "prices": HEAD + "".join(f'<p class="price">£{number}.99</p>' for number in range(1, 20_000)),
    "cards": HEAD + "".join(map(_card, range(1, 6_000))),
    "deep": HEAD + "<div>" * 100_000 + "£5",
    "deep spans": HEAD + '<span class="price">' * 50_000 + "£5",
    "one line": HEAD + "<p>" + "£5 " * 1_500_000,
    "attribute": HEAD + f'<div class="{"price " * 800_000}">£5</div>',
    "deep JSON": HEAD + '<script type="application/ld+json">' + "[" * 400_000,
    "deep offers": HEAD + '<script type="application/ld+json">' + '{"@type":"Product","offers":' * 20_000,
    "nested microdata": HEAD + '<div itemscope itemtype="https://schema.org/Product"><b itemprop="name">x</b>' * 5_000,
    "related headings": HEAD + "<h2>Similar products</h2><p>x</p>" * 10_000,
    "grouped digits": HEAD + '<p class="price">' + "1," * 1_000_000,
    "five megabytes and more": HEAD + '<p class="price">£5.00</p>' + "<p>words</p>" * 400_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_are_read_in_bounded_time(name: str) -> None:
    started = time.process_time()
    product = extract_product(HOSTILE[name], URL)
    listed = extract_listing(HOSTILE[name], URL)
    assert time.process_time() - started < SECONDS
    assert len(listed) <= 1_000
    _check(product)
    for item in listed[:50]:
        _check(item)


def _check(product: ExtractedProduct) -> None:
    """What holds of every answer."""
    assert product.url.startswith(("http://", "https://"))
    assert product.price is None or product.price > 0
    assert product.was_price is None or (product.price is not None and product.was_price > product.price)
    assert product.name is None or 0 < len(product.name) <= MAX_NAME
    assert product.sku is None or 0 < len(product.sku) <= MAX_IDENTIFIER
    assert product.image_url is None or product.image_url.startswith(("http://", "https://"))
    for text in (product.name, product.brand, product.sku, product.mpn, product.quantity, product.unit_price):
        assert text is None or not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in text)


tags = st.sampled_from(["div", "span", "h1", "del", "script", "a", "b", "p", "select", "option", "template"])
names = st.sampled_from(["price", "old-price", "related", "hidden", "sku", "size", "", "btn", "p" * 500])
texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "£5",
            "2 for £3",
            "sold out",
            "Add to basket",
            "SKU: 12",
            "from £9",
            "\u202e",
            "You may also like",
            "1.234,50 €",
        ]
    ),
)


@st.composite
def pages(draw: st.DrawFn) -> str:
    """Tag soup of the things that the rules look for."""
    parts = []
    for _ in range(draw(st.integers(0, 25))):
        tag, name, text = draw(tags), draw(names), draw(texts)
        closing = f"</{tag}>" if draw(st.booleans()) else ""
        parts.append(f'<{tag} class="{name}" itemprop="{draw(names)}">{text}{closing}')
    return "".join(parts)


@given(source=pages())
@settings(max_examples=150, deadline=None)
def test_tag_soup_gives_sound_answers(source: str) -> None:
    _check(extract_product(source, URL))
    for item in extract_listing(source, URL):
        _check(item)


@given(source=st.text(alphabet=string.printable + "£€\u202e\x00<>\"'{}[]", max_size=400))
@settings(max_examples=150, deadline=None)
def test_noise_gives_sound_answers(source: str) -> None:
    _check(extract_product(source, URL))
    _check(extract_product(f'<script type="application/ld+json">{source}</script>', URL))


@given(st.text(max_size=500))
def test_cleaned_text_is_clean(text: str) -> None:
    cleaned = clean(text, 50)
    assert len(cleaned) <= 50
    assert cleaned == clean(cleaned, 50)
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in cleaned)


def test_addresses_of_other_kinds_are_left_out() -> None:
    source = HEAD + '<p class="price">£5</p><button>Add to basket</button>'
    source += '<meta property="og:image" content="javascript:alert(1)"><link rel="canonical" href="file:///etc/passwd">'
    product = extract_product(source, URL)
    assert (product.url, product.image_url, product.verdict) == (URL, None, PageVerdict.PRODUCT)


def test_a_canonical_address_on_another_host_is_not_believed() -> None:
    source = HEAD + '<link rel="canonical" href="https://other.example/p/1"><p class="price">£5</p>'
    assert extract_product(source, URL).url == URL
