"""The marks that the real browser leaves on a page, and what the extraction makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from scraping_support import Answer, TestShop, private_guard, serving, shop_at, unpacked_layer

from chalicelib.models import Availability
from chalicelib.scraping.browser import Browser
from chalicelib.scraping.extraction import extract_product
from chalicelib.scraping.pages import Page
from chalicelib.scraping.process import start_browser

Read = Callable[[str], Page]
STYLE = """<style>.x1 { display: none } .x2 { text-decoration: line-through } .x3 { font-size: 40px }
.x4 { position: absolute; left: -9999px } .x5 { display: contents }</style>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with start_browser(unpacked_layer()) as started:
        yield started


@pytest.fixture
def read(browser: Browser) -> Iterator[Read]:
    """Reads a page with this body and style sheet through the browser."""
    bodies: list[str] = []

    def answer(path: str, headers: dict[str, str]) -> Answer:
        page = f"<html><head><title>Pan</title>{STYLE}</head><body><h1>Pan</h1>{bodies[-1]}</body></html>"
        return Answer(page)

    def open_page(shop: TestShop, body: str) -> Page:
        bodies.append(body)
        browser.serve(private_guard(shop_at(shop.origin)))
        return browser.open(f"{shop.origin}/p/pan")

    with serving(answer) as shop:
        yield lambda body: open_page(shop, body)


def test_hidden_struck_and_large_texts_are_known_from_the_drawing(read: Read) -> None:
    page = read('<p class="x1">£3</p><p class="x4">£4</p><p class="x2">£9</p><p>£6</p><p class="x3">£5</p>')
    product = extract_product(page.html, page.url)
    assert (product.price, product.was_price) == (Decimal(5), Decimal(9))


def test_a_hidden_buy_button_does_not_hide_a_shown_sold_out(read: Read) -> None:
    page = read('<p class="x3">£5</p><p>Sold out</p><div class="x1"><button>Add to basket</button></div>')
    product = extract_product(page.html, page.url)
    assert (product.price, product.availability) == (Decimal(5), Availability.OUT_OF_STOCK)


def test_a_shown_buy_button_outweighs_a_hidden_sold_out(read: Read) -> None:
    page = read('<p class="x3">£5</p><p class="x1">Sold out</p><button>Add to basket</button>')
    assert extract_product(page.html, page.url).availability is Availability.IN_STOCK


def test_texts_without_a_box_of_their_own_and_in_shadow_roots_are_read(read: Read) -> None:
    page = read('<div class="x5"><span class="x5">£7</span></div>')
    assert extract_product(page.html, page.url).price == Decimal(7)
    page = read('<x-price></x-price><script>document.querySelector("x-price").attachShadow({mode: "open"})'
                '.innerHTML = "<b>£8</b>"</script>')  # fmt: skip
    assert extract_product(page.html, page.url).price == Decimal(8)


def test_the_page_itself_is_left_as_it_was(read: Read, browser: Browser) -> None:
    page = read("<p>£5</p>")
    assert "data-shelfwatch" in page.html
    assert browser.run('return document.querySelectorAll("[data-shelfwatch]").length') == 0


def test_reading_a_page_asks_for_no_images(browser: Browser) -> None:
    images = """<link rel="icon" href="/icon.png"><style>p { background: url(/behind.png) }</style><p>Tea</p>
    <img src="/a.png"><picture><source srcset="/b.webp"><img src="/c.jpg"></picture><input type=image src=/d.png>
    <img loading="lazy" src="/photo?id=1"><noscript><img src="/e.png"></noscript>
    <script>new Image().src = "/f.png"</script>"""
    with serving(lambda path, headers: Answer(images)) as shop:
        browser.serve(private_guard(shop_at(shop.origin)))
        page = browser.open(f"{shop.origin}/")
        browser.run("return new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
        assert shop.paths() == ["/"]
    assert '<noscript><img src="/e.png"></noscript>' in page.html


def test_a_page_runs_as_in_a_whole_window_though_a_corner_of_it_is_drawn(browser: Browser) -> None:
    seen = """<p style="position: absolute; left: 1200px; top: 1500px">Tea</p><script>
    const note = text => document.body.insertAdjacentHTML("beforeend", "<i>" + text + "</i>");
    new IntersectionObserver(seen => note("seen " + seen[0].isIntersecting)).observe(document.querySelector("p"));
    let frames = 0;
    const frame = () => ++frames < 5 ? requestAnimationFrame(frame) : note("five frames");
    requestAnimationFrame(frame);
    note([innerWidth, innerHeight, devicePixelRatio]);
    </script>"""
    with serving(lambda path, headers: Answer(seen)) as shop:
        browser.serve(private_guard(shop_at(shop.origin)))
        page = browser.open(f"{shop.origin}/", ready="i:nth-of-type(3)")
    assert page.ready
    for text in ("seen true", "five frames", "1280,1600,1"):
        assert f">{text}</i>" in page.html


def test_a_page_that_hides_all_of_itself_is_read_as_it_was_sent(read: Read) -> None:
    page = read("<style>body { visibility: hidden }</style><b class='price'>£5</b>" + "<p>words and words</p>" * 500)
    assert "data-shelfwatch" not in page.html
    assert extract_product(page.html, page.url).price == Decimal(5)
