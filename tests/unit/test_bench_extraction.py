"""The scoring of the extraction benchmark: the published rule, how prices are compared, a run over a small folder."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.extraction import READINGS, Case, Score, load, run, same_price

CASE = Case("a", "https://shop.example/p/1", "", {})


def _equal(true: object, predicted: object) -> bool:
    return true == predicted


def test_the_published_rule() -> None:
    counts = Score()
    for true, predicted in [({"1"}, "1"), ({"1", "2"}, "2"), ({"1"}, "3"), ({"1"}, None), (set(), "4"), (set(), None)]:
        counts.add(CASE, true, predicted, _equal)
    assert (counts.right, counts.wrong, counts.missed) == (2, 2, 2)
    assert counts.recall == 0.5
    assert counts.f1 == 0.5


def test_nothing_right_scores_zero() -> None:
    counts = Score()
    counts.add(CASE, {"1"}, None, _equal)
    assert (counts.f1, counts.recall) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("html", "true", "predicted", "same"),
    [
        ("", "12.50", "12.5", True),
        ("<b>$24.990</b>", "24.99", "24990", True),
        ("<b>Rs 23,450</b>", "23.450", "23450", True),
        ("<b>$24990</b>", "24.99", "24990", False),
        ("<b>$24.990</b>", "24.99", "24991", False),
        ("<b>£12.50</b>", "12.50", "1250", False),
        ("<b>1.299.000 ₫</b>", "1.299", "1299000", False),
    ],
)
def test_prices_are_compared_as_numbers_and_as_shown(html: str, true: str, predicted: str, same: bool) -> None:
    assert same_price(html, Decimal(true), Decimal(predicted)) is same


def _page(name: str, body: str) -> bytes:
    return gzip.compress(f"<html><head><title>{name}</title></head><body><h1>{name}</h1>{body}</body></html>".encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pages: one that the rules read, one whose true values they cannot know."""
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "a.html.gz").write_bytes(
        _page("Pan", '<b class="price">£5</b><p>SKU: AB-12</p><p>Sold out</p>')
    )
    (tmp_path / "html" / "b.html.gz").write_bytes(_page("Pot", "<p>Ask us.</p>"))
    truth = {
        "a": {"url": "https://shop.example/p/a", "price": ["5"], "availability": ["OutOfStock"], "sku": ["AB-12"]},
        "b": {"url": "https://shop.example/p/b", "price": ["7"], "availability": ["InStock"], "sku": ["ZZ-9"]},
    }
    (tmp_path / "ground-truth.json").write_text(json.dumps(truth))
    return tmp_path


def test_a_run_over_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(READINGS, "html")
    assert [case.key for case in load(folder)] == ["a", "b"]
    report = run(folder)
    found = {
        name: round(report.figures[name].median, 3) for name in ("price", "availability", "availability, filled", "sku")
    }
    assert found == {"price": 0.667, "availability": 0.667, "availability, filled": 1.0, "sku": 0.667}
    assert report.figures["out-of-stock recall"].median == 1.0
    assert report.kept("price") is False
    assert report.kept("out-of-stock recall") is True
