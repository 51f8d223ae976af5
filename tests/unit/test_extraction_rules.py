"""The rules one by one: identifiers, stock notices, currencies, verdicts, and what the marks of a browser change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Reject
from chalicelib.models import Availability
from chalicelib.scraping.extraction import CardSelectors, PageVerdict, extract_listing, extract_product
from chalicelib.scraping.extraction.currencies import currency_code
from chalicelib.scraping.extraction.identifiers import address_ids, bare, valid_gtin
from chalicelib.scraping.extraction.offers import availability_value
from chalicelib.scraping.extraction.text import folded
from chalicelib.scraping.extraction.vocabulary import words

URL = "https://shop.example.co.uk/p/copper-pan"


def _page(body: str, title: str = "Copper Pan", root: str = "") -> str:
    return f"<html {root}><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"


# Identifiers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["5012345678900", "96385074", "036000291452", "978-0-306-40615-7"])
def test_right_gtins(text: str) -> None:
    assert valid_gtin(text) == text.replace("-", "")


@pytest.mark.parametrize("text", ["5012345678901", "123", "", "00000000", "501234567890X", "٥٠١٢٣٤٥٦٧٨٩٠٠", None])
def test_wrong_gtins(text: str | None) -> None:
    assert valid_gtin(text) is None


@given(st.integers(0, 10**12 - 1), st.integers(1, 9))
def test_a_gtin_with_one_digit_changed_is_wrong(number: int, change: int) -> None:
    body = f"{number:012d}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(body))
    right = body + str(-total % 10)
    assert valid_gtin(right) == (right if number else None)
    assert valid_gtin(body + str((-total + change) % 10)) is None


@pytest.mark.parametrize(
    ("body", "sku"),
    [
        ("<p>SKU: AB-123</p>", "AB-123"),
        ("<p>Item number 90210</p>", "90210"),
        ("<dl><dt>Artikelnummer</dt><dd>880 123</dd></dl>", "880 123"),
        ("<p><b>Réf.</b> : VE900</p>", "VE900"),
        ("<span>Артикул:</span> <span>01245</span>", "01245"),
        ("<li><strong>Product Code - </strong>39139301</li>", "39139301"),
        ("<p>商品編號：M67296549</p>", "M67296549"),
        ("<p>Code of conduct</p>", None),
        ("<p>SKU: call us for the number of this item</p>", None),
    ],
)
def test_labelled_identifiers(body: str, sku: str | None) -> None:
    assert extract_product(_page(body), URL).sku == sku


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("https://shop.example/dp/B07FW264WL", "B07FW264WL"),
        ("https://shop.example/thing-blue-12345678.html", "12345678"),
        ("https://shop.example/p3182808", "p3182808"),
        ("https://shop.example/item/phone-iid-1021493409", "1021493409"),
        ("https://shop.example/thing?sku=99-A1", "99-A1"),
        ("https://shop.example/about-us", None),
    ],
)
def test_ids_in_addresses(url: str, first: str | None) -> None:
    assert next(address_ids(url), None) == first


def test_an_id_beside_the_headline_in_the_spelling_of_the_shop() -> None:
    assert bare("p07901312") == bare("7901/312")
    product = extract_product(_page("<p>7901/312 - Blue</p>"), "https://shop.example/jeans-p07901312.html")
    assert (product.sku, product.sources["sku"]) == ("7901/312", "shown")


# Availability -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "availability"),
    [
        ('<p class="price">£5</p><button>Add to basket</button>', Availability.IN_STOCK),
        ('<p class="price">£5</p><button disabled>Add to basket</button>', Availability.OUT_OF_STOCK),
        ('<p class="price">£5</p><p>Sold out</p>', Availability.OUT_OF_STOCK),
        ('<p class="price">£5</p><p>In stock</p>', Availability.IN_STOCK),
        ('<p class="price">5 €</p><p>Derzeit nicht verfügbar</p>', Availability.OUT_OF_STOCK),
        ('<p class="price">5 €</p><p>Agotado</p>', Availability.OUT_OF_STOCK),
        ('<p class="price">5 zł</p><p>Produkt niedostępny</p>', Availability.OUT_OF_STOCK),
        ('<p class="price">500 ₽</p><p>Нет в наличии</p>', Availability.OUT_OF_STOCK),
        ('<p class="price">500 円</p><p>売り切れ</p>', Availability.OUT_OF_STOCK),
        ('<p class="price">£5</p><p hidden>Sold out</p><button>Add to bag</button>', Availability.IN_STOCK),
        ('<p class="price">£5</p><p>Out of stock in this store</p>', Availability.IN_STOCK),
        (
            '<p class="price">£5</p><ul><li class="swatch">Red sold out</li></ul><button>Buy now</button>',
            Availability.IN_STOCK,
        ),
        (
            '<p class="price">£5</p><button>Add to basket</button><h2>You may also like</h2><p>Sold out</p>',
            Availability.IN_STOCK,
        ),
        (
            '<p class="price">£5</p><button>Add to basket</button><p>Never be out of stock again: subscribe!</p>',
            Availability.IN_STOCK,
        ),
        ("<p>A text about pans.</p>", Availability.UNKNOWN),
    ],
)
def test_stock_notices_and_buttons(body: str, availability: Availability) -> None:
    assert extract_product(_page(body), URL).availability is availability


@pytest.mark.parametrize(
    ("text", "availability"),
    [
        ("https://schema.org/InStock", Availability.IN_STOCK),
        ("http://schema.org/SoldOut", Availability.OUT_OF_STOCK),
        ("out of stock", Availability.OUT_OF_STOCK),
        ("in_stock", Availability.IN_STOCK),
        ("PreOrder", Availability.IN_STOCK),
        ("https://schema.org/InStoreOnly/", Availability.OUT_OF_STOCK),
        ("perhaps", Availability.UNKNOWN),
        (None, Availability.UNKNOWN),
    ],
)
def test_structured_availability(text: str | None, availability: Availability) -> None:
    assert availability_value(text) is availability


# Currencies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "url", "code"),
    [
        ("£", "", "GBP"),
        ("eur", "", "EUR"),
        ("$", "https://shop.example.cl/", "CLP"),
        ("$", "https://shop.example/", None),
        ("kr", "https://butik.example.se/", "SEK"),
        ("Rs.", "https://shop.example.pk/", "PKR"),
        ("zł", "", "PLN"),
        ("XYZ", "", None),
        ("", "", None),
        (None, "", None),
    ],
)
def test_currency_codes(text: str | None, url: str, code: str | None) -> None:
    assert currency_code(text, url) == code


# Verdicts -----------------------------------------------------------------------------------------------------------


def test_a_long_page_that_sells_a_game_called_captcha_is_a_product() -> None:
    body = (
        '<p class="price">£20</p><button>Add to basket</button>'
        + "<p>Prove you are not a robot in this game.</p>" * 100
    )
    product = extract_product(_page(body, "Captcha: the Board Game"), URL)
    assert (product.verdict, product.price) == (PageVerdict.PRODUCT, Decimal(20))


def test_an_article_is_no_product() -> None:
    product = extract_product(_page("<p>How to clean copper.</p>" * 50, "Cleaning copper"), URL)
    assert product.verdict is PageVerdict.OTHER


# Marks of a browser -------------------------------------------------------------------------------------------------

DRAWN = 'data-shelfwatch-styled="1"'


def test_what_a_browser_hides_is_not_read() -> None:
    body = '<p class="price" data-shelfwatch="hidden">£9</p>'
    body += '<p class="price" data-shelfwatch="10,200,50,20,16,400,0">£5</p>'
    assert extract_product(_page(body, root=DRAWN), URL).price == Decimal(5)


def test_what_a_browser_strikes_through_is_the_price_before() -> None:
    body = '<p data-shelfwatch="10,200,50,20,14,400,1">£9</p>'
    body += '<p class="price" data-shelfwatch="10,220,50,20,20,700,0">£5</p>'
    product = extract_product(_page(body, root=DRAWN), URL)
    assert (product.price, product.was_price) == (Decimal(5), Decimal(9))


def test_the_larger_letters_are_the_price() -> None:
    body = '<p data-shelfwatch="10,210,50,20,12,400,0">£9</p><p data-shelfwatch="10,230,90,40,32,700,0">£5</p>'
    assert extract_product(_page(body, root=DRAWN), URL).price == Decimal(5)


def test_a_drawn_sold_out_outweighs_data_and_button() -> None:
    data = '{"@type":"Product","name":"Copper Pan","offers":{"price":5,"availability":"InStock"}}'
    notice = '<p data-shelfwatch="10,200,50,20,16,400,0">Sold out</p><button>Add to basket</button>'
    body = f'<script type="application/ld+json">{data}</script>{notice}'
    assert extract_product(_page(body, root=DRAWN), URL).availability is Availability.OUT_OF_STOCK
    assert extract_product(_page(body), URL).availability is Availability.IN_STOCK


def test_class_names_hide_nothing_in_a_drawn_page() -> None:
    body = '<div class="hidden"><p class="price" data-shelfwatch="10,200,50,20,16,400,0">£5</p></div>'
    assert extract_product(_page(body, root=DRAWN), URL).price == Decimal(5)
    assert extract_product(_page(body), URL).price is None


@given(st.text(max_size=40))
def test_forged_marks_break_nothing(mark: str) -> None:
    mark = mark.replace('"', "").replace("\x00", "")
    body = f'<p class="price" data-shelfwatch="{mark}">£5</p>'
    assert extract_product(_page(body, root=DRAWN), URL).price in (None, Decimal(5))


# Listings -----------------------------------------------------------------------------------------------------------


def test_a_selector_that_is_no_css_is_rejected_with_its_text() -> None:
    with pytest.raises(Reject, match="li\\[\\["):
        extract_listing(_page(""), URL, CardSelectors(card="li[["))


def test_a_product_listed_twice_is_given_once() -> None:
    card = '<li class="card"><a href="/p/1">Thing</a><b class="price">£5</b></li>'
    products = extract_listing(_page(f"<ul>{card * 2}</ul>"), URL, CardSelectors(card="li.card"))
    assert [(product.name, product.price) for product in products] == [("Thing", Decimal(5))]


@pytest.mark.parametrize("file", ["page", "price", "stock", "verdict"])
def test_words_are_spelt_as_the_folded_text_they_are_looked_for_in(file: str) -> None:
    def entries(branch: Any) -> list[str]:
        inner = branch.values() if isinstance(branch, dict) else branch
        return [branch] if isinstance(branch, str) else [entry for one in inner for entry in entries(one)]

    assert [entry for entry in entries(words(file)) if folded(entry) != " ".join(entry.lower().split())] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wysyłka", "wysylka"),
        ("Satın Al", "satin al"),
        ("품절", "품절"),
        ("ロボットではありません", "ロボットではありません"),
        ("สินค้าหมด", "สินค้าหมด"),
        ("Λήξη ΜΗ ΔΙΑΘΈΣΙΜΟ", "ληξη μη διαθεσιμο"),
    ],
)
def test_folding_keeps_the_marks_that_make_another_word(text: str, expected: str) -> None:
    assert folded(text) == expected


def test_a_notice_is_found_inside_a_text_without_spaces() -> None:
    page = '<html lang="ja"><body><main><h1>湯のみ</h1><p>1,200円</p><p>現在在庫切れです</p></main></body></html>'
    assert extract_product(page, "https://mise.example.jp/item/7").availability is Availability.OUT_OF_STOCK
