"""The index on a real OpenSearch node: how names are compared, how it is asked, rebuilt and cleaned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.catalog.changes import as_product, first_version
from chalicelib.errors import RetryLater
from chalicelib.models import Availability, Product
from chalicelib.search import bulk, index, removing
from chalicelib.search.client import client
from chalicelib.search.documents import of_product, of_removal
from chalicelib.search.querying import candidates
from tests.fakes.cloud import NOW, scraped, stage
from tests.fakes.search import index_at

KEY, OTHER = "SW1A1AA", "AB12CD"


@pytest.fixture(scope="module")
def alias(opensearch_url: str) -> Iterator[str]:
    """One index for the tests that only read, or use keys of their own."""
    with pytest.MonkeyPatch.context() as patch, index_at(patch, opensearch_url) as name:
        yield name


@pytest.fixture
def fresh(opensearch_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with index_at(monkeypatch, opensearch_url) as name:
        yield name


def put(products: Sequence[Product]) -> None:
    written = bulk.write([of_product(product) for product in products], index.targets())
    assert (written.waiting, written.refused) == (frozenset(), {})
    index.refresh()


def product(number: int | str, key: str = KEY, **said: Any) -> Product:
    return as_product(key, scraped(number, **said), None, NOW)


# How names are taken apart --------------------------------------------------------------------------------------------


def words(alias: str, text: str) -> list[str]:
    body = {"field": "Words", "text": text}
    return [token["token"] for token in client().indices.analyze(index=alias, body=body)["tokens"]]


@pytest.mark.parametrize(
    ("same", "word"),
    [
        (("500ml", "500 ml", "500 ML", "0.5 l", "0.5L", "0,5 litre", ".5 l", "50cl", "500 millilitres"), "500ml"),
        (("1l", "1 L", "1 litre", "1.0 liters", "1000ml", "1,000 ml", "100cl", "1 ltr"), "1000ml"),
        (("37.5cl", "375 ml", "0.375l"), "375ml"),
        (("250g", "250 grams", "0.25 kg", "0.25kg", "250 gm"), "250g"),
        (("1.5kg", "1.5 kilos", "1500 g", "1,500g", "1.5 kilograms"), "1500g"),
        (("6 pack", "6-pack", "6pk", "pack of 6", "6 pieces"), "6pack"),
        (("128gb", "128 GB"), "128gb"),
        (('32"', "32 inch", "32-inch", "32 inches"), "32inch"),
    ],
)
def test_one_quantity_is_one_word_however_it_is_written(alias: str, same: tuple[str, ...], word: str) -> None:
    assert {text: words(alias, text) for text in same} == {text: [word] for text in same}


def test_packs_keep_their_number_and_their_size_apart(alias: str) -> None:
    assert words(alias, "6 x 330ml") == words(alias, "6x33cl") == ["6pack", "330ml"]


def test_what_only_looks_like_a_quantity_is_left_alone(alias: str) -> None:
    assert words(alias, "5g phone s21 usb 3.0 b12") == ["5g", "phone", "s21", "usb", "3.0", "b12"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Crème Brûlée", "creme BRULEE"),
        ("glasses", "glass"),
        ("batteries", "battery"),
        ("boxes", "box"),
        ("cornflakes", "cornflake"),
        ("peaches", "peach"),
        ("potatoes", "potato"),
        ("baker's", "bakers"),
        ("baker’s", "baker"),
    ],
)
def test_case_accents_and_number_make_no_difference(alias: str, one: str, other: str) -> None:
    assert words(alias, one) == words(alias, other)


@pytest.mark.parametrize(("one", "other"), [("glass", "gloss"), ("bus", "bu"), ("500ml", "50ml"), ("1l", "1 kg")])
def test_different_things_stay_different(alias: str, one: str, other: str) -> None:
    assert words(alias, one) != words(alias, other)


# Asking ---------------------------------------------------------------------------------------------------------------


def names(key: str, wish: str, discount: str = "0", **restricted: Any) -> list[str]:
    found = candidates(key, [("r", wish, Decimal(discount))], **restricted)
    return [each.product_name for each in found["r"]]


@pytest.mark.parametrize(
    ("offered", "wished"),
    [
        ("Larkfield Orange Juice Smooth 0.5 l", "orange juice 500ml"),
        ("Müller-Thurgau Dry White 75cl", "muller thurgau 750 ml"),
        ("Braeburn Apples 6 pack", "braeburn apple pack of 6"),
        ("Wireless Headphones WH-1000XM4 black", "wh1000xm4"),
        ("Wireless Headphones WH1000XM4 black", "headphones WH-1000XM4"),
        ("Stainless Steel Kettle", "stainles steel ketle"),
        ("Oatmeal Biscuits 300g", "biscuits oatmeal"),
    ],
)
def test_a_wish_finds_what_is_named_otherwise(alias: str, offered: str, wished: str) -> None:
    key = f"K{abs(hash((offered, wished)))}"
    put([product(1, key, product_name=offered), product(2, key, product_name="Garden Hose 25 m")])
    assert names(key, wished) == [offered]


def test_only_this_catalogue_in_stock_and_cheap_enough(alias: str) -> None:
    put(
        [
            product("here", "F1"),
            product("elsewhere", "F2"),
            product("sold", "F1", availability=Availability.OUT_OF_STOCK),
            product("unknown", "F1", availability=Availability.UNKNOWN),
            product("dear", "F1", price=Decimal("8.01")),
            product("unpriced", "F1", price=None),
        ]
    )
    assert names("F1", "oak table", "20") == ["Oak Table here"]
    assert set(names("F1", "oak table", "0")) == {"Oak Table here", "Oak Table dear"}


@pytest.mark.parametrize(
    ("asked", "found"), [("33.3333", True), ("33.33333333", True), ("33.33333334", False), ("33.34", False)]
)
def test_discount_is_exact_at_the_boundary(alias: str, asked: str, found: bool) -> None:
    """2 instead of 3 is a third off, which has no last decimal place."""
    put([product(1, "EDGE1", price=Decimal(2), was_price=Decimal(3))])
    assert bool(names("EDGE1", "oak table", asked)) is found


def test_only_among_the_products_asked_about(alias: str) -> None:
    put([product(number, "AMONG") for number in range(5)])
    assert names("AMONG", "oak table", product_ids=["sample-3", "sample-99"]) == ["Oak Table 3"]
    assert names("AMONG", "oak table", product_ids=[]) == []


def test_every_wish_gets_its_own_answer_in_order(alias: str) -> None:
    kinds = [f"{kind}{number}" for kind in ("lamp", "rug", "desk") for number in range(40)]
    put([product(number, "MANY1", product_name=f"Larkfield {kind}") for number, kind in enumerate(kinds)])
    wishes = [(kind, f"larkfield {kind}", Decimal(0)) for kind in kinds] + [("none", "quartz sundial", Decimal(0))]
    found = candidates("MANY1", wishes)
    assert {kind: found[kind][0].product_name for kind in kinds} == {kind: f"Larkfield {kind}" for kind in kinds}
    assert found["none"] == []


@pytest.mark.parametrize("name", ['"', "*:*", "AND OR NOT", "a" * 100, "{}", "\\", "500", "🙂🙂", "--"])
def test_no_name_is_taken_for_anything_but_words(alias: str, name: str) -> None:
    put([product(1, "ODD1")])
    assert names("ODD1", name) == []


def test_product_comes_back_as_it_was_stored(alias: str) -> None:
    stored = product(1, "SAME1", brand="Larkfield", gtin="0501", quantity="6 x 330ml", price=Decimal("7.99"))
    put([stored])
    (found,) = candidates("SAME1", [("r", "oak table", Decimal(20))])["r"]
    expected = {name: getattr(stored, name) for name in stored.__struct_fields__ if name != "price_history"}
    assert {name: getattr(found, name) for name in expected} == expected


# The index itself -----------------------------------------------------------------------------------------------------


def test_there_is_one_index_however_often_it_is_asked_for(fresh: str) -> None:
    assert index.ensure_index() == index.ensure_index() == f"{fresh}-000001"
    assert index.targets() == (f"{fresh}-000001",)
    assert index.is_current(f"{fresh}-000001")


def test_first_write_makes_the_index(fresh: str) -> None:
    client().indices.delete(index=f"{fresh}-*")
    index.forget_targets()
    put([product(1)])
    assert index.is_current(f"{fresh}-000001")
    assert names(KEY, "oak table") == ["Oak Table 1"]


def test_lost_aliases_come_back(fresh: str) -> None:
    client().indices.delete_alias(index=f"{fresh}-000001", name=index.write_alias())
    index.ensure_index()
    assert index.targets() == (f"{fresh}-000001",)


def indices(alias: str) -> set[str]:
    return set(client().indices.get(index=f"{alias}-*"))


def test_index_that_lost_every_alias_gets_them_back_with_what_it_holds(fresh: str) -> None:
    put([product(1)])
    client().indices.delete_alias(index=f"{fresh}-000001", name="*")
    client().indices.create(index=f"{fresh}-000002")  # a rebuild had just begun
    index.forget_targets()
    assert index.targets() == (f"{fresh}-000001",)
    assert names(KEY, "oak table") == ["Oak Table 1"]


def test_two_who_make_the_index_at_once_make_one(fresh: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one comes while the first has made its index, but not yet the aliases."""
    client().indices.delete(index=f"{fresh}-*")
    real = index.create_index

    def overtaken() -> str:
        made = real()
        monkeypatch.setattr(index, "create_index", real)
        index.ensure_index()
        return made

    monkeypatch.setattr(index, "create_index", overtaken)
    assert index.ensure_index() == f"{fresh}-000001"
    assert indices(fresh) == {f"{fresh}-000001"}
    assert index.targets() == (f"{fresh}-000001",)


def test_queries_ask_one_index_even_if_somebody_added_another(fresh: str) -> None:
    client().indices.create(index=f"{fresh}-000002")
    client().indices.put_alias(index=f"{fresh}-000002", name=fresh)
    assert index.ensure_index() == f"{fresh}-000001"
    assert set(client().indices.get_alias(name=fresh)) == {f"{fresh}-000001"}


def test_leftovers_go_but_not_those_of_another_stage(fresh: str) -> None:
    for name in (f"{fresh}-000007", f"{fresh}-dev-000001", f"{fresh}-dev"):
        client().indices.create(index=name)
    index.drop_leftovers()
    assert indices(fresh) == {f"{fresh}-000001", f"{fresh}-dev-000001", f"{fresh}-dev"}
    assert index.create_index() == f"{fresh}-000002"


def test_older_versions_and_repeats_change_nothing(fresh: str) -> None:
    document = of_product(product(1))
    assert bulk.write([document], index.targets()).changed == {0}
    again = bulk.write([document], index.targets())
    assert (again.changed, again.waiting, again.refused) == (frozenset(), frozenset(), {})


def test_late_insert_after_a_removal_does_not_bring_the_product_back(fresh: str) -> None:
    gone = product(1)
    bulk.write([of_product(gone)], index.targets())
    bulk.write([of_removal(KEY, gone.product_id, gone.version, NOW)], index.targets())
    assert bulk.write([of_product(gone)], index.targets()).changed == frozenset()
    index.refresh()
    assert names(KEY, "oak table") == []


def test_document_the_mapping_refuses_leaves_its_neighbours_alone(fresh: str) -> None:
    documents = [of_product(product(number)) for number in range(3)]
    bad = type(documents[1])(key=KEY, product_id="bad", version=1, body=b'{"Postcode":"SW1A1AA","Discount":"much"}')
    written = bulk.write([documents[0], bad, documents[2]], index.targets())
    assert written.changed == {0, 2}
    assert "mapper_parsing_exception" in written.refused[1]


def test_call_refused_as_a_whole_is_halved_until_the_one_is_found(
    fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "unfit", lambda document: None)  # what is known beforehand never gets that far
    documents = [of_product(product(number)) for number in range(7)]
    bad = type(documents[1])(key=KEY, product_id="x" * 600, version=1, body=b"{}")
    written = bulk.write([*documents, bad], index.targets())
    assert written.changed == set(range(7))
    assert "action_request_validation_exception" in written.refused[7]


def test_large_batches_go_in_calls_of_bounded_size(fresh: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "LARGEST_CALL", 10_000)
    sizes: list[int] = []
    real = client().bulk

    def measured(body: bytes, params: Any = None) -> Any:
        sizes.append(len(body))
        return real(body=body, params=params)

    monkeypatch.setattr(client(), "bulk", measured)
    put([product(number) for number in range(100)])
    assert len(sizes) > 5
    assert max(sizes) <= 10_000


def test_every_document_of_several_calls_at_once_gets_its_own_answer(
    fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_IN_A_CALL", 10)
    documents = [of_product(product(number)) for number in range(95)]
    known, new = documents[:40], documents[40:]
    bulk.write(known, index.targets())
    bad = type(documents[0])(key=KEY, product_id="bad", version=1, body=b'{"Postcode":"SW1A1AA","Discount":"much"}')
    written = bulk.write([*known, bad, *new], index.targets())
    assert written.changed == set(range(41, 96))
    assert set(written.refused) == {40}


def test_removing_a_catalogue_spares_the_others_and_what_came_back(fresh: str) -> None:
    put([product(1), product(2), product(3, OTHER)])
    later = NOW + timedelta(days=1)
    put([as_product(KEY, scraped(2), None, later)])
    removing.remove_catalog(KEY, product(1).version + 1)
    index.refresh()
    assert names(KEY, "oak table") == ["Oak Table 2"]
    assert names(OTHER, "oak table") == ["Oak Table 3"]
    assert removing.indexed_catalogs() == {KEY, OTHER}


def test_only_old_tombstones_are_swept_away(fresh: str) -> None:
    put([product(3)])
    old, new = of_removal(KEY, "sample-1", 5, NOW), of_removal(KEY, "sample-2", 5, NOW + timedelta(days=10))
    bulk.write([old, new], index.targets())
    assert removing.remove_tombstones(NOW + timedelta(days=16)) == 1
    assert removing.remove_tombstones(NOW + timedelta(days=16)) == 0
    assert names(KEY, "oak table") == ["Oak Table 3"]


def test_catalogue_made_while_sweeping_keeps_its_documents(fresh: str) -> None:
    put([product(1, OTHER)])
    removing.sweep(lambda key: False, first_version(NOW), NOW)
    assert removing.indexed_catalogs() == {OTHER}


def test_documents_without_a_table_are_swept_away(fresh: str) -> None:
    put([product(1), product(2, OTHER), product(3, "ZZ99ZZ")])
    assert removing.sweep(lambda key: key == KEY, first_version(NOW + timedelta(days=1)), NOW) == 2
    assert removing.indexed_catalogs() == {KEY}


def test_node_that_is_away_means_later(monkeypatch: pytest.MonkeyPatch) -> None:
    with stage(monkeypatch, OPENSEARCH_ENDPOINT="http://127.0.0.1:9"):
        client.cache_clear()
        with pytest.raises(RetryLater, match="does not answer"):
            candidates(KEY, [("r", "oak table", Decimal(0))])
        with pytest.raises(RetryLater, match="does not answer"):
            bulk.write([of_product(product(1))], ["any"])
    client.cache_clear()
