"""What declarations can say, each against a small shop: steps, cookies, sitemaps, product pages, scrolling."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import pytest
from scraping_support import Answer, TestShop, serving, shop_at, unpacked_layer
from test_scraping_worker import CARDS, Bench, bench, listing, number_in, stage, table  # noqa: F401 - fixtures

from chalicelib.models import Availability
from chalicelib.scraping import preview, shops
from chalicelib.scraping.browser import Browser
from chalicelib.scraping.outcomes import Outcome
from chalicelib.scraping.process import start_browser
from chalicelib.scraping.shops.declaration import (
    ByCookie,
    BySteps,
    NextLink,
    PageNumber,
    Paging,
    Scroll,
    Shop,
    Sitemap,
    Step,
)
from chalicelib.scraping.worker import run_job
from chalicelib.settings import read_settings, settings

Respond = Callable[[str, dict[str, str]], Answer]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with start_browser(unpacked_layer()) as started:
        yield started


def product_page(number: int, price: str = "4.20", stock: str = "InStock") -> str:
    offer = {"@type": "Offer", "price": price, "priceCurrency": "GBP", "availability": f"https://schema.org/{stock}"}
    button = "<button>Add to basket</button>" if stock == "InStock" else "<p>Sold out</p>"
    data = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": f"Kettle {number}",
        "sku": f"T{number}",
        "offers": offer,
    }
    return (
        f'<!doctype html><html lang="en-GB"><head><title>Kettle {number}</title>'
        f'<script type="application/ld+json">{json.dumps(data)}</script></head><body><main><h1>Kettle {number}</h1>'
        f'<p class="price">£{price}</p>{button}<p>A kettle for people who like tea.</p></main></body>'
    )


# Sitemaps ------------------------------------------------------------------------------------------------------------


def sitemap_shop(origins: list[str], answers: list[int]) -> Respond:
    def respond(path: str, headers: dict[str, str]) -> Answer:
        if path == "/robots.txt":
            return Answer("", 404)
        if path == "/sitemap.xml":
            if headers.get("if-none-match") == '"one"':
                answers.append(304)
                return Answer("", 304)
            answers.append(200)
            names = ["/p/3", "/p/1", "/p/2", "/about", "/p/gone"]
            entries = "".join(f"<url><loc>{origins[0]}{name}</loc></url>" for name in names)
            entries += "<url><loc>http://169.254.169.254/p/4</loc></url>"
            body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
            return Answer(body, content_type="application/xml", etag='"one"')
        if path == "/p/gone":
            return Answer("<h1>Not found</h1>", 404)
        return Answer(product_page(int(path.rpartition("/")[2])))

    return respond


def sitemap_bench(served: TestShop, origins: list[str]) -> Bench:
    origins.append(served.origin)
    start = (f"{origins[0]}/sitemap.xml",)
    return bench(served, start=start, paging=Sitemap(pattern=r"/p/"))


def test_the_product_pages_a_sitemap_names_are_read() -> None:
    origins: list[str] = []
    answers: list[int] = []
    with serving(sitemap_shop(origins, answers)) as served:
        at = sitemap_bench(served, origins)
        report = at.run(at.open_run())
        assert (report.outcome, report.products) == (Outcome.COMPLETE, 3)
        assert sorted(product.product_name for product in at.written["SW1A1AA"]) == ["Kettle 1", "Kettle 2", "Kettle 3"]
        assert "/about" not in served.paths()
        assert served.paths().count("/p/2") == 1


def test_an_unchanged_sitemap_is_not_sent_again() -> None:
    origins: list[str] = []
    answers: list[int] = []
    with serving(sitemap_shop(origins, answers)) as served:
        at = sitemap_bench(served, origins)
        for _ in range(2):
            assert at.run(at.open_run()).products == 3
        assert answers == [200, 304]


def test_a_walk_through_a_sitemap_goes_on_where_it_was() -> None:
    origins: list[str] = []
    with serving(sitemap_shop(origins, [])) as served:
        at = sitemap_bench(served, origins)
        job = at.open_run()
        outcomes = []
        for _ in range(10):
            budget = iter([800.0, 800.0])
            report = run_job(job, at.shop, at.tools, lambda left=budget: next(left, 0.0))
            outcomes.append(report.outcome)
            if report.follow_up is None:
                break
            job = report.follow_up
        assert outcomes[0] is Outcome.UNFINISHED
        assert outcomes[-1] is Outcome.COMPLETE
        assert len(at.written["SW1A1AA"]) == 3
        assert [path for path in served.paths() if path.startswith("/p/")] == ["/p/1", "/p/2", "/p/3", "/p/gone"]


# Product pages -------------------------------------------------------------------------------------------------------


def test_product_pages_complete_what_listings_say() -> None:
    def respond(path: str, headers: dict[str, str]) -> Answer:
        if path == "/robots.txt":
            return Answer("", 404)
        if path.startswith("/p/"):
            number = int(path[3:])
            return Answer(product_page(number, "9.99", "OutOfStock" if number == 2 else "InStock"))
        return Answer(listing(number_in(path), 2))

    with serving(respond) as served:
        at = bench(served, visit_products=True)
        report = at.run(at.open_run())
        assert (report.outcome, report.products) == (Outcome.COMPLETE, 2 * CARDS)
        second = next(product for product in at.written["SW1A1AA"] if product.shop_product_id == "K2")
        assert (second.product_name, str(second.price), second.availability) == (
            "Kettle 2",
            "9.99",
            Availability.OUT_OF_STOCK,
        )


# Locating ------------------------------------------------------------------------------------------------------------

CONSENT = '<div id="consent"><button id="agree" onclick="this.parentNode.remove()">OK</button></div>'


@pytest.mark.parametrize("consent", [CONSENT, ""])
def test_a_visitor_s_steps_tell_the_shop_the_postcode(consent: str, browser: Browser) -> None:
    def respond(path: str, headers: dict[str, str]) -> Answer:
        cookie = headers.get("cookie", "")
        if path == "/robots.txt":
            return Answer("", 404)
        if path.startswith("/where?"):
            place = parse_qs(urlsplit(path).query)["place"][0]
            return Answer("<p id=thanks>thanks</p>", set_cookie=f"place={place.replace(' ', '-')}")
        if path == "/start":
            return Answer(f"{consent}<form action=/where><input name=place value=old><button id=go>Go</button></form>")
        return (
            Answer(listing(1, 1)) if "place=EH1-1YZ" in cookie else Answer("<h1>Where are you?</h1>" + "please " * 500)
        )

    with serving(respond) as served:
        steps = (
            Step(selector="#agree", optional=True),
            Step(selector="[name=place]", text="{postcode}"),
            Step(selector="#go", wait="#thanks"),
        )
        at = bench(served, browser, locating=BySteps(url=f"{served.origin}/start", steps=steps))
        report = at.run(at.open_run("EH1 1YZ"))
        assert (report.outcome, report.products) == (Outcome.COMPLETE, CARDS)


def test_the_listing_to_which_the_form_leads_is_not_asked_for_again(browser: Browser) -> None:
    """The form sends its field in the address; the listing that follows is the one where reading begins."""

    def respond(path: str, headers: dict[str, str]) -> Answer:
        if path == "/robots.txt":
            return Answer("", 404)
        return Answer(
            "<form action=/all><input name=place><button>Go</button></form>" if path == "/" else listing(1, 1)
        )

    with serving(respond) as served:
        steps = (Step(selector="[name=place]", text="{postcode}"), Step(selector="button", wait="article"))
        start = (f"{served.origin}/all?place=EH1+1YZ",)
        at = bench(served, browser, start=start, locating=BySteps(url=f"{served.origin}/", steps=steps))
        report = at.run(at.open_run("EH1 1YZ"))
        assert (report.outcome, report.products) == (Outcome.COMPLETE, CARDS)
        assert served.paths() == ["/robots.txt", "/", "/all?place=EH1+1YZ"]


def test_a_step_that_finds_nothing_ends_the_job(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with serving(
        lambda path, headers: Answer("", 404) if path == "/robots.txt" else Answer("<p>redesigned</p>")
    ) as served:
        locating = BySteps(url=f"{served.origin}/", steps=(Step(selector="#postcode", text="{postcode}"),))
        at = bench(served, browser, locating=locating)
        report = at.run(at.open_run())
        assert (report.outcome, report.reason) == (Outcome.FAILED, "the page does not show '#postcode'")


def test_one_shop_s_cookies_are_not_shown_to_the_next(browser: Browser) -> None:
    def respond(path: str, headers: dict[str, str]) -> Answer:
        return Answer("", 404) if path == "/robots.txt" else Answer(listing(1, 1))

    with serving(respond) as served:
        first = bench(served, browser, locating=ByCookie(name="place", value="{key}"))
        first.run(first.open_run("SW1A 1AA"))
        second = bench(served, browser)
        second.run(second.open_run("SW1A 1AA"))
        cookies = [unquote(headers.get("cookie", "")) for path, headers in served.asked if path == "/"]
        assert cookies == ["place=SW1A1AA", ""]


# Every way of learning the postcode and of paging, in a real browser ------------------------------------------------

WHERE = "<form action=/where><input name=place><button>Go</button></form>"


def asked_in_every_way(path: str, headers: dict[str, str]) -> Answer:
    """A shop that learns the postcode from address or cookie, and pages by link and by number."""
    place = parse_qs(urlsplit(path).query).get("place", [""])[0]
    known = "EH1" in place or "EH1" in headers.get("cookie", "")
    if path == "/robots.txt":
        return Answer("", 404)
    if path == "/start":
        return Answer(WHERE)
    if path.startswith("/where"):
        return Answer("<p id=thanks>thanks</p>", set_cookie=f"place={place.replace(' ', '')}")
    if path.startswith("/p/"):
        return Answer(product_page(int(path[3:])))
    if not known:
        return Answer("<h1>Where are you?</h1>", 404)
    return Answer(listing(min(number_in(path), 3), 3).replace('href="/?', f'href="/?place={place}&amp;'))


STEPS = (Step(selector="[name=place]", text="{postcode}"), Step(selector="button", wait="#thanks"))


@pytest.mark.parametrize("paging", [NextLink(), PageNumber()], ids=["next link", "page number"])
@pytest.mark.parametrize("how", ["address", "cookie", "form"])
def test_every_way_of_locating_goes_with_every_way_of_paging(how: str, paging: Paging, browser: Browser) -> None:
    with serving(asked_in_every_way) as served:
        ways: dict[str, dict[str, Any]] = {
            "address": {"start": (f"{served.origin}/?place={{key}}&page=1",)},
            "cookie": {"locating": ByCookie(name="place", value="{key}")},
            "form": {"locating": BySteps(url=f"{served.origin}/start", steps=STEPS)},
        }
        at = bench(served, browser, paging=paging, **ways[how])
        report = at.run(at.open_run("EH1 1YZ"))
        assert (report.outcome, report.products) == (Outcome.COMPLETE, 3 * CARDS)


def test_the_pages_of_a_sitemap_are_read_in_a_browser(browser: Browser) -> None:
    origins: list[str] = []
    with serving(sitemap_shop(origins, [])) as served:
        origins.append(served.origin)
        at = bench(served, browser, start=(f"{served.origin}/sitemap.xml",), paging=Sitemap(pattern=r"/p/"))
        report = at.run(at.open_run())
        assert (report.outcome, report.products) == (Outcome.COMPLETE, 3)


# Scrolling -----------------------------------------------------------------------------------------------------------

SCROLLING = """<!doctype html><html lang="en-GB"><body><main id="shelf"></main><script>
let shown = 0;
function more() {
  for (let i = 0; i < 8 && shown < LIMIT; i++, shown++) {
    const card = document.createElement("article");
    card.className = "card"; card.dataset.sku = "K" + shown; card.style.height = "400px";
    card.innerHTML = `<h2><a href="/p/${shown}">Tinned beans number ${shown}</a></h2>`
      + `<p class="price">£${shown + 1}.50</p>`;
    shelf.append(card);
  }
}
more();
addEventListener("scroll", () => {
  if (innerHeight + scrollY > document.body.scrollHeight - 300) setTimeout(more, 50);
});
</script></body></html>"""


def scrolling(limit: str) -> Respond:
    return lambda path, headers: Answer("", 404) if path == "/robots.txt" else Answer(SCROLLING.replace("LIMIT", limit))


def test_an_endless_shelf_is_scrolled_to_its_end(browser: Browser) -> None:
    with serving(scrolling("40")) as served:
        at = bench(served, browser, paging=Scroll())
        report = at.run(at.open_run())
        assert (report.outcome, report.products) == (Outcome.COMPLETE, 40)


def test_a_shelf_that_really_has_no_end_is_a_fault(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.scraping.walking.ATTEMPTS", 1)
    with serving(scrolling("1e9")) as served:
        at = bench(served, browser, paging=Scroll(limit=5))
        report = at.run(at.open_run())
        assert report.outcome is Outcome.FAILED
        assert "still grows" in report.reason


# The preview ---------------------------------------------------------------------------------------------------------


def previewed(shop: Shop, place: str, pages: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of the preview of ``shop`` as a JSON file."""
    monkeypatch.setenv("SCRAPE_PRIVATE_HOSTS", place)
    settings.cache_clear()
    monkeypatch.setattr(preview, "layer", unpacked_layer)
    path = folder / "shop.json"
    path.write_bytes(msgspec.json.encode(shop))
    return preview.main([str(path), "EH1 1YZ", "--pages", str(pages)])


@pytest.mark.parametrize(("paging", "pages"), [(NextLink(), 3), (PageNumber(), 4)])
def test_the_preview_turns_pages_as_a_job_does(
    paging: Paging, pages: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(asked_in_every_way) as served:
        shop = shop_at(served.origin, needs_script=False, locating=ByCookie(name="place", value="{key}"), paging=paging)
        assert previewed(shop, served.place, 9, tmp_path, monkeypatch) == 0
    assert f"{3 * CARDS} products on {pages} pages" in capsys.readouterr().out


def test_the_preview_reads_only_the_pages_of_a_sitemap_that_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    origins: list[str] = []
    with serving(sitemap_shop(origins, [])) as served:
        origins.append(served.origin)
        start = (f"{served.origin}/sitemap.xml",)
        shop = shop_at(served.origin, needs_script=False, start=start, paging=Sitemap(pattern="/p/"))
        assert previewed(shop, served.place, 9, tmp_path, monkeypatch) == 0
        assert "/about" not in served.paths()
    assert "3 products on 4 pages" in capsys.readouterr().out


# Shops as JSON files -------------------------------------------------------------------------------------------------


def test_a_shop_can_be_a_json_file(tmp_path: Path) -> None:
    path = tmp_path / "corner.json"
    path.write_text(
        json.dumps(
            {
                "key": "corner",
                "name": "Corner Shop",
                "hosts": ["corner.example"],
                "start": ["https://corner.example/{region}?for={postcode}"],
                "locating": {"type": "cookie", "name": "place"},
                "paging": {"type": "page-number", "parameter": "p"},
                "regions": {"SW": "london"},
            }
        )
    )
    shop = shops.load(read_settings({"SHOPS": f"sample,{path}", "SHOP_ORIGINS": "corner=http://127.0.0.1:8070"}))[
        "corner"
    ]
    assert shop.locating == ByCookie(name="place")
    assert shop.hosts == ("127.0.0.1:8070",)
    assert shop.url_with(shop.start[0], "SW1A 1AA", "london") == "http://127.0.0.1:8070/london?for=SW1A%201AA"
