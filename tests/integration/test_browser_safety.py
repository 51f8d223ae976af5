"""Hostile pages in the real browser: the right verdict, and no connection to where nobody may go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from scraping_support import Answer, Listener, TestShop, private_guard, serving, shop_at, unpacked_layer

from chalicelib.scraping import browser as browser_module
from chalicelib.scraping.browser import Browser
from chalicelib.scraping.guard import Forbidden
from chalicelib.scraping.pages import BrowserLost, PageFailed
from chalicelib.scraping.process import start_browser

Respond = Callable[[str, dict[str, str]], Answer]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with start_browser(unpacked_layer()) as started:
        yield started


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def shop(browser: Browser, listener: Listener) -> Iterator[Callable[[Respond], TestShop]]:
    """Opens a test shop for the browser; ``{listener}`` in its pages names the socket that must hear nothing."""
    opened: list[serving] = []  # type: ignore[valid-type]

    def open_shop(respond: Respond) -> TestShop:
        def named(path: str, headers: dict[str, str]) -> Answer:
            answer = respond(path, headers)
            answer.body = answer.body.replace(b"{listener}", listener.place.encode())
            answer.headers = {
                name: value.replace("{listener}", listener.place) for name, value in answer.headers.items()
            }
            return answer

        manager = serving(named)
        opened.append(manager)
        served = manager.__enter__()
        browser.serve(private_guard(shop_at(served.origin)))
        return served

    yield open_shop
    for manager in opened:
        manager.__exit__(None, None, None)


def page(body: str) -> Respond:
    return lambda path, headers: Answer(f"<!doctype html><title>x</title><body>{body}")


# Connections ---------------------------------------------------------------------------------------------------------

REACHING_OUT = {
    "script": '<script src="http://{listener}/s.js"></script>',
    "frame": '<iframe src="http://{listener}/f"></iframe>',
    "image": '<img src="http://{listener}/i">',
    "style": '<link rel="stylesheet" href="http://{listener}/c">',
    "prefetch": '<link rel="prefetch" href="http://{listener}/p"><link rel="preconnect" href="http://{listener}">'
    '<link rel="dns-prefetch" href="http://{listener}">',
    "fetch": '<script>fetch("http://{listener}/", {mode: "no-cors"})</script>',
    "beacon": '<script>navigator.sendBeacon("http://{listener}/b", "x")</script>',
    "socket": '<script>new WebSocket("ws://{listener}/"); new EventSource("http://{listener}/e")</script>',
    "secure": '<script src="https://{listener}/s.js"></script>',
    "localhost": '<script>fetch("http://localhost:" + "{listener}".split(":")[1], {mode: "no-cors"})</script>',
    "worker": """<script>const code = "fetch('http://{listener}/w', {mode: 'no-cors'})";
        new Worker(URL.createObjectURL(new Blob([code])))</script>""",
    "peer": "<script>try { const c = new RTCPeerConnection({iceServers: [{urls: 'stun:{listener}'}, "
    "{urls: 'turn:{listener}?transport=tcp', username: 'a', credential: 'b'}]}); c.createDataChannel('x'); "
    "c.createOffer().then(o => c.setLocalDescription(o)); } catch (e) {}</script>",
    "object": '<object data="http://{listener}/o"></object><embed src="http://{listener}/e">',
    "ping": '<a id="a" href="#" ping="http://{listener}/ping">x</a><script>a.click()</script>',
}


@pytest.mark.parametrize("how", REACHING_OUT)
def test_a_page_cannot_reach_another_address(
    how: str, browser: Browser, listener: Listener, shop: Callable[[Respond], TestShop]
) -> None:
    served = shop(page(REACHING_OUT[how] + '<p id="end">read</p>'))
    read = browser.open(f"{served.origin}/", ready="#end")
    assert "read" in read.html
    _let_it_try(browser)
    assert listener.heard == 0


def _let_it_try(browser: Browser) -> None:
    """Two frames and a timer: what a page starts while loading has been started by then."""
    browser.run("return 1")
    time.sleep(0.15)  # nothing can be awaited: the point is that nothing happens


@pytest.mark.parametrize(
    "target",
    [
        "http://{listener}/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "http://127.0.0.1:1/",
        "http://[::1]:1/",
        "ftp://{listener}/",
    ],
)
def test_a_redirect_to_elsewhere_is_refused(
    target: str, browser: Browser, listener: Listener, shop: Callable[[Respond], TestShop]
) -> None:
    served = shop(lambda path, headers: Answer("", 302, location=target))
    with pytest.raises((Forbidden, PageFailed)):
        browser.open(f"{served.origin}/")
    assert listener.heard == 0


@pytest.mark.parametrize(
    "script",
    [
        'location = "http://{listener}/"',
        'location = "data:text/html,<h1>price 1</h1>"',
        'location = "file:///etc/passwd"',
        'document.write("<meta http-equiv=refresh content=\\"0;url=http://{listener}/\\">")',
        'window.open("http://{listener}/")',
        """const form = document.createElement("form"); form.action = "http://{listener}/"; form.method = "post";
        document.body.append(form); form.submit()""",
    ],
)
def test_a_script_cannot_lead_elsewhere(
    script: str,
    browser: Browser,
    listener: Listener,
    shop: Callable[[Respond], TestShop],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(browser_module, "READY_SECONDS", 0.5)
    served = shop(page(f"<p>start</p><script>{script}</script>"))
    try:
        read = browser.open(f"{served.origin}/", ready="#never-there")
        assert read.url.startswith(served.origin)
        assert "root:" not in read.html
    except (Forbidden, PageFailed):
        pass  # the page has gone away, and the scraper has not followed
    assert listener.heard == 0


def test_an_address_outside_the_shop_is_not_even_asked_for(
    browser: Browser, listener: Listener, shop: Callable[[Respond], TestShop]
) -> None:
    shop(page("x"))
    for url in (f"http://{listener.place}/", "file:///etc/passwd", "http://169.254.169.254/"):
        with pytest.raises(Forbidden):
            browser.open(url)
    assert listener.heard == 0


def test_the_next_page_after_a_refusal_is_read(browser: Browser, shop: Callable[[Respond], TestShop]) -> None:
    served = shop(
        lambda path, headers: (
            Answer("", 302, location="http://169.254.169.254/") if path == "/bad" else Answer("<p>good</p>")
        )
    )
    with pytest.raises((Forbidden, PageFailed)):
        browser.open(f"{served.origin}/bad")
    assert "good" in browser.open(f"{served.origin}/good").html


# Nuisance ------------------------------------------------------------------------------------------------------------


def test_dialogs_do_not_hold_the_page_up(browser: Browser, shop: Callable[[Respond], TestShop]) -> None:
    served = shop(
        page('<script>alert(1); confirm(2); prompt(3); print(); onbeforeunload = () => "stay"</script><p>after</p>')
    )
    for _ in range(2):
        assert "after" in browser.open(f"{served.origin}/").html


def test_a_storm_of_windows_leaves_one(browser: Browser, shop: Callable[[Respond], TestShop]) -> None:
    served = shop(
        page("<script>for (let i = 0; i < 200; i++) open('/popup' + i); document.body.append('done')</script>")
    )
    assert "done" in browser.open(f"{served.origin}/").html
    assert not any(path.startswith("/popup") for path in served.paths())


def test_a_download_is_not_kept(browser: Browser, shop: Callable[[Respond], TestShop]) -> None:
    def respond(path: str, headers: dict[str, str]) -> Answer:
        if path == "/":
            return Answer("<p>page</p><a id=a href=/file download>x</a><script>a.click()</script>")
        return Answer(
            b"x" * 1000, content_type="application/octet-stream", content_disposition="attachment; filename=x.bin"
        )

    served = shop(respond)
    assert "page" in browser.open(f"{served.origin}/").html
    assert not list(browser.scratch.rglob("x.bin*"))


@pytest.mark.parametrize(
    "answer",
    [
        Answer("", 204),
        Answer(b"%PDF-1.4", content_type="application/pdf"),
        Answer(b"x", content_type="application/octet-stream", content_disposition="attachment; filename=x.bin"),
    ],
    ids=["empty answer", "document", "download"],
)
def test_what_is_no_page_does_not_hand_over_the_page_before(
    answer: Answer, browser: Browser, shop: Callable[[Respond], TestShop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_module, "READY_SECONDS", 0.3)
    served = shop(lambda path, headers: answer if path == "/other" else Answer("<p>tea"))
    assert "tea" in browser.open(f"{served.origin}/").html
    with pytest.raises(PageFailed, match="no page"):
        browser.open(f"{served.origin}/other")
    assert "tea" in browser.open(f"{served.origin}/").html


def test_a_service_worker_is_not_installed(browser: Browser, shop: Callable[[Respond], TestShop]) -> None:
    script = "navigator.serviceWorker.register('/sw.js').then(() => document.title = 'installed', () => undefined)"
    served = shop(page(f"<script>{script}</script>"))
    browser.open(f"{served.origin}/")
    assert browser.run("return document.title") != "installed"
    assert "/sw.js" not in served.paths()


def test_a_page_of_50_megabytes_is_cut_off(browser: Browser, shop: Callable[[Respond], TestShop]) -> None:
    served = shop(lambda path, headers: Answer("<p>good</p>" if path == "/good" else b"<p>" + b"x" * 50_000_000))
    started = time.monotonic()
    with pytest.raises(PageFailed, match=r"larger|too long"):
        browser.open(f"{served.origin}/")
    assert time.monotonic() - started < 30
    assert "good" in browser.open(f"{served.origin}/good").html


@pytest.mark.parametrize("where", ["inline", "later"])
def test_a_script_that_loops_for_ever_ends_with_its_page(
    where: str, browser: Browser, shop: Callable[[Respond], TestShop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_module, "PAGE_SECONDS", 2)
    monkeypatch.setattr(browser_module, "READY_SECONDS", 1)
    browser.restart()
    loop = {"inline": "for(;;);", "later": "setTimeout(() => { for(;;); }, 0)"}[where]
    served = shop(
        lambda path, headers: Answer("<p>good</p>" if path == "/good" else f"<p>x</p><script>{loop}</script>")
    )
    started = time.monotonic()
    with pytest.raises((PageFailed, BrowserLost)):
        browser.open(f"{served.origin}/", ready="#never")
    assert time.monotonic() - started < 10
    assert "good" in browser.open(f"{served.origin}/good").html


def test_a_page_is_read_once_it_has_arrived_though_the_driver_says_so_before(
    browser: Browser, shop: Callable[[Respond], TestShop]
) -> None:
    """The driver does so with large pages on a busy machine; here a page says of itself that it is still arriving."""
    script = """
    let arrived = false;
    Object.defineProperty(document, "readyState", {get: () => arrived ? "interactive" : "loading"});
    setTimeout(() => { arrived = true; document.body.insertAdjacentHTML("beforeend", "<p id=last>tea"); }, 500);
    """
    served = shop(page(f"<script>{script}</script>"))
    assert 'id="last"' in browser.open(served.origin).html


def test_a_server_that_stalls_ends_with_its_page(
    browser: Browser, shop: Callable[[Respond], TestShop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_module, "PAGE_SECONDS", 1)
    browser.restart()

    given_up = threading.Event()

    def respond(path: str, headers: dict[str, str]) -> Answer:
        if path == "/":
            given_up.wait(10)
        return Answer("<p>good</p>")

    served = shop(respond)
    with pytest.raises(PageFailed, match="too long"):
        browser.open(f"{served.origin}/")
    given_up.set()
    assert "good" in browser.open(f"{served.origin}/good").html


def test_a_shop_that_is_not_there_is_a_bad_gateway(browser: Browser, shop: Callable[[Respond], TestShop]) -> None:
    served = shop(page("x"))
    served.close()
    assert browser.open(f"{served.origin}/").status == 502
    with pytest.raises(PageFailed, match="reached"):
        browser.open(f"https://{served.place}/")


def test_status_and_retry_after_are_told(browser: Browser, shop: Callable[[Respond], TestShop]) -> None:
    served = shop(lambda path, headers: Answer("<p>busy</p>", 429, retry_after="17"))
    read = browser.open(f"{served.origin}/")
    assert (read.status, read.retry_after) == (429, 17)
