"""Buttons that buy: what they say, and that the price on them is the one that is paid."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chalicelib.models import Availability
from chalicelib.scraping.extraction import ExtractedProduct, extract_product

OTHERS = "<p>Hardback £18.99</p><p>Gift box £24.00</p>"


def read(body: str) -> ExtractedProduct:
    page = f"<html><head><title>Sea Shanties</title></head><body><h1>Sea Shanties</h1>{OTHERS}{body}</body></html>"
    return extract_product(page, "https://books.example.co.uk/p/sea-shanties")


@pytest.mark.parametrize(
    "button",
    [
        "<button>Buy paperback £7.99</button>",
        "<a role='button' href='/go'>Buy MP3 album <b>£7.99</b></a>",
        "<button>Add to basket - £7.99</button>",
        "<button><span>Pre-order now</span> <span>£7.99</span></button>",
        "<button>£7.99 Buy</button>",
        "<div class='btn'><span>Order large print</span><span>£7.99</span></div>",
    ],
)
def test_the_price_on_a_buy_button_is_the_price(button: str) -> None:
    product = read(button)
    assert (product.price, product.availability) == (Decimal("7.99"), Availability.IN_STOCK)


@pytest.mark.parametrize(
    "button",
    [
        "<button>Add gift wrap £3.00</button>",
        "<button>Buy 3 for £3.00</button>",
        "<button disabled>Buy paperback £3.00</button>",
        "<p>Buy paperback £3.00 and more at our branches</p>",
        "<button>Save £3.00</button>",
    ],
)
def test_other_buttons_with_a_price_do_not_make_it_the_price(button: str) -> None:
    assert read(f"<p class='price'>£7.99</p>{button}").price == Decimal("7.99")


def test_a_row_of_buttons_is_not_one_button() -> None:
    product = read(
        "<p class='price'>£7.99</p><div class='buttons'><button>Buy</button><button>Wish list</button></div>"
    )
    assert (product.price, product.availability) == (Decimal("7.99"), Availability.IN_STOCK)
