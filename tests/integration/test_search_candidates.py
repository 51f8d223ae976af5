"""Which products the index proposes for a wish: every spelling, the same however many wishes are asked at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from opensearchpy.exceptions import TransportError

from chalicelib.catalog.changes import as_product
from chalicelib.errors import RetryLater
from chalicelib.search import bulk, clauses, index, querying, words
from chalicelib.search.clauses import Clause, Wished
from chalicelib.search.client import client
from chalicelib.search.documents import of_product
from chalicelib.search.querying import FEW, PAGE, candidates
from chalicelib.search.words import words_of
from tests.fakes.cloud import NOW, scraped
from tests.fakes.search import index_at

FILLING = [(f"filling {number}", f"quartz sundial {number}", Decimal(0)) for number in range(FEW)]
"""Wishes beside another: with them, the shelf is read and looked through."""


@pytest.fixture(scope="module", autouse=True)
def alias(opensearch_url: str) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, index_at(patch, opensearch_url) as name:
        yield name


def put(key: str, names: Sequence[str], **said: str) -> None:
    products = [as_product(key, scraped(at, product_name=name, **said), None, NOW) for at, name in enumerate(names)]
    written = bulk.write([of_product(product) for product in products], index.targets())
    assert (written.waiting, written.refused) == (frozenset(), {})
    index.refresh()


def proposed(key: str, wish: str) -> list[str]:
    """The names proposed for ``wish``, which must be the same alone and among others."""
    alone = candidates(key, [("r", wish, Decimal(0))])["r"]
    assert candidates(key, [("r", wish, Decimal(0)), *FILLING])["r"] == alone
    return sorted(product.product_name for product in alone)


@pytest.mark.parametrize(
    ("wish", "name"),
    [
        ("lawnmower", "Flymo Electric Lawn Mower"),
        ("lawn mower", "Flymo Electric Lawnmower"),
        ("ipad2 case", "Leather Case for iPad 2"),
        ("ipad 2 case", "Leather Case for iPad2"),
        ("cornflakes", "Kellogg's Corn Flakes 500g"),
        ("telly", "Samsung 32 inch Television"),
        ("refrigerator", "Fridge with Ice Box"),
        ("mice", "Wireless Mouse"),
        ("headfones", "Stereo Headphones"),
        ("tomatoe", "Vine Tomatoes 6 pack"),
        ("biscuits", "Chocolate Digestives 433g"),
        ("mobile phone", "Apple iPhone 15 128GB"),
        ("fizzy drinks", "Pepsi Max 2L"),
        ("fizzy drinks", "Diet Coke 8 x 330ml"),  # another name of a thing of the kind
        ("cereal", "Kellogg's Corn Flakes 720g"),
        ("telivision", "Samsung 32 inch TV"),  # misspelt, and another word
        ("computer mouse", "Optical Mouse Grey"),  # it goes without saying
        ("memorycard", "Sandisk 64GB SDHC Card"),  # joined, and another word
        ("ear phones", "Wireless Earbuds White"),  # parted, and another word
        ("phone case", "Silicone Cover for iPhone 14"),
    ],
)
def test_a_word_is_found_however_it_is_written(wish: str, name: str) -> None:
    key = f"K{abs(hash((wish, name)))}"
    put(key, [name, "Garden Hose"])
    assert proposed(key, wish) == [name]


def test_a_thing_is_not_found_by_others_of_its_kind() -> None:
    put("KINDS", ["Shortbread Biscuits", "Chocolate Digestives"])
    assert proposed("KINDS", "digestives") == ["Chocolate Digestives"]


def test_numbers_are_not_forgiven() -> None:
    put("NUMBERS", ["Cola 500ml", "Cola 600ml", "Cola 50ml"])
    assert proposed("NUMBERS", "cola 500 ml") == ["Cola 500ml"]


def test_the_brand_is_as_good_as_a_word_of_the_name() -> None:
    put("BRAND", ["Marshmallow Headphones"], brand="Acme")
    assert proposed("BRAND", "acme headphones") == proposed("BRAND", "acne headphones") == ["Marshmallow Headphones"]
    assert proposed("BRAND", "zenith headphones") == []


def test_the_category_is_as_good_as_words_of_the_name() -> None:
    put("FILED", ["Yorkshire Gold 240s"], brand="Taylors", category="Drinks > Black Tea")
    assert proposed("FILED", "black tea") == proposed("FILED", "yorkshire tea") == ["Yorkshire Gold 240s"]
    assert proposed("FILED", "green tea") == []


def test_more_than_a_page_of_products_is_proposed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(querying, "PAGE", 7)
    names = [f"Oak Table {number:02}" for number in range(30)]
    put("PAGES", names)
    assert PAGE > 7
    assert proposed("PAGES", "oak table") == names


LONG = ["x" * 100, "ab " * 33, "abcdefgh " * 11, "abcdefghijklmnopqrst " * 4, "1a " * 33]


@pytest.mark.parametrize("name", LONG)
def test_no_name_is_too_much_for_a_search(name: str) -> None:
    key = f"LONG{LONG.index(name)}"
    wishes = [(str(at), f"{name}{at}"[-100:], Decimal(0)) for at in range(60)]
    put(key, ["Oak Table", *(wished for _, wished, _ in wishes)])
    together = candidates(key, wishes)
    assert all(together.values())
    assert candidates(key, wishes[:FEW]) == {wish[0]: together[wish[0]] for wish in wishes[:FEW]}


@pytest.mark.parametrize("joint", ["", "-", "&", " 1"])
@pytest.mark.parametrize("count", [1, FEW, 40])
def test_names_with_words_that_no_space_parts_are_not_too_much_either(joint: str, count: int) -> None:
    """Each ideograph is a word, and so is what punctuation parts."""
    key = f"PARTED{ord(joint[-1]) if joint else 0}X{count}"
    signs = [chr(0x4E00 + at) for at in range(4000)]
    names = [joint.join(signs[100 * at : 100 * at + 100])[:100] for at in range(count)]
    put(key, ["Oak Table", *names])
    assert all(candidates(key, [(name, name, Decimal(0)) for name in names]).values())


def test_wishes_for_the_same_are_asked_once_and_answered_each_by_its_own_discount() -> None:
    half = as_product("SAME", scraped(1, product_name="Oak Table", price=Decimal(5), was_price=Decimal(10)), None, NOW)
    bulk.write([of_product(half)], index.targets())
    index.refresh()
    wishes = [(str(percent), "oak table", Decimal(percent)) for percent in (0, 50, 51)]
    assert {wish: len(found) for wish, found in candidates("SAME", wishes).items()} == {"0": 1, "50": 1, "51": 0}


def typed_badly(word: str, chance: Random) -> str:
    """``word`` with up to three edits."""
    letters = list(word)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(letters))
        edit = chance.randrange(4)
        if edit == 0:
            letters.insert(at, chance.choice("abcde"))
        elif edit == 1 and len(letters) > 1:
            del letters[at]
        elif edit == 2:
            letters[at] = chance.choice("abcde")
        elif at + 1 < len(letters):
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def test_misspelt_words_find_the_same_alone_and_together() -> None:
    """Alone, OpenSearch's own fuzziness finds them; together, they are looked for on the shelf."""
    chance = Random(7)
    known = ["".join(chance.choice("abcdeé") for _ in range(chance.randint(2, 9))) for _ in range(120)]
    put("EDITS", [" ".join(chance.sample(known, 3)) for _ in range(60)])
    wishes = [(str(at), typed_badly(chance.choice(known), chance), Decimal(0)) for at in range(150)]
    together = candidates("EDITS", wishes)
    assert sum(map(len, together.values())) > 150
    for at in range(0, len(wishes), FEW):
        few = wishes[at : at + FEW]
        assert candidates("EDITS", few) == {wish[0]: together[wish[0]] for wish in few}


def written_otherwise(name: Sequence[str], chance: Random) -> str:
    """The words of ``name``, some left out, misspelt, joined or split, in another order."""
    words = chance.sample(name, chance.randint(1, len(name)))
    written = [typed_badly(word, chance) if chance.random() < 0.3 else word for word in words]
    split = [f"{word[:3]} {word[3:]}" if len(word) > 6 and chance.random() < 0.2 else word for word in written]
    return "".join(word + chance.choice(("", " ", " ", " ", "-")) for word in split)


def test_whole_names_find_the_same_alone_and_together() -> None:
    chance = Random(11)
    known = ["".join(chance.choice("abcde") for _ in range(chance.randint(3, 9))) for _ in range(60)]
    known += ["500ml", "6pack", "ab12", "x-100", "2", "telly", "television", "fridge"]
    names = [chance.sample(known, chance.randint(1, 7)) for _ in range(80)]
    put("NAMES", [" ".join(name) for name in names], brand=known[0])
    wishes = [(str(at), written_otherwise(chance.choice(names), chance), Decimal(0)) for at in range(150)]
    together = candidates("NAMES", wishes)
    assert sum(map(bool, together.values())) > 100
    for wish in wishes:
        assert candidates("NAMES", [wish])[wish[0]] == together[wish[0]], wish


def test_many_names_are_taken_apart_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["", "--", "Oak Table", "🙂 smile 🙂", "Crème 0.5 l", "6 x 33cl!", " pad ", "b" * 300, "Müller’s 4 pack."]
    monkeypatch.setattr(words, "LETTERS_AT_ONCE", 1)
    words.forget_words()
    alone = words_of(names)
    words.forget_words()
    monkeypatch.setattr(words, "LETTERS_AT_ONCE", 10_000)
    assert words_of(names) == alone
    assert alone["6 x 33cl!"] == ("6pack", "330ml")
    assert alone[""] == ()


def test_a_wish_opensearch_cannot_answer_keeps_no_other_waiting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def alike(wished: Wished, *rest: Any) -> list[Clause]:
        return [{"unheard_of": {}}] if "walnut" in wished.words else clauses.alike(wished, *rest)

    monkeypatch.setattr(querying, "alike", alike)
    put("REFUSED", ["oak table", "walnut desk"])
    found = candidates("REFUSED", [(name, name, Decimal(0)) for name in ("walnut desk", "oak table")])
    assert {wish: [product.product_name for product in products] for wish, products in found.items()} == {
        "walnut desk": [],
        "oak table": ["oak table"],
    }
    (error,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert (error.message, getattr(error, "wish", None)) == ("wish cannot be searched for", "walnut desk")


def test_an_index_that_answers_nothing_is_no_fault_of_a_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    def search(**_: Any) -> dict[str, Any]:
        raise TransportError(500, "internal_server_error", {})

    monkeypatch.setattr(client(), "search", search)
    with pytest.raises(RetryLater):
        candidates("ILL", [("r", "oak table", Decimal(0))])
