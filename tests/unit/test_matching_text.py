"""Names are read alike however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.edits import distance
from chalicelib.matching.spelling import resemblance
from chalicelib.matching.text import read_title
from chalicelib.matching.words import canonical_word, singular
from chalicelib.quantities import amount_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("milk 500ml", "Milk 500 ml"),
        ("milk 500ml", "milk 0.5 L"),
        ("milk 50cl", "milk 500ml"),
        ("rice 1.5kg", "rice 1500 g"),
        ("cola 6 x 330ml", "cola 6x330 ml"),
        ("cola 6 pack 330ml", "cola pack of 6 330ml"),
        ('monitor 22"', "monitor 22 inch"),
        ("monitor 22″", "monitor 22 inch"),
        ("monitor 22-inch", "monitor 22in"),
        ("drive 1 TB", "drive 1000GB"),
        ("software v10 .0", "software 10"),
        ("cable 1,000 mm", "cable 1 metre"),
        ("café crème", "CAFE CREME"),
        ("batteries", "battery"),
        ("boxes of matches", "box match"),
        ("television", "tv"),
        ("wi-fi router", "wireless router"),
    ],
)
def test_two_spellings_are_the_same_words(one: str, other: str) -> None:
    assert read_title(one).word_set == read_title(other).word_set


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("milk 500ml", "milk 500g"),
        ("6 pack", "12 pack"),
        ("4gb", "8gb"),
        ("22 inch", "24 inch"),
        ("glass", "glas"),
        ("v7", "v8"),
    ],
)
def test_different_things_stay_different(one: str, other: str) -> None:
    assert read_title(one).word_set != read_title(other).word_set


def test_codes_are_found_joined_and_in_parts() -> None:
    assert read_title("Sony DSC-W150/R camera").codes >= {"dscw150r"}
    assert read_title("belkin cushtop f8n044-slv").codes >= {"f8n044slv", "f8n044"}
    assert not read_title("olive oil 500 ml").codes


def test_what_a_thing_is_for_or_comes_with_is_told_apart() -> None:
    title = read_title("Leather Case for iPad 2 with Stand, Black")
    assert "ipad" in title.wording.asides.purpose
    assert title.wording.asides.purpose.isdisjoint({"leather", "case", "black"})
    listed = read_title("Charger for HP Pavilion, Lenovo ThinkPad, Samsung S23, Soundbar - Black, 2 m").wording.asides
    assert {"pavilion", "thinkpad", "s23", "soundbar"} <= listed.purpose
    assert "black" not in listed.purpose
    assert read_title("Camera with Lens - Silver").wording.asides.included == set(read_title("lens").words)


def test_singulars() -> None:
    words = {
        "batteries": "battery",
        "boxes": "box",
        "glass": "glass",
        "mice": "mouse",
        "bus": "bus",
        "cables": "cable",
        "tomatoes": "tomato",
    }
    assert {word: canonical_word(word) for word in words} == words
    assert singular("cameras") == "camera"


words = st.text(alphabet="abcdefg", min_size=0, max_size=9)


@given(words, words)
def test_distance_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert distance(one, other, 9) == distance(other, one, 9)
    assert abs(len(one) - len(other)) <= distance(one, other, 9) <= max(len(one), len(other))
    assert (distance(one, other, 9) == 0) == (one == other)


@given(words, words, st.integers(0, 3))
def test_a_limit_only_cuts_the_distance(one: str, other: str, limit: int) -> None:
    assert distance(one, other, limit) == min(distance(one, other, 9), limit + 1)


@given(words, words, words, words)
def test_what_two_words_begin_and_end_with_alike_is_no_edit(start: str, one: str, other: str, end: str) -> None:
    assert distance(start + one + end, start + other + end, 9) == distance(one, other, 9)


def test_swapped_neighbours_are_one_edit() -> None:
    assert distance("headset", "haedset", 2) == 1


@given(words, words)
def test_resemblance_is_a_symmetric_share(one: str, other: str) -> None:
    if one and other and one != other:
        assert 0 <= resemblance(one, other) <= 1
        assert resemblance(one, other) == resemblance(other, one)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("6 x 330ml", ("ml", 1980)),
        ("4 pack", ("pack", 4)),
        ("pack of 12", ("pack", 12)),
        ("1.5 kg", ("g", 1500)),
        ("500g", ("g", 500)),
        ("24 inch", None),
        ("500g or 750g", None),
        ("olive oil", None),
    ],
)
def test_how_much_a_pack_holds(text: str, amount: tuple[str, int] | None) -> None:
    assert amount_of(text) == amount
