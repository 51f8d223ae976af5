"""What is asked of OpenSearch for a wish: only what a product on the shelf can have."""

from __future__ import annotations

import pytest

from chalicelib.search.clauses import BRAND, JOINED, NAME, Clause, Wished, alike, models_in, size
from chalicelib.search.vocabulary import Vocabulary


def shelf(names: str, brands: str = "", joined: str = "") -> Vocabulary:
    words = {NAME: names.split(), BRAND: brands.split(), JOINED: joined.split()}
    return Vocabulary(words, misspelt_in=(NAME, BRAND))


def wished(words: str, models: str = "") -> Wished:
    return Wished(tuple(words.split()), tuple(models.split()))


def needed(clauses: list[Clause]) -> tuple[int, int]:
    """How many words a product needs, and of how many."""
    ((_, inner),) = clauses[0].items()
    return inner["minimum_should_match"], len(inner["should"])


@pytest.mark.parametrize(
    ("wish", "there", "expected"),
    [
        ("oak", "oak", (1, 1)),
        ("oak table", "oak table", (2, 2)),
        ("oak table lamp", "oak", (1, 1)),
        ("oak table lamp set", "oak lamp", (2, 2)),
        ("oak table lamp set black", "oak lamp table", (2, 3)),
        ("oak oak oak", "oak", (1, 1)),
    ],
)
def test_half_of_the_words_are_needed_and_those_on_the_shelf_are_asked_for(
    wish: str, there: str, expected: tuple[int, int]
) -> None:
    assert needed(alike(wished(wish), {}, shelf(there))) == expected


@pytest.mark.parametrize(
    ("wish", "there"), [("oak table", "oak"), ("oak table lamp set", "oak"), ("", "oak"), ("oak", "")]
)
def test_a_wish_with_too_few_words_on_the_shelf_is_not_asked_for(wish: str, there: str) -> None:
    assert alike(wished(wish), {}, shelf(there)) == []


def test_each_field_is_asked_for_the_words_it_has() -> None:
    clauses = alike(wished("acme drill", "ac12"), {"drill": ("driver",)}, shelf("driver drell", "acme", "ac12 bd3"))
    assert clauses[0]["bool"]["should"] == [
        {"bool": {"should": [{"terms": {BRAND: ["acme"]}}]}},
        {"bool": {"should": [{"terms": {NAME: ["drell", "driver"]}}]}},
    ]
    assert clauses[1] == {"terms": {JOINED: ["ac12"]}}


def test_two_words_stand_for_one_where_the_shelf_has_both() -> None:
    both = {"bool": {"filter": [{"term": {NAME: "lawn"}}, {"term": {NAME: "mower"}}]}}
    assert alike(wished("lawnmower"), {}, shelf("lawn mower"))[0]["bool"]["should"] == [{"bool": {"should": [both]}}]
    assert alike(wished("lawnmower"), {}, shelf("lawn")) == []


def test_the_size_of_a_clause_is_that_of_its_innermost_ones() -> None:
    assert sum(map(size, alike(wished("acme lawnmower", "ac12"), {}, shelf("acme lawn mower", "acme", "ac12")))) == 5


def test_without_a_vocabulary_everything_is_asked_for() -> None:
    kinds = [list(way) for way in alike(wished("oak"), {}, None)[0]["bool"]["should"][0]["bool"]["should"]]
    assert kinds == [["fuzzy"], ["fuzzy"], ["terms"], ["terms"]]


@pytest.mark.parametrize(
    ("name", "models"), [("Sony WH-1000XM4 headphones", "WH-1000XM4"), ("6 eggs", ""), ("a 12.5 b-2c", "12.5 b-2c")]
)
def test_model_numbers_are_told_from_words(name: str, models: str) -> None:
    assert models_in(name) == models


def test_a_vocabulary_of_no_words_knows_none_near() -> None:
    assert shelf("").near("table") == []


def test_near_words_are_within_the_edits_allowed_and_begin_alike() -> None:
    known = shelf("tables tabel table cable towel")
    assert sorted(known.near("table")) == ["tabel", "table", "tables"]
    assert known.near("ta") == []
