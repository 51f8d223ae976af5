"""What holds of every verdict, whatever the names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.matching import generic
from chalicelib.matching.remainder import remainder
from chalicelib.matching.stand_ins import may_have
from chalicelib.matching.text import read_title
from chalicelib.matching.verdict import Offer, explain, judge, shipped, side
from chalicelib.matching.vetoes import VETOES, objections, vetoed
from chalicelib.synonyms import (
    narrower,
    perhaps_meant,
    phrase_groups,
    synonym_groups,
    unsaid,
    with_compared_phrases,
    with_phrases_mended,
)

THINGS = ["olive oil", "bluetooth headset", "semi skimmed milk", "crème brûlée", "cola", "desk lamp", "jalapeño sauce"]
EXTRAS = ["Larkfield", "Original", "Family", "Brightwell", "Classic"]
SIZES = {
    "ml": [("ml", 1), ("cl", 10), ("l", 1000), (" litre", 1000)],
    "g": [("g", 1), ("kg", 1000), (" grams", 1)],
    "mm": [("mm", 1), ("cm", 10), (" metres", 1000)],
}
things, extras = st.sampled_from(THINGS), st.lists(st.sampled_from(EXTRAS), max_size=2, unique=True)
amounts = st.integers(1, 99).map(lambda tens: tens * 10)
WORDS = "canon ink tank cli-226 black cyan red 4gb 500 ml 1l 6 x 330ml for with case ipad 2 olive oil spread , ( ) 3.5"
names = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=10).map(" ".join)

JOINED = "blu-ray bluray blu ray cushtop cush top headset hedset wi-fi wifi 24 24inch 610mm fusion fusion5 3d 3 d"
written_together = st.lists(st.sampled_from(JOINED.split()), min_size=1, max_size=5).map(" ".join)


def written(amount: int, unit: str, size: int) -> str:
    return f"{amount / size:g}{unit}"


@given(things, extras, st.randoms())
def test_case_accents_and_the_order_of_a_wish_change_nothing(thing: str, more: list[str], chance: object) -> None:
    offer = Offer(" ".join([*more, thing.title()]))
    plain = "".join(one for one in unicodedata.normalize("NFKD", thing) if not unicodedata.combining(one))
    for wish in (thing, thing.upper(), plain, f"  {thing} "):
        assert judge(wish, offer).accepted, wish
        assert judge(wish, offer).score == judge(thing, offer).score
    turned = " ".join(reversed(thing.split()))
    assert judge(turned, offer).accepted


@given(things, st.sampled_from(sorted(SIZES)), amounts, st.data())
def test_a_size_is_the_same_in_any_unit(thing: str, dimension: str, amount: int, data: st.DataObject) -> None:
    ours, theirs = (written(amount, *data.draw(st.sampled_from(SIZES[dimension]))) for _ in range(2))
    assert judge(f"{thing} {ours}", Offer(f"Larkfield {thing} {theirs}")).accepted, (ours, theirs)


@given(things, st.sampled_from(sorted(SIZES)), amounts, amounts, st.data())
def test_another_size_is_refused_in_any_unit(
    thing: str, dimension: str, one: int, other: int, data: st.DataObject
) -> None:
    ours, theirs = (written(size, *data.draw(st.sampled_from(SIZES[dimension]))) for size in (one, other))
    verdict = explain(f"{thing} {ours}", Offer(f"Larkfield {thing} {theirs}"))
    assert verdict.accepted == (one == other), (ours, theirs)
    assert any(reason.startswith("another size:") for reason in verdict.reasons) == (one != other)


@given(things, extras)
def test_who_accepts_a_thing_accepts_it_with_more_said(thing: str, more: list[str]) -> None:
    """Words that only name make or range never turn a general wish away."""
    assert judge(thing, Offer(" ".join([*more, thing]))).accepted


@given(names, names)
@settings(max_examples=300, deadline=None)
def test_an_explanation_is_of_the_same_verdict(wish: str, name: str) -> None:
    verdict, explained = judge(wish, Offer(name)), explain(wish, Offer(name))
    assert (verdict.accepted, verdict.score) == (explained.accepted, explained.score)
    assert explained.reasons


@given(names, names)
@settings(max_examples=300, deadline=None)
def test_a_veto_always_refuses_and_says_why(wish: str, name: str) -> None:
    a, b = side(wish), side(Offer(name))
    assert vetoed(a, b) == bool(objections(a, b)) == any(veto.differs(a, b) for veto in VETOES)
    if vetoed(a, b):
        assert not judge(wish, Offer(name)).accepted
        assert set(objections(a, b)) <= set(explain(wish, Offer(name)).reasons)


@given(written_together, written_together)
@settings(max_examples=300, deadline=None)
def test_a_glance_at_letters_foresees_every_word_that_is_there_after_all(wish: str, name: str) -> None:
    """The shortcut before the words are gone through refuses nothing that they would have found."""
    a, b = side(wish), side(Offer(name))
    left = remainder(a.title, b.title)
    if not generic.uncovered(a, b, left):
        assert all(may_have(word, a, b) for word in a.title.word_set - b.title.word_set)


@given(names)
def test_a_name_never_contradicts_itself(name: str) -> None:
    assert not vetoed(side(name), side(Offer(name)))


@pytest.mark.parametrize(
    ("wish", "name", "accepted"),
    [
        ("nikon coolpix 14 megapixel camera", "Nikon Coolpix Camera 14.2 Megapixel", True),
        ("memory card 1gb", "Memory Card 1024 MB", True),
        ("memory card 1gb", "Memory Card 2 GB", False),
        ("milk 1l", "Whole Milk 1.5 l", False),
        ("iphone 4 silicone cover", "iPhone 3G Silicone Cover", False),
        ("iphone 3gs silicone cover", "Silicone Cover for iPhone 3G 3GS", True),
        ("ipad 2 case", "iPad Case", True),
        ("ipod 8gb 5g", "iPod 5G 8 GB", True),
        ("galaxy s21", "Larkfield Galaxy S22", False),
        ("grill 22-1/2 inch", "Larkfield Grill 22.5 inch", True),
        ("grill 22½ inch", "Larkfield Grill 22 inch", False),
    ],
)
def test_quantities_are_one_where_shops_round_them_and_models_where_they_are_named(
    wish: str, name: str, accepted: bool
) -> None:
    assert vetoed(side(wish), side(Offer(name))) != accepted


@pytest.mark.parametrize(
    ("wish", "offer", "reason"),
    [
        ("red cover", Offer("Silicone Cover Black"), "another colour black, not red"),
        ("red cover", Offer("Silicone Cover"), "colour not named: red"),
        (Offer("Desk Lamp", brand="Larkfield"), Offer("Desk Lamp", brand="Brightwell"), "another brand: Brightwell"),
        ("iphone 4 cover", Offer("iPhone 3G Cover"), "another iphone 3g, not 4"),
        ("cola 6 x 330ml", Offer("Cola 12 x 330 ml"), "another size: 12 x, not 6 x"),
    ],
)
def test_every_veto_says_what_differs(wish: str | Offer, offer: Offer, reason: str) -> None:
    reasons = explain(wish, offer).reasons
    assert any(one.startswith(reason) for one in reasons), reasons


@pytest.mark.parametrize("group", phrase_groups(), ids=lambda group: group[0])
def test_expressions_of_a_line_are_one(group: tuple[str, ...]) -> None:
    words = {read_title(phrase).words for phrase in group} | {read_title(f"{group[0]}s").words}
    assert len(words) == 1


def test_an_expression_is_only_found_whole() -> None:
    assert with_compared_phrases("loo papers") == "toilet roll"
    assert with_compared_phrases("loo-paper holder") == "toilet roll holder"
    assert with_compared_phrases("igloo paper") == "igloo paper"


def test_expressions_are_put_right_in_a_wish() -> None:
    assert with_phrases_mended("Asics shoes running") == "Asics running shoe"
    assert with_phrases_mended("paper printer a4") == "printer paper a4"
    assert with_phrases_mended("fabric conditoner 2l") == "fabric conditioner 2l"
    assert with_phrases_mended("fabric curtains") == "fabric curtains"
    assert with_phrases_mended("tea") == "tea"


def test_a_misspelt_word_may_mean_the_nearest_listed_ones() -> None:
    assert perhaps_meant("telivision") == ("television",)
    assert perhaps_meant("television") == perhaps_meant("qzzzzz") == perhaps_meant("4k") == ()


def test_no_word_is_in_two_lines_of_synonyms() -> None:
    words = [word for group in (*synonym_groups(), *phrase_groups()) for word in group]
    assert len(words) == len(set(words))


def test_the_things_of_a_kind_are_things_of_the_kinds_above_it() -> None:
    assert "airpod" in narrower()["headphone"]  # as an earbud
    for kind, things in narrower().items():
        for thing in things & narrower().keys():
            assert narrower()[thing] <= things | {kind}


@pytest.mark.parametrize("listed", [narrower(), unsaid()])
def test_things_are_listed_in_the_form_they_are_compared_in(listed: dict[str, frozenset[str]]) -> None:
    for word, things in listed.items():
        assert word not in things
        assert read_title(word).words == tuple(word.split())
        for thing in things:
            assert read_title(thing).words == tuple(thing.split())


def test_the_limit_lies_between_what_is_refused_and_what_satisfies() -> None:
    assert judge("olive oil", Offer("Larkfield Olive Oil")).score > shipped().threshold
