"""Reading ahead: at the same time as the work, in order, never twice, and failing only where the page is asked for."""

from __future__ import annotations

import threading
from contextvars import ContextVar

import pytest

from chalicelib.scraping.ahead import ReadingAhead
from chalicelib.scraping.pages import Page, PageFailed


class Shop:
    """Pages by address; notes what was read and holds the pages in ``held`` back until ``release`` is set."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.begun, self.release = threading.Event(), threading.Event()
        self.held: set[str] = set()

    def read(self, url: str) -> Page:
        self.asked.append(url)
        self.begun.set()
        if url in self.held:
            assert self.release.wait(5)
        if url == "broken":
            raise PageFailed("too large")
        return Page(url=url, status=200, html=f"<p>{url}")


def test_the_next_page_is_loading_while_the_present_one_is_worked_on() -> None:
    shop = Shop()
    shop.held = {"two"}
    with ReadingAhead(shop.read) as pages:
        assert pages.page("one").url == "one"
        shop.begun.clear()
        pages.begin("two")
        assert shop.begun.wait(5)
        shop.release.set()
        assert pages.page("two").html == "<p>two"
    assert shop.asked == ["one", "two"]


def test_a_page_that_was_read_ahead_fails_where_it_is_asked_for_and_may_be_read_again() -> None:
    shop = Shop()
    with ReadingAhead(shop.read) as pages:
        pages.begin("broken")
        for _ in range(2):
            with pytest.raises(PageFailed, match="too large"):
                pages.page("broken")
    assert shop.asked == ["broken", "broken"]


def test_another_page_than_the_expected_one_is_read_after_it() -> None:
    shop = Shop()
    with ReadingAhead(shop.read) as pages:
        pages.begin("two")
        assert pages.page("three").url == "three"
        assert pages.page("two").url == "two"
    assert shop.asked == ["two", "three", "two"]


def test_the_end_waits_for_what_is_loading() -> None:
    shop = Shop()
    with ReadingAhead(shop.read) as pages:
        pages.begin("two")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("page")]


def test_what_is_read_ahead_belongs_to_the_same_context() -> None:
    shopper: ContextVar[str] = ContextVar("shopper", default="nobody")
    seen: list[str] = []

    def read(url: str) -> Page:
        seen.append(shopper.get())
        return Page(url=url, status=200, html="")

    shopper.set("somebody")
    with ReadingAhead(read) as pages:
        pages.page("one")
        pages.begin("two")
    assert seen == ["somebody"] * 2
