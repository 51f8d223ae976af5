"""Price, availability and SKU read from pages nobody here wrote: F1 by the published rule, and pages a second."""

from __future__ import annotations

import gzip
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import ROOT, Figure, Limit, Report, cases, figure, percentile, single
from chalicelib.errors import RetryLater
from chalicelib.models import Availability
from chalicelib.scraping.extraction import ExtractedProduct, PageVerdict, extract_product

if TYPE_CHECKING:
    from chalicelib.scraping.browser import Browser

READINGS = "EXTRACTION_READINGS"
"""Environment variable: ``html``, ``browser`` or ``html,browser`` (both, where the layer's browser has been built)."""
TO_BEAT = {
    "price": 0.924,
    "price, as published": 0.924,
    "availability": 0.929,
    "sku": 0.91,
    "out-of-stock recall": 0.33,
}
"""The best commercial system on the 70 pages of the shared data, where only the published notation counts."""
_LAYER = ROOT / "build" / "layer" / "selenium-layer.zip"
_NOTHING_ELSE = "default-src 'none'; style-src 'unsafe-inline'"
"""Content-Security-Policy of the served pages: no script, no other host."""


@dataclass(frozen=True, slots=True)
class Case:
    """One page with its true values."""

    key: str
    url: str
    html: str
    truth: dict[str, list[str]]


@dataclass
class Score:
    """Counts of the published rule: a page is right when the predicted value equals one of the true ones.

    A wrong value is both a false positive and, where there is a true one, a false negative.
    """

    right: int = 0
    wrong: int = 0
    missed: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, case: Case, true: set[Any], predicted: Any, same: Callable[[Any, Any], bool]) -> None:
        """Counts one page."""
        if predicted is not None and any(same(value, predicted) for value in true):
            self.right += 1
            return
        self.wrong += predicted is not None
        self.missed += bool(true)
        if predicted is not None or true:
            self.errors.append(f"{case.key[:8]} true {sorted(map(str, true))} read {predicted} {case.url[:80]}")

    @property
    def recall(self) -> float:
        """Right pages among those that have a true value."""
        return self.right / (self.right + self.missed) if self.right else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0


def run(data: Path | None) -> Report:
    """Scores every page of ``data``: ``ground-truth.json`` beside ``html/<key>.html.gz``."""
    pages = load(cases(data, "product-pages"))
    figures: dict[str, Figure] = {}
    notes = [f"{len(pages)} pages; baseline: extruct and price-parser on the same HTML."]
    for reading, read in _readings(pages):
        scores, taken = score(pages, read, time.process_time if reading == "html" else time.perf_counter)
        prefix = "" if reading == "html" else f"{reading} "
        figures |= {prefix + name: value for name, value in _figures(scores, taken).items()}
        misread = scores["price"].right - scores["price, as published"].right
        notes += [f"{reading}: the true price of {misread} pages is their thousands point read as a decimal point."]
        notes += [f"{reading} {name}: {error}" for name, counts in scores.items() for error in counts.errors]
    limits = {
        name: Limit(at_least=TO_BEAT[name.removeprefix("browser ")])
        for name in figures
        if name.removeprefix("browser ") in TO_BEAT
    }
    return Report(figures, _baseline(pages), limits, notes)


def load(folder: Path) -> list[Case]:
    """The pages of ``folder`` with their true values, in the order of their keys."""
    truths = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return [Case(key, truth["url"], _html(folder, key), truth) for key, truth in sorted(truths.items())]


def _html(folder: Path, key: str) -> str:
    return gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()).decode("utf-8", "replace")


def score(
    pages: list[Case], read: Callable[[Case], ExtractedProduct], clock: Callable[[], float] = time.process_time
) -> tuple[dict[str, Score], list[float]]:
    """Scores by attribute and the seconds (of ``clock``) each page took."""
    scores = {
        name: Score()
        for name in ("price", "price, as published", "availability", "availability, filled", "sku", "out of stock")
    }
    taken = []
    for case in pages:
        started = clock()
        product = read(case)
        taken.append(clock() - started)
        _count(scores, case, product)
    return scores, taken


def _count(scores: dict[str, Score], case: Case, product: ExtractedProduct) -> None:
    prices = {price for text in case.truth.get("price", []) if (price := _decimal(text)) is not None}
    states = set(case.truth.get("availability", []))
    state = None if product.availability is Availability.UNKNOWN else product.availability.value
    scores["price"].add(case, prices, product.price, partial(same_price, case.html))
    scores["price, as published"].add(case, prices, product.price, _equal)
    scores["availability"].add(case, states, state, _equal)
    scores["availability, filled"].add(case, states, state or "InStock", _equal)
    scores["sku"].add(case, set(case.truth.get("sku", [])), product.sku, _equal)
    scores["out of stock"].add(case, states & {"OutOfStock"}, state if state == "OutOfStock" else None, _equal)


def _equal(true: Any, predicted: Any) -> bool:
    return bool(true == predicted)


def same_price(html: str, true: Decimal, predicted: Decimal) -> bool:
    """Equal as numbers, or the page shows the amount with a point between its thousands and the annotator copied it as
    if that were a decimal point (Chilean ``$24.990``, true value ``24.99``)."""
    if true == predicted:
        return True
    shown = f"{int(predicted):,}".replace(",", ".")
    return predicted == int(predicted) and shown.count(".") == 1 and Decimal(shown) == true and _shows(html, shown)


def _shows(html: str, shown: str) -> bool:
    return shown in html or shown.replace(".", ",") in html


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None


def _figures(scores: dict[str, Score], taken: list[float]) -> dict[str, Figure]:
    found = {name: single(counts.f1, "F1") for name, counts in scores.items()}
    return found | {
        "out-of-stock recall": single(scores["out of stock"].recall, ""),
        "pages": single(len(taken) / sum(taken), "1/s"),
        "page": figure([seconds * 1000 for seconds in taken], "ms"),
        "page, 95 %": single(percentile([seconds * 1000 for seconds in taken], 95), "ms"),
    }


# Ways of reading ----------------------------------------------------------------------------------------------------


def _readings(pages: list[Case]) -> Iterator[tuple[str, Callable[[Case], ExtractedProduct]]]:
    wanted = os.environ.get(READINGS, "html,browser").split(",")
    if "html" in wanted:
        yield "html", lambda case: extract_product(case.html, case.url)
    if "browser" in wanted and _LAYER.is_file():
        with _browser(pages) as read:
            yield "browser", read


@contextmanager
def _browser(pages: list[Case]) -> Iterator[Callable[[Case], ExtractedProduct]]:
    """Reads through the worker's own browser from the layer; nothing but this machine's pages can be reached."""
    from benchmarks.scraping_shop import layer_folder
    from chalicelib.scraping.guard import Guard
    from chalicelib.scraping.process import start_browser

    with _served(pages) as port, start_browser(layer_folder()) as browser:
        host = f"127.0.0.1:{port}"
        browser.serve(Guard(page_hosts=frozenset({host}), private=frozenset({host})))
        yield lambda case: _through(browser, f"http://{host}/{case.key}", case)


def _through(browser: Browser, address: str, case: Case) -> ExtractedProduct:
    """What the browser makes of a page; nothing, where it cannot read it at the second attempt either."""
    for _ in range(2):
        try:
            return extract_product(browser.open(address).html, case.url)
        except RetryLater as problem:
            print(f"{case.key[:8]}: {problem}")
    return ExtractedProduct(url=case.url, verdict=PageVerdict.ERROR)


@contextmanager
def _served(pages: Iterable[Case]) -> Iterator[int]:
    sources = {f"/{case.key}": case.html.encode("utf-8") for case in pages}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = sources.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", _NOTHING_ELSE)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Nothing: the figures are the output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


# The baseline -------------------------------------------------------------------------------------------------------


def _baseline(pages: list[Case]) -> dict[str, Figure]:
    """extruct's JSON-LD and microdata with price-parser, nothing else; empty where they are not installed."""
    try:
        import extruct
        from price_parser import Price
    except ImportError:
        return {}
    scores, taken = score(pages, lambda case: _plainly(case, extruct.extract, Price.fromstring))
    return _figures(scores, taken)


def _plainly(case: Case, extract: Callable[..., dict[str, Any]], parse: Callable[[str], Any]) -> ExtractedProduct:
    found = extract(case.html, base_url=case.url, syntaxes=["json-ld", "microdata"], uniform=True, errors="ignore")
    products = [item for items in found.values() for item in items if "product" in str(item.get("@type")).lower()]
    product = products[0] if products else {}
    offers = product.get("offers") or {}
    offer = offers[0] if isinstance(offers, list) and offers else offers
    offer = offer if isinstance(offer, dict) else {}
    amount = parse(str(offer.get("price") or offer.get("lowPrice") or "")).amount
    state = str(offer.get("availability") or "").rsplit("/", 1)[-1]
    sku = product.get("sku") or product.get("productID")
    return ExtractedProduct(
        url=case.url,
        price=amount,
        availability=Availability(state) if state in ("InStock", "OutOfStock") else Availability.UNKNOWN,
        sku=str(sku) if isinstance(sku, str | int) else None,
    )
