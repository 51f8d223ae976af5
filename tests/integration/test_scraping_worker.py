"""The worker on small shops: what completes, what does not, what is asked again, and what catalogues get to see."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from scraping_support import Answer, TestShop, make_pipeline_table, serving, shop_at, unpacked_layer

from chalicelib import aws
from chalicelib.errors import NotFound, RetryLater
from chalicelib.models import ScrapedProduct
from chalicelib.scraping import chromium
from chalicelib.scraping.browser import Browser
from chalicelib.scraping.messages import ScrapeJob
from chalicelib.scraping.outcomes import JobReport, Outcome
from chalicelib.scraping.planning import plan_run
from chalicelib.scraping.process import start_browser
from chalicelib.scraping.run_lock import SILENCE
from chalicelib.scraping.runs import RunStore
from chalicelib.scraping.shops.declaration import ByCookie, PageNumber, Shop
from chalicelib.scraping.worker import Tools, run_job
from chalicelib.settings import read_settings, settings
from local.places import ROOT

PAGES, CARDS = 5, 8


@pytest.fixture(scope="module")
def table(dynamodb_local: str) -> str:
    return make_pipeline_table(dynamodb_local)


@pytest.fixture(autouse=True)
def stage(dynamodb_local: str, table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb_local)
    monkeypatch.setenv("PIPELINE_TABLE", table)
    for made_once in (settings, aws._client):
        made_once.cache_clear()
    yield
    for made_once in (settings, aws._client):
        made_once.cache_clear()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with start_browser(unpacked_layer()) as started:
        yield started


def listing(number: int, pages: int = PAGES, prices: Callable[[int], str] = lambda at: f"£{at + 1}.50") -> str:
    cards = "".join(
        f'<article class="card" data-sku="K{at}"><h2><a href="/p/{at}">Tinned beans number {at}</a></h2>'
        f'<p class="price">{prices(at)}</p></article>'
        for at in range((number - 1) * CARDS, number * CARDS)
    )
    following = f'<a rel="next" href="/?page={number + 1}">Next</a>' if number < pages else ""
    return f"<!doctype html><html lang=en-GB><head><title>Shelves</title></head><body><main>{cards}{following}</main>"


def number_in(path: str) -> int:
    return int(path.partition("page=")[2] or 1)


@dataclass
class Bench:
    """A worker's surroundings, with what the catalogues were given."""

    shop: Shop
    tools: Tools
    written: dict[str, list[ScrapedProduct]] = field(default_factory=dict)
    finished: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 800

    def open_run(self, *postcodes: str) -> ScrapeJob:
        now = datetime.now(UTC) + timedelta(seconds=next(SECONDS))  # run ids are unique to the second
        (job,) = plan_run(postcodes or ("SW1A 1AA",), [self.shop], now)
        unlock()
        assert self.tools.runs.open_run([job], now) == [job]
        self.tools.runs.mark_sent(job.run_id)
        return job

    def run(self, job: ScrapeJob) -> JobReport:
        return run_job(job, self.shop, self.tools, lambda: self.seconds)

    def finish(self, report: JobReport) -> tuple[str, ...]:
        return self.tools.runs.job_finished(report, datetime.now(UTC)).postcodes


KEYS = iter(range(10_000))
SECONDS = iter(range(10_000))


def bench(served: TestShop, browser: Browser | None = None, **declared: object) -> Bench:
    shop = shop_at(served.origin, key=f"test{next(KEYS)}", needs_script=browser is not None, **declared)
    stage = read_settings({"SCRAPE_PRIVATE_HOSTS": served.place, "SHOPS": shop.key})
    made: list[Bench] = []

    def write(key: str, name: str, products: Sequence[ScrapedProduct]) -> int:
        made[0].written[key] = list(products)
        return len(products)

    def finish(key: str, name: str, ids: Sequence[str]) -> int:
        made[0].finished[key] = list(ids)
        return 0

    tools = Tools(settings=stage, write=write, finish=finish, browser=(lambda: browser) if browser else None)
    made.append(Bench(shop, tools))
    return made[0]


def closed_tools() -> Tools:
    """A worker's outside the hours in which shops are read: nothing may be written."""
    hour = datetime.now(UTC).hour
    window = f"{(hour + 3) % 24:02}:00-{(hour + 5) % 24:02}:00"
    return Tools(settings=read_settings({"SCRAPE_WINDOW": window}), write=never, finish=never)


def never(*_: object) -> int:
    raise AssertionError("nothing may be written")


def unlock() -> None:
    """As after the end of the last run."""
    aws.dynamodb().delete_item(TableName=settings().pipeline_table, Key={"PK": {"S": "ScrapeRun"}, "SK": {"S": "Lock"}})


@pytest.fixture(autouse=True)
def fresh_lock(stage: None) -> None:
    """Each test may open a run of its own."""
    unlock()


def shelves(path: str, headers: dict[str, str]) -> Answer:
    return Answer("", 404) if path == "/robots.txt" else Answer(listing(number_in(path)))


# What completes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["browser", "plain http"])
def test_a_shop_is_read_to_its_last_page_and_written_for_every_postcode(by: str, browser: Browser) -> None:
    with serving(shelves) as served:
        at = bench(served, browser if by == "browser" else None)
        job = at.open_run("SW1A 1AA", "M1 1AE")
        report = at.run(job)
        assert (report.outcome, report.pages, report.products, report.changed) == (Outcome.COMPLETE, PAGES, 40, 80)
        assert set(at.written) == {"SW1A1AA", "M11AE"}
        assert at.finished["M11AE"] == [f"K{number}" for number in range(40)]
        last = at.written["M11AE"][-1]
        assert (last.product_name, str(last.price), last.currency, last.url) == (
            "Tinned beans number 39",
            "40.50",
            "GBP",
            f"{served.origin}/p/39",
        )
        assert at.finish(report) == ("M11AE", "SW1A1AA")
        assert served.paths() == ["/robots.txt", "/", *(f"/?page={number}" for number in range(2, PAGES + 1))]


def test_pages_are_counted_up_until_one_shows_nothing_new() -> None:
    with serving(
        lambda path, headers: Answer("", 404) if path == "/robots.txt" else Answer(listing(min(number_in(path), 3)))
    ) as served:
        at = bench(served, paging=PageNumber())
        report = at.run(at.open_run())
        assert (report.outcome, report.products, report.pages) == (Outcome.COMPLETE, 24, 4)


def test_the_honest_user_agent_and_the_postcode_go_with_every_page() -> None:
    with serving(shelves) as served:
        at = bench(served, locating=ByCookie(name="place"))
        at.run(at.open_run("SW1A 1AA"))
        told = [headers for path, headers in served.asked if path != "/robots.txt"]
        assert {headers["cookie"] for headers in told} == {"place=SW1A%201AA"}
        assert all("Shelfwatch" in headers["user-agent"] and "@" in headers["user-agent"] for headers in told)


def test_a_job_that_came_twice_is_not_read_twice() -> None:
    with serving(shelves) as served:
        at = bench(served)
        job = at.open_run()
        assert at.finish(at.run(job)) == ("SW1A1AA",)
        asked = len(served.asked)
        again = at.run(job)
        assert (again.outcome, again.products) == (Outcome.COMPLETE, 40)
        assert at.finish(again) == ("SW1A1AA",)
        assert len(served.asked) == asked


def test_a_job_of_an_unknown_run_is_refused() -> None:
    with serving(shelves) as served:
        at = bench(served)
        job = msgspec.structs.replace(at.open_run(), run_id="never-opened")
        with pytest.raises(NotFound):
            at.run(job)


# Parts ---------------------------------------------------------------------------------------------------------------


def test_a_job_is_handed_over_before_time_is_up_and_goes_on_where_it_was() -> None:
    clock = [0.0]

    def slowly(path: str, headers: dict[str, str]) -> Answer:
        clock[0] += 30
        return shelves(path, headers)

    with serving(slowly) as served:
        at = bench(served)
        job: ScrapeJob | None = at.open_run()
        outcomes = []
        while job is not None and len(outcomes) < 10:
            clock[0] = 0.0
            report = run_job(job, at.shop, at.tools, lambda: 150 - clock[0])
            outcomes.append(report.outcome)
            assert report.outcome is Outcome.COMPLETE or not at.written
            job = report.follow_up
        assert outcomes[0] is Outcome.UNFINISHED
        assert outcomes[-1] is Outcome.COMPLETE
        assert len(at.written["SW1A1AA"]) == 40
        pages = [path for path in served.paths() if path != "/robots.txt"]
        assert len(pages) == PAGES  # none was read twice


def test_writing_many_catalogues_may_take_several_parts() -> None:
    with serving(shelves) as served:
        at = bench(served)
        job = at.open_run("SW1A 1AA", "M1 1AE", "EH1 1YZ")
        first = run_job(job, at.shop, at.tools, lambda: 0.0 if at.written else 800.0)
        assert first.outcome is Outcome.UNFINISHED
        assert first.follow_up is not None
        assert len(at.written) == 1
        last = at.run(first.follow_up)
        assert (last.outcome, last.changed, set(at.written)) == (Outcome.COMPLETE, 120, {"SW1A1AA", "M11AE", "EH11YZ"})


# What changes nothing ------------------------------------------------------------------------------------------------

CAPTCHA = "<!doctype html><title>Are you a robot?</title><body><h1>Please prove that you are human</h1><p>Tick.</p>"


@pytest.mark.parametrize(
    ("spoilt", "outcome"),
    [
        (lambda: Answer(CAPTCHA), Outcome.BLOCKED),
        (lambda: Answer(CAPTCHA, 403), Outcome.BLOCKED),
        (lambda: Answer("<p>no</p>", 403), Outcome.BLOCKED),
        (lambda: Answer("", 302, location="http://169.254.169.254/"), Outcome.FAILED),
        (lambda: Answer("", 302, location="/loop"), Outcome.FAILED),
        (lambda: Answer("<h1>Page not found</h1>", 404), Outcome.FAILED),
        (lambda: Answer("<h1>Something went wrong</h1>", 500), Outcome.FAILED),
        (lambda: Answer(""), Outcome.FAILED),
    ],
)
def test_a_page_that_is_refused_or_broken_leaves_every_catalogue_alone(
    spoilt: Callable[[], Answer], outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    def respond(path: str, headers: dict[str, str]) -> Answer:
        if path == "/robots.txt":
            return Answer("", 404)
        return spoilt() if path in ("/?page=3", "/loop") else Answer(listing(number_in(path)))

    with serving(respond) as served:
        at = bench(served)
        report = at.run(at.open_run())
        assert report.outcome is outcome, report.reason
        assert report.reason
        assert at.finish(report) == ()
        assert not at.written
        assert not at.finished


def test_a_shop_that_has_shrunk_is_not_believed_until_it_is_back() -> None:
    pages = [PAGES]
    with serving(
        lambda path, headers: Answer("", 404) if path == "/robots.txt" else Answer(listing(number_in(path), pages[0]))
    ) as served:
        at = bench(served)
        assert at.finish(at.run(at.open_run())) == ("SW1A1AA",)
        at.written.clear()
        pages[0] = 2  # 16 of 40 products
        report = at.run(at.open_run())
        assert report.outcome is Outcome.SHRUNKEN
        assert at.finish(report) == ()
        assert not at.written


def test_prices_that_cannot_be_read_any_more_are_shrinking_too() -> None:
    prices: list[Callable[[int], str]] = [lambda at: f"£{at + 1}.50"]
    with serving(
        lambda path, headers: (
            Answer("", 404) if path == "/robots.txt" else Answer(listing(number_in(path), prices=prices[0]))
        )
    ) as served:
        at = bench(served)
        at.finish(at.run(at.open_run()))
        at.written.clear()
        prices[0] = lambda at: "ask in store"
        assert at.run(at.open_run()).outcome is Outcome.SHRUNKEN
        assert not at.written


def test_a_shop_said_to_need_no_scripts_whose_pages_need_them_is_told_so() -> None:
    shell = '<!doctype html><html><head><title>Shelves</title></head><body><p>Your shelves are loading, one moment</p>'
    shell += '<script src="/app.js"></script></body></html>'
    with serving(lambda path, headers: Answer("", 404) if path == "/robots.txt" else Answer(shell)) as served:
        at = bench(served)
        report = at.run(at.open_run())
        assert (report.outcome, at.written) == (Outcome.SHRUNKEN, {})
        assert "needs_script" in report.reason


def test_paging_that_never_ends_is_a_fault() -> None:
    with serving(
        lambda path, headers: Answer("", 404) if path == "/robots.txt" else Answer(listing(number_in(path), 10_000))
    ) as served:
        at = bench(served, page_limit=12)
        report = at.run(at.open_run())
        assert (report.outcome, report.pages) == (Outcome.FAILED, 12)
        assert not at.written


def test_paging_in_a_circle_ends() -> None:
    def respond(path: str, headers: dict[str, str]) -> Answer:
        if path == "/robots.txt":
            return Answer("", 404)
        return Answer(
            listing(number_in(path), 10_000) if number_in(path) < 3 else listing(2, 10_000).replace("page=3", "page=1")
        )

    with serving(respond) as served:
        at = bench(served)
        report = at.run(at.open_run())
        assert (report.outcome, report.products) == (Outcome.COMPLETE, 16)


# Hostile pages -------------------------------------------------------------------------------------------------------


def card(sku: str, address: str, name: str, price: str) -> str:
    link, priced = f'<h2><a href="{address}">{name}</a></h2>', f'<p class="price">{price}</p>'
    return f'<article class="card" data-sku="{sku}">{link}{priced}</article>'


def test_hostile_names_and_broken_data_are_tamed_not_believed(browser: Browser) -> None:
    names = ["Tea " + "x" * 10_000, "Tea \u202egnp.exe\u202c bags", "Tea\x07 with\u200b bells", "&lt;script>1 tea"]
    cards = [card(f"K{at}", f"/p/{at}", name, "£2.50") for at, name in enumerate(names)]
    for at, price in enumerate(["£0.00", "-£5.00", "£99999999999999", "free"]):
        cards.append(card(f"Z{at}", f"/z/{at}", f"Coffee {at}", price))
    cards.append(card("E0", "http://169.254.169.254/e", "Elsewhere", "£1.00"))
    broken = '<script type="application/ld+json">{"@type": "Product", "name": [[[[</script>'
    head = f"<html lang=en-GB><head><title>Shelves</title>{broken}</head>"
    page = f"{head}<body><main>{''.join(cards)}</main></body></html>"
    with serving(lambda path, headers: Answer("", 404) if path == "/robots.txt" else Answer(page)) as served:
        at_work = bench(served, browser)
        assert at_work.run(at_work.open_run()).outcome is Outcome.COMPLETE
        products = {product.shop_product_id: product for product in at_work.written["SW1A1AA"]}
        assert {"K0", "K1", "K2", "K3"} <= set(products)
        assert "E0" not in products  # another host's
        assert all(len(product.product_name) <= 300 for product in products.values())
        assert "\u202e" not in products["K1"].product_name
        assert products["K2"].product_name == "Tea with bells"
        assert {key for key, product in products.items() if product.price is not None} == {"K0", "K1", "K2", "K3"}


# Politeness ----------------------------------------------------------------------------------------------------------


def test_what_robots_txt_forbids_is_not_read() -> None:
    with serving(
        lambda path, headers: (
            Answer("User-agent: *\nDisallow: /?page=2") if path == "/robots.txt" else shelves(path, headers)
        )
    ) as served:
        at = bench(served)
        report = at.run(at.open_run())
        assert report.outcome is Outcome.BLOCKED
        assert "robots.txt" in report.reason
        assert served.paths() == ["/robots.txt", "/"]


def test_robots_txt_is_asked_for_once_a_day() -> None:
    with serving(shelves) as served:
        at = bench(served)
        at.run(at.open_run())
        at.run(at.open_run())
        assert served.paths().count("/robots.txt") == 1


def test_nothing_is_read_while_robots_txt_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with serving(lambda path, headers: Answer("", 503)) as served:
        at = bench(served)
        report = at.run(at.open_run())
        assert report.outcome is Outcome.FAILED
        assert set(served.paths()) == {"/robots.txt"}


def test_the_crawl_delay_is_kept_between_pages() -> None:
    moments: list[float] = []

    def respond(path: str, headers: dict[str, str]) -> Answer:
        if path == "/robots.txt":
            return Answer("User-agent: *\nCrawl-delay: 0.3")
        moments.append(time.monotonic())
        return Answer(listing(number_in(path), 3))

    with serving(respond) as served:
        at = bench(served)
        assert at.run(at.open_run()).outcome is Outcome.COMPLETE
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert len(gaps) == 2
    assert min(gaps) >= 0.25  # as the shop sees it: a request may be under way longer than the one before


def test_the_pace_of_a_host_holds_across_workers() -> None:
    with serving(shelves) as served:
        turns = bench(served).tools.turns
        waits = [turns.next_turn(f"{served.place}-pace", 10) for _ in range(3)]
    assert waits[0] == 0
    assert waits[1] == pytest.approx(10, abs=1)
    assert waits[2] == pytest.approx(20, abs=1)


def test_retry_after_sends_the_job_back_to_the_queue_and_holds_for_everybody() -> None:
    busy = [True]

    def respond(path: str, headers: dict[str, str]) -> Answer:
        if path == "/?page=3" and busy.pop() if busy else False:
            return Answer("<p>busy</p>", 429, retry_after="40")
        return shelves(path, headers)

    with serving(respond) as served:
        at = bench(served, pause=0.01)
        report = at.run(at.open_run())
        assert report.outcome is Outcome.UNFINISHED
        assert report.delay == pytest.approx(40, abs=2)
        assert report.follow_up is not None
        assert at.tools.turns.next_turn(served.place, 0.01) > 35
        early = at.run(report.follow_up)  # it came too early: not asked, sent back again
        assert early.outcome is Outcome.UNFINISHED
        assert served.paths().count("/?page=3") == 1


def test_a_page_that_fails_once_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    bad = [1, 1]

    def respond(path: str, headers: dict[str, str]) -> Answer:
        if path == "/?page=2" and bad:
            bad.pop()
            return Answer("<h1>Internal server error</h1>", 500)
        return shelves(path, headers)

    with serving(respond) as served:
        at = bench(served)
        report = at.run(at.open_run())
        assert (report.outcome, report.products) == (Outcome.COMPLETE, 40)
        assert served.paths().count("/?page=2") == 3


def test_outside_the_night_window_a_job_waits_without_asking_the_shop() -> None:
    with serving(shelves) as served:
        at = bench(served)
        job = at.open_run()
        report = run_job(job, at.shop, closed_tools(), lambda: 800)
        assert (report.outcome, report.follow_up, report.delay) == (Outcome.UNFINISHED, job, 900)
        assert not served.asked


# Turns ---------------------------------------------------------------------------------------------------------------


def test_two_jobs_of_one_shop_do_not_run_side_by_side() -> None:
    with serving(shelves) as served:
        at = bench(served)
        job = at.open_run()
        with at.tools.turns.lease(at.shop.key), pytest.raises(RetryLater, match="another job"):
            at.run(job)
        assert not served.asked
        assert at.run(job).outcome is Outcome.COMPLETE


def test_a_shop_that_fails_again_and_again_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(
        lambda path, headers: Answer("", 404) if path == "/robots.txt" else Answer("<p>no</p>", 403)
    ) as served:
        at = bench(served)
        for _ in range(3):
            assert at.run(at.open_run()).outcome is Outcome.BLOCKED
        asked = len(served.asked)
        waits = at.run(at.open_run())
        assert (waits.outcome, waits.reason) == (Outcome.UNFINISHED, "waits for the shop")
        assert 0 < waits.delay <= 900
        assert waits.follow_up is not None
        report = at.run(waits.follow_up)
        assert report.outcome is Outcome.FAILED
        assert "left alone" in report.reason
        assert len(served.asked) == asked


def test_a_shop_that_stays_down_is_no_longer_waited_for() -> None:
    with serving(
        lambda path, headers: Answer("", 404) if path == "/robots.txt" else Answer("<p>no</p>", 403)
    ) as served:
        at = bench(served)
        for _ in range(5):
            at.tools.turns.note_failure(at.shop.key)
        report = at.run(at.open_run())
        assert report.outcome is Outcome.FAILED
        assert "left alone" in report.reason


# The browser dies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("victim", ["chromium", "chromedriver"])
def test_a_browser_killed_in_mid_scrape_is_replaced_and_the_job_completes(victim: str, browser: Browser) -> None:
    killed: list[int] = []

    def respond(path: str, headers: dict[str, str]) -> Answer:
        if path == "/?page=3" and not killed:
            killed.extend(kill_browser(victim))
        return shelves(path, headers)

    with serving(respond) as served:
        at = bench(served, browser)
        report = at.run(at.open_run())
        assert killed
        assert (report.outcome, report.products) == (Outcome.COMPLETE, 40)
        names = [chromium_name(pid) for pid in chromium.own_processes()]
        assert names.count("chromedriver") == 1


def kill_browser(name: str) -> list[int]:
    pids = [pid for pid in chromium.own_processes() if chromium_name(pid) == name]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return pids


def chromium_name(pid: int) -> str:
    return os.path.basename(os.readlink(f"/proc/{pid}/exe"))  # noqa: PTH119, PTH115 - a link whose target may be gone


# Runs ----------------------------------------------------------------------------------------------------------------


def test_one_run_at_a_time_and_a_half_opened_run_is_taken_up_again() -> None:
    shops = [shop_at("http://a.example", key="first"), shop_at("http://b.example", key="second")]
    now = datetime.now(UTC)
    runs = RunStore()
    jobs = plan_run({"SW1A 1AA", "M1 1AE"}, shops, now)
    assert runs.open_run(jobs, now) == jobs
    assert sorted(job.name for job in runs.open_run(jobs, now)) == sorted(
        job.name for job in jobs
    )  # not yet marked as sent
    runs.mark_sent(jobs[0].run_id)
    assert runs.open_run(jobs, now) == []
    later = plan_run({"EH1 1YZ"}, shops, now)
    assert runs.open_run(later, now) == []


def test_a_postcode_is_complete_only_when_all_its_jobs_are() -> None:
    shops = [
        shop_at("http://a.example", key="first"),
        shop_at("http://b.example", key="second", regions={"M": "north"}),
    ]
    now = datetime.now(UTC)
    runs = RunStore()
    first, second = plan_run({"SW1A 1AA", "M1 1AE"}, shops, now)
    runs.open_run([first, second], now)
    done = runs.job_finished(JobReport(job=first, outcome=Outcome.COMPLETE, pages=3, products=9), now)
    assert (done.postcodes, done.run_over) == (("SW1A1AA",), False)  # M1 1AE waits for its second shop
    over = runs.job_finished(JobReport(job=second, outcome=Outcome.BLOCKED, pages=1), now)
    assert (over.postcodes, over.run_over) == ((), True)
    assert (over.figures.jobs, over.figures.complete, over.figures.failures, over.figures.pages) == (2, 1, 1, 4)
    assert runs.open_run(plan_run({"EH1 1YZ"}, shops, now), now)  # the lock has gone with the last job


def test_a_run_ends_with_the_last_job_though_messages_became_dead_letters() -> None:
    shops = [shop_at("http://a.example", key="first"), shop_at("http://b.example", key="second")]
    now = datetime.now(UTC)
    runs = RunStore()
    first, second = runs.open_run(plan_run({"SW1A 1AA"}, shops, now), now)
    runs.job_finished(JobReport(job=first, outcome=Outcome.COMPLETE), now)
    over = runs.job_lost(second, "failed 3 times", now)
    assert (over.run_over, over.postcodes, over.figures.failures) == (True, (), 1)
    (lost,) = [item for item in runs.describe(second.run_id)["Jobs"] if item["Outcome"] == "failed"]
    assert lost["Reason"] == "failed 3 times"
    assert runs.open_run(plan_run({"EH1 1YZ"}, shops, now), now)


def test_the_jobs_of_an_abandoned_run_have_failed_when_the_next_begins() -> None:
    shop = shop_at("http://a.example", key="first")
    now = datetime.now(UTC) - timedelta(days=2)
    runs = RunStore()
    (job,) = runs.open_run(plan_run({"SW1A 1AA"}, [shop], now), now)
    runs.mark_sent(job.run_id)
    later = now + SILENCE + timedelta(seconds=1)
    (following,) = runs.open_run(plan_run({"SW1A 1AA"}, [shop], later), later)
    runs.mark_sent(following.run_id)
    record = runs.describe(job.run_id)
    assert (record["Jobs"][0]["Outcome"], record["FinishedAt"]) == ("failed", later.isoformat())
    again = plan_run({"M1 1AE"}, [shop], later)
    assert runs.open_run(again, later) == []  # ending the old run has left the new one's lock alone


def test_a_run_whose_jobs_are_taken_up_again_and_again_is_not_abandoned() -> None:
    shop = shop_at("http://a.example", key="first")
    runs, opened = RunStore(), datetime.now(UTC)
    (job,) = runs.open_run(plan_run({"SW1A 1AA"}, [shop], opened), opened)
    runs.mark_sent(job.run_id)
    for hours in range(2, 21, 2):
        now = opened + timedelta(hours=hours)
        assert runs.open_run(plan_run({"SW1A 1AA"}, [shop], now), now) == []
        runs.renew(job.run_id, now)
    later = now + SILENCE + timedelta(seconds=1)
    (following,) = runs.open_run(plan_run({"SW1A 1AA"}, [shop], later), later)
    runs.renew(job.run_id, later + timedelta(days=1))  # a worker that wakes up late holds nobody up
    runs.mark_sent(following.run_id)
    much_later = later + SILENCE + timedelta(seconds=1)
    assert runs.open_run(plan_run({"M1 1AE"}, [shop], much_later), much_later)


def test_a_job_that_waits_for_the_night_keeps_its_run_alive() -> None:
    shop, now = shop_at("http://a.example", key="first"), datetime.now(UTC)
    opened = now - SILENCE + timedelta(minutes=1)
    runs = RunStore()
    (job,) = runs.open_run(plan_run({"SW1A 1AA"}, [shop], opened), opened)
    runs.mark_sent(job.run_id)
    assert run_job(job, shop, closed_tools(), lambda: 800).outcome is Outcome.UNFINISHED
    later = now + timedelta(minutes=2)
    assert runs.open_run(plan_run({"SW1A 1AA"}, [shop], later), later) == []


def test_a_killed_worker_s_message_comes_back_before_its_run_counts_as_abandoned() -> None:
    queues = (ROOT / ".chalice" / "resources.yaml").read_text().partition("\n  ScrapeJobs:")[2]
    hidden = int(queues.partition("VisibilityTimeout: ")[2].split()[0])
    waits = call = 900  # the longest delay of a message, and a call of the worker
    assert SILENCE.total_seconds() > hidden + waits + call


def test_messages_survive_their_queue() -> None:
    job = ScrapeJob(run_id="r", shop="s", region="north", postcodes=("M11AE",), part=2, cursor="{}", correlation_id="c")
    written = msgspec.json.encode(job)
    assert msgspec.json.decode(written, type=ScrapeJob) == job
    assert json.loads(written)["RunID"] == "r"
