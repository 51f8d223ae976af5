"""Names taken apart here and by OpenSearch: the same words, for whatever name is known here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.search import words
from chalicelib.search.analysis import LONGEST_WORD, taken_apart
from chalicelib.search.client import client
from chalicelib.search.index import read_alias
from tests.fakes.search import index_at

ANALYZERS = (words.NAME_ANALYZER, words.JOINED_ANALYZER)
LATIN = "".join(map(chr, range(0xA0, 0x250)))
SIGNS = "".join(map(chr, range(0x2010, 0x2040))) + "€™−√■★"
PIECES = (
    "ml", "l", "litres", "kg", "kilo", "kilos", "g", "cl", "0.5", "1,000", "1,5", "007", "pack", "pack of ", " x ",
    "fl oz", "inch", '"', "gb", "pcs", "'s", "’s", "dishes", "tomatoes", "boxes", "berries", "glass", "WH-1000XM4",
    "a.b", "1.2.3", "__", "_", "§", "~", "@", "\t", "\n", "\x00",
)  # fmt: skip
known = st.text(st.sampled_from("abgklmopsx ABGKLMSX 012589 .,:;'-/+&éßÆŁø×"), max_size=12)
anything = st.text(st.one_of(st.sampled_from(LATIN + SIGNS), st.characters(codec="utf-8")), max_size=6)
names = st.lists(st.one_of(st.sampled_from(PIECES), known, anything), max_size=8).map("".join)


@pytest.fixture(scope="module", autouse=True)
def alias(opensearch_url: str) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, index_at(patch, opensearch_url) as name:
        yield name


def asked_of_opensearch(name: str, analyzer: str) -> tuple[str, ...]:
    answer = client().indices.analyze(index=read_alias(), body={"analyzer": analyzer, "text": [name]})
    return tuple(token["token"] for token in answer["tokens"])


@pytest.mark.parametrize("analyzer", ANALYZERS)
@example([f"a{sign}b 1{sign}2 {sign} a{sign}1 1{sign}a {sign}s 5 l{sign}" for sign in LATIN + SIGNS])
@given(st.lists(names, min_size=30, max_size=60))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_opensearch_gives_the_same_words(analyzer: str, asked: list[str]) -> None:
    here = taken_apart(asked, analyzer)
    known_here = list(here)
    # Many in one call come back as each alone does: test_search_candidates.py.
    assert dict(zip(known_here, words.asked_of_opensearch(known_here, analyzer), strict=True)) == here


@pytest.mark.parametrize("analyzer", ANALYZERS)
def test_usual_names_are_known_here(analyzer: str) -> None:
    usual = ["Crème fraîche 0,5 l", "LEGO® Star Wars™ – 6–12", "Müller’s 4 pack", "żółta Łódź 2kg", "£5 off • 10″ pan"]
    assert taken_apart(usual, analyzer) == {name: asked_of_opensearch(name, analyzer) for name in usual}


@pytest.mark.parametrize("name", ["牛乳 1 l", "Молоко", "x\x1fy", "a" * (LONGEST_WORD + 1)])
def test_what_is_not_known_here_is_asked_of_opensearch(name: str) -> None:
    assert name not in taken_apart([name, "milk"], words.NAME_ANALYZER)
    assert words.words_of([name])[name] == asked_of_opensearch(name, words.NAME_ANALYZER)


def test_marks_of_trade_are_no_words() -> None:
    assert words.words_of(["LEGO® Duplo™"]) == {"LEGO® Duplo™": ("lego", "duplo")}
