"""A preview says what a wish would match now, and why the rest would not."""

from datetime import UTC, datetime
from decimal import Decimal

from chalicelib.matching.preview import MOST_OTHERS, preview
from chalicelib.models import Availability, Product

SEEN = datetime(2026, 11, 1, tzinfo=UTC)


def product(product_id: str, name: str, price: str, prior: str, discount: str) -> Product:
    return Product(
        product_id=product_id,
        product_name=name,
        store_brand="Sample shop",
        postcode="SW1A1AA",
        shop="sample",
        url="http://shop.example",
        availability=Availability.IN_STOCK,
        version=1,
        first_seen=SEEN,
        last_seen=SEEN,
        price=Decimal(price),
        prior_price=Decimal(prior),
        currency="GBP",
        discount=Decimal(discount),
    )


OIL = product("oil", "Extra virgin olive oil 500 ml", "8", "10", "20")
DEAR = product("dear", "Olive oil 500 ml", "9", "10", "10")
LARGE = product("large", "Olive oil 5 l", "20", "40", "50")


def test_the_wanted_product_at_the_wanted_discount_is_a_match_at_the_boundary() -> None:
    found = preview("olive oil 500 ml", Decimal(20), [LARGE, OIL])
    assert [one.product_id for one in found.matches] == ["oil"]
    assert found.matches[0].reasons


def test_what_is_too_dear_says_how_much_is_missing() -> None:
    found = preview("olive oil 500 ml", Decimal(20), [DEAR])
    assert found.matches == ()
    assert "10 % off now, 20 % wanted" in found.others[0].reasons


def test_another_size_is_not_a_match_and_says_why() -> None:
    found = preview("olive oil 500 ml", Decimal(20), [LARGE])
    assert found.matches == ()
    assert any("5" in reason for reason in found.others[0].reasons)


def test_others_are_few_and_the_likeliest_come_first() -> None:
    many = [product(f"p{at:02}", f"garden chair {at}", "1", "2", "50") for at in range(40)]
    found = preview("olive oil 500 ml", Decimal(20), [*many, DEAR])
    assert len(found.others) == MOST_OTHERS
    assert found.others[0].product_id == "dear"


def test_nothing_offered_previews_as_nothing() -> None:
    found = preview("olive oil", Decimal(0), [])
    assert (found.matches, found.others) == ((), ())
