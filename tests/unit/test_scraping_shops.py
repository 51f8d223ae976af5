"""Walks every declared shop: it can be loaded, is sound, and reads its saved page as expected.

A shop's page and what it should read as lie in ``shops/<key>/``; ``python -m chalicelib.scraping.preview SHOP POSTCODE
--save FOLDER`` writes both, and whoever adds the shop checks the second against the first.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from chalicelib.errors import SettingError
from chalicelib.scraping import shops
from chalicelib.scraping.pages import Page
from chalicelib.scraping.preview import products_of, table
from chalicelib.scraping.shops.declaration import (
    ByCookie,
    BySteps,
    NextLink,
    PageNumber,
    Scroll,
    Selectors,
    Shop,
    Sitemap,
    Step,
)

SAVED = Path(__file__).parent / "shops"
KEYS = shops.declared()


def test_there_are_shops_and_every_saved_page_is_one_s() -> None:
    assert KEYS
    assert {folder.name for folder in SAVED.iterdir()} == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_declaration_is_sound(key: str) -> None:
    shop = shops.read(key)
    assert shop.key == key
    assert shop.name.strip()
    assert {urlsplit(url).netloc for url in shop.start} <= set(shop.hosts)
    assert any(shop.region_of(postcode) for postcode in ("SW1A 1AA", "M1 1AE", "EH1 1YZ", "BT1 5GS"))


@pytest.mark.parametrize("key", KEYS)
def test_a_shop_reads_its_saved_page_as_expected(key: str) -> None:
    folder, shop = SAVED / key, shops.read(key)
    expected = json.loads((folder / "expected.json").read_text())
    page = Page(url=expected["Url"], status=200, html=(folder / "page.html").read_text())
    assert msgspec.to_builtins(products_of(page, shop)) == expected["Products"]


@pytest.mark.parametrize("key", KEYS)
def test_a_declaration_survives_as_json(key: str, tmp_path: Path) -> None:
    shop = shops.read(key)
    path = tmp_path / f"{key}.json"
    path.write_bytes(msgspec.json.encode(shop))
    assert shops.read(str(path)) == shop


# What a declaration may not say --------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {"key": "corner", "name": "Corner", "hosts": ("c.example",), "start": ("https://c.example/",)}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"key": "Corner Shop"}, "key"),
        ({"key": "x"}, "key"),
        ({"hosts": ()}, "hosts"),
        ({"start": ()}, "start"),
        ({"start": ("https://elsewhere.example/",)}, "not on one of its hosts"),
        ({"start": ("file:///etc/passwd",)}, "not on one of its hosts"),
        ({"needs_script": False, "paging": Scroll()}, "need a browser"),
        (
            {"needs_script": False, "locating": BySteps(url="https://c.example/", steps=(Step(selector="#p"),))},
            "browser",
        ),
        ({"paging": Sitemap(pattern="(")}, "regular expression"),
    ],
)
def test_a_wrong_declaration_is_said(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        Shop(**(GOOD | wrong)).checked()


@pytest.mark.parametrize(
    "content",
    [
        '{"key": "corner"}',
        "{",
        '{"key": "corner", "name": "C", "hosts": ["c.example"], "start": ["https://c.example/"], "pauze": 3}',
    ],
)
def test_a_json_file_that_is_no_declaration_is_said(content: str, tmp_path: Path) -> None:
    path = tmp_path / "corner.json"
    path.write_text(content)
    with pytest.raises(SettingError, match=r"corner\.json"):
        shops.read(str(path))


def test_an_unknown_shop_is_said_with_those_there_are() -> None:
    with pytest.raises(SettingError, match="sample"):
        shops.read("nowhere")


@pytest.mark.parametrize("paging", [NextLink(), PageNumber(parameter="p"), Scroll(), Sitemap(pattern="/p/")])
@pytest.mark.parametrize(
    "locating", [ByCookie(name="place"), BySteps(url="https://c.example/where", steps=(Step(selector="#p"),))]
)
def test_a_shop_can_be_moved_to_another_origin(paging: Any, locating: Any) -> None:
    moved = Shop(**GOOD, paging=paging, locating=locating).moved_to("http://127.0.0.1:8070/")
    assert moved.hosts == ("127.0.0.1:8070",)
    assert moved.start == ("http://127.0.0.1:8070/",)
    assert not isinstance(moved.locating, BySteps) or moved.locating.url == "http://127.0.0.1:8070/where"
    assert moved.paging == paging


def test_the_preview_s_table_shows_what_a_page_did_not_say_as_a_dash() -> None:
    page = Page(
        url="https://c.example/",
        status=200,
        html='<html><body><article class="card"><h2><a href="/p/1">Tea 80 bags</a></h2><p>£2.50</p></article></body>',
    )
    shop = Shop(**GOOD, selectors=Selectors(card="article"))
    heading, line = table(products_of(page, shop)).splitlines()
    assert heading.split()[:2] == ["product", "name"]
    assert line.split()[:6] == ["Tea", "80", "bags", "-", "-", "2.50"]
