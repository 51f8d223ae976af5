"""What a product has to have to be similar to a wish, and how products at hand are asked for it."""

from __future__ import annotations

import pytest

from chalicelib.search.clauses import JOINED, WORDS, Clause, Wished, alike, models_in
from chalicelib.search.inverted_index import InvertedIndex


def stocked(*names: str, joined: str = "") -> InvertedIndex:
    """Products of these words, all with the same model numbers."""
    return InvertedIndex({WORDS: [name.split() for name in names], JOINED: [joined.split()] * len(names)})


def wished(words: str, models: str = "") -> Wished:
    return Wished(tuple(words.split()), tuple(models.split()))


def needed(clauses: list[Clause]) -> tuple[int, int]:
    """How many words a product needs, and of how many."""
    ((_, inner),) = clauses[0].items()
    return inner["minimum_should_match"], len(inner["should"])


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("oak", (1, 1)),
        ("oak table", (2, 2)),
        ("oak table lamp", (1, 3)),
        ("oak table lamp set", (2, 4)),
        ("oak table lamp set black", (2, 5)),
        ("oak oak oak", (1, 1)),
    ],
)
def test_half_of_the_words_are_needed(wish: str, expected: tuple[int, int]) -> None:
    assert needed(alike(wished(wish), {})) == expected


def test_a_name_without_words_asks_for_nothing() -> None:
    assert alike(wished(""), {}) == []


def test_every_way_to_write_a_word_is_asked_for() -> None:
    (word,) = alike(wished("oak"), {})[0]["bool"]["should"]
    assert [list(way) for way in word["bool"]["should"]] == [["terms"], ["fuzzy"]]


@pytest.mark.parametrize(
    ("wish", "names", "found"),
    [
        ("oak", ["oak table", "pine table", "oak"], [0, 2]),
        ("oak table", ["oak", "table", "table oak"], [2]),
        ("oak table lamp", ["lamp", "pine chair", "a table"], [0, 2]),
        ("oak table lamp set", ["oak chair", "oak lamp", "set table lamp", "set"], [1, 2]),
        ("oak table lamp set black red", ["oak lamp", "black red set", "oak red lamp"], [1, 2]),
        ("tabel", ["table", "cable", "tables"], [0]),
        ("lawnmower", ["lawn", "mower lawn", "lawnmower", "lawn chair"], [1, 2]),
        ("lawn mower", ["lawnmower", "mower"], [0]),
        ("ipad2", ["ipad 2", "ipad 3"], [0]),
        ("500ml", ["400ml", "500ml"], [1]),
    ],
)
def test_products_at_hand_are_found_as_by_opensearch(wish: str, names: list[str], found: list[int]) -> None:
    assert stocked(*names).fulfilling(alike(wished(wish), {})) == found


def test_synonyms_and_model_numbers_count() -> None:
    those = stocked("driver acme", "hammer acme", joined="ac12")
    assert those.fulfilling(alike(wished("acme drill"), {"drill": ("driver",)})) == [0]
    assert those.fulfilling(alike(wished("acne hammer"), {})) == [1]
    assert those.fulfilling(alike(wished("saw", "ac12"), {})) == [0, 1]
    assert those.fulfilling(alike(wished("ac12"), {})) == []


def test_nothing_is_found_on_an_empty_stocked() -> None:
    assert stocked().fulfilling(alike(wished("oak table", "ac12"), {})) == []


def test_any_number_of_products_is_told_apart() -> None:
    assert stocked(*(["oak", "pine"] * 500)).fulfilling(alike(wished("pine"), {})) == list(range(1, 1000, 2))


@pytest.mark.parametrize(
    ("name", "models"), [("Sony WH-1000XM4 headphones", "WH-1000XM4"), ("6 eggs", ""), ("a 12.5 b-2c", "12.5 b-2c")]
)
def test_model_numbers_are_told_from_words(name: str, models: str) -> None:
    assert models_in(name) == models


def test_near_words_are_within_the_edits_allowed_and_begin_alike() -> None:
    known = stocked("tables tabel table cable towel")
    assert sorted(known.near("table")) == ["tabel", "table", "tables"]
    assert known.near("ta") == []
