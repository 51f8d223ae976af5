"""What shoppers read: exact parts, plain words, nothing a shop can slip in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.notifications import gsm, languages, links, message, names
from chalicelib.notifications.messages import NotifiedProduct, notified
from chalicelib.settings import settings as stage
from tests.support.notifications import NOON, product

BRITISH, GERMAN, FRENCH, IRISH = "+447911000001", "+4915112345678", "+33612345678", "+353861234567"
STOP = "https://watch.example/stop"


def item(name: str = "Baked Beans 415g", number: int = 1, **changes: object) -> NotifiedProduct:
    return notified(product(f"sample-{number}", product_name=name, **changes), 1)


# Parts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # two septets each
        ("€" * 81, 2),
        ("a" * 158 + "€", 1),
        ("a" * 159 + "€", 2),
        ("a" * 152 + "€" + "a" * 151, 2),  # the escape does not fit the first part's last septet: 152 + 153
        ("a" * 152 + "€" + "a" * 152, 3),
        ("a" * 151 + "€" + "a" * 153, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("ж" * 66 + "🥫" + "ж" * 65, 2),  # the pair goes to the second part whole: 66 + 67
        ("ж" * 66 + "🥫" + "ж" * 66, 3),
        ("🥫" * 35, 1),
        ("", 1),
    ],
)
def test_parts_are_counted_as_networks_do(text: str, parts: int) -> None:
    assert gsm.parts(text) == parts


@given(st.text(alphabet=st.sampled_from("aé€[ж🥫"), max_size=500))
def test_no_text_fits_fewer_parts_than_its_size_needs(text: str) -> None:
    size = sum(gsm.SEPTETS.get(character, 0) for character in text)
    if gsm.is_gsm7(text):
        least, most = -(-size // 153), -(-size // 152)
        assert gsm.parts(text) == (1 if size <= 160 else gsm.parts(text))
    else:
        units = len(text.encode("utf-16-be")) // 2
        least, most = -(-units // 67), -(-units // 66)
        size = units
    if gsm.parts(text) > 1:
        assert least <= gsm.parts(text) <= max(most, 2)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Ben & Jerry’s “Half Baked” – 465 ml…", 'Ben & Jerry\'s "Half Baked" - 465 ml...'),
        ("6 × 330 ml", "6 x 330 ml"),
        ("Pâté à l’ancienne", "Paté à l'ancienne"),
        ("Żubr łosoś", "Zubr losos"),
        ("ﬁne ＡＢＣ m²", "fine ABC m2"),
        ("Nestlé® Kit Kat™", "Nestlé Kit Kat"),
        ("crème brûlée", "crème brulée"),
        ("Ñandú [1] €2", "Ñandu [1] €2"),
    ],
)
def test_typography_is_brought_down_to_gsm7(typed: str, plain: str) -> None:
    assert gsm.downgraded(typed) == plain
    assert gsm.is_gsm7(plain)


def test_scripts_gsm7_lacks_stay_as_they_are() -> None:
    assert gsm.downgraded("Борщ 日本") == "Борщ 日本"


# Names ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("Beans\r\nSTOP: call us\x00", "Beans STOP: call us"),
        ("Beans\u2028line\u2029two\x85three", "Beans line two three"),
        ("Beans http://evil.example/x?y=1", "Beans evil. example/x?y=1"),
        ("Win at evil.example", "Win at evil. example"),
        ("Win at EVIL．Example now", "Win at EVIL. Example now"),
        ("mail me@evil.example", "mail me evil. example"),
        ("\u202egnp.snaeB\u202c", "gnp. snaeB"),
        ("\u200bB\u200de\u2060ans\ufeff", "Beans"),
        ("Beans 🥫🔥", "Beans"),
        ("javascript:alert(1)//x", "javascript:alert(1)//x"),
        ("192.168.10.1 beans", "192. 168.10.1 beans"),
        ("Dr. Oetker Pizza 2.5kg", "Dr. Oetker Pizza 2.5kg"),
        ("Ben & Jerry's 465ml", "Ben & Jerry's 465ml"),
        ("   ", ""),
    ],
)
def test_names_cannot_break_out(hostile: str, harmless: str) -> None:
    assert names.clean(hostile) == harmless


@pytest.mark.parametrize(
    ("name", "width", "cut"),
    [
        ("Baked Beans", 11, "Baked Beans"),
        ("Baked Beans in Tomato Sauce", 20, "Baked Beans in.."),
        ("Baked Beans in Tomato Sauce", 14, "Baked Beans.."),
        ("Supercalifragilistic", 10, "Supercal.."),
        ("A Supercalifragilistic", 10, "A Superc.."),
        ("Beans, baked and more", 9, "Beans.."),
    ],
)
def test_names_are_cut_at_words(name: str, width: int, cut: str) -> None:
    assert names.cut(name, width) == cut
    assert len(names.cut(name, width)) <= width


# Links ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "short"),
    [
        ("https://www.shop.example/p/12?utm_source=x&colour=red&gclid=1#reviews", "shop.example/p/12?colour=red"),
        ("https://shop.example/", "shop.example"),
        ("http://127.0.0.1:8070/p/1", "http://127.0.0.1:8070/p/1"),
        ("https://shop.example/a b", "shop.example/a%20b"),
        ("https://user:pass@shop.example/", ""),  # pragma: allowlist secret
        ("javascript:alert(1)", ""),
        ("https://shop.example/" + "x" * 100, ""),
        ("https://[::1", ""),
        ("https://xn--80ak6aa92e.example/p", "xn--80ak6aa92e.example/p"),
        ("https://аррӏе.example/p", ""),
        ("", ""),
    ],
)
def test_links_are_short_and_do_not_follow(url: str, short: str) -> None:
    assert links.short(url) == short


# Texts ---------------------------------------------------------------------------------------------------------------


def test_one_product_says_all_there_is_to_know() -> None:
    assert message.text(BRITISH, [item()], NOON, STOP) == (
        "Sample: Baked Beans 415g £1.20, 40% off shop.example/p/sample-1\nSeen 15 Jun 13:00. Stop: watch.example/stop"
    )


def test_a_stage_without_a_page_has_stop_replied() -> None:
    assert message.text(BRITISH, [item()], NOON, "").endswith("Stop: reply STOP")


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        (IRISH, ("€1.20, 40% off", "Seen 15 Jun 13:00", "Stop: ")),
        (GERMAN, ("1,20 €, 40% billiger", "Gesehen 15. Juni 14:00", "Ende: ")),
        (FRENCH, ("1,20 €, -40%", "Vu le 15 juin 14:00", "Arret: ")),
    ],
)
def test_the_language_is_that_of_the_phones_country(phone: str, said: tuple[str, ...]) -> None:
    told = message.text(phone, [item(currency="EUR")], NOON, STOP)
    assert [part for part in said if part not in told] == []


def test_a_discount_is_never_told_higher_than_it_is() -> None:
    assert "33% off" in message.text(BRITISH, [item(discount=Decimal("33.9999"))], NOON, STOP)


def test_a_request_for_any_price_is_told_without_a_discount() -> None:
    assert "%" not in message.text(BRITISH, [item(price=Decimal(2), discount=Decimal(0))], NOON, STOP)


def test_several_products_share_two_parts() -> None:
    told = message.text(BRITISH, [item(f"Own Brand Beans {n}", n) for n in range(1, 5)], NOON, STOP)
    assert [told.count(f"Beans {n} ") for n in range(1, 5)] == [1, 1, 1, 1]
    assert gsm.parts(told) <= 2


def test_what_does_not_fit_is_counted() -> None:
    told = message.text(BRITISH, [item(f"Beans number {n}", n) for n in range(50)], NOON, STOP)
    shown = len(re.findall(r"^Sample: ", told, re.MULTILINE))
    assert f"+{50 - shown} more" in told
    assert shown >= 4
    assert gsm.parts(told) == 2


def test_a_name_of_another_script_is_sent_as_it_is() -> None:
    told = message.text(BRITISH, [item("Борщ украинский 500 г")], NOON, STOP)
    assert "Борщ украинский 500 г" in told
    assert gsm.parts(told) <= 2


hostile = st.text(max_size=300) | st.sampled_from(
    [
        "x" * 10_000,
        "http://evil.example " * 20,
        "\r\n" * 50,
        "🥫" * 400,
        "\u202e" * 100,
        "€" * 300,
        "w.w.w.w.w" * 30,
        "",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(hostile, hostile, hostile), min_size=1, max_size=8),
    st.sampled_from([BRITISH, GERMAN, FRENCH]),
    st.sampled_from(["GBP", "EUR", "CHF", None, "longcurrency"]),
    st.decimals(Decimal("0.01"), Decimal("99999999"), places=2),
)
def test_nothing_a_shop_writes_makes_a_text_too_long_or_breaks_its_lines(
    shown: list[tuple[str, str, str]], phone: str, currency: str | None, price: Decimal
) -> None:
    items = [
        item(name, number, store_brand=brand, url=f"https://shop.example/{url}", currency=currency, price=price)
        for number, (name, brand, url) in enumerate(shown)
    ]
    told = message.text(phone, items, NOON, STOP)
    assert gsm.parts(told) <= message.MOST_PARTS
    assert len(told.encode()) <= message.MOST_BYTES
    assert "watch.example/stop" in told
    lines = told.split("\n")
    assert len(lines) <= len(items) + 2
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]", told)
    assert not re.search(r"evil\.example", told)


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_are_said_in_every_language(moment: datetime) -> None:
    for language in languages.LANGUAGES.values():
        assert re.search(rf"\b{moment.day}\b.*{moment:%H:%M}$", language.moment(moment))


def test_a_mail_says_how_to_stop_where_the_stage_has_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_STOP_LINK", STOP)
    stage.cache_clear()
    assert message.mail(BRITISH, "beans", [item()])[1].endswith("\n\nStop: https://watch.example/stop\n")
    monkeypatch.delenv("SMS_STOP_LINK")
    stage.cache_clear()
    assert "Stop" not in message.mail(BRITISH, "beans", [item()])[1]


def test_a_mail_lists_everything() -> None:
    subject, body = message.mail(BRITISH, "baked\nbeans", [item(number=n) for n in range(1, 30)])
    assert subject == "baked beans: 40% off"
    assert [f"https://shop.example/p/sample-{n}\n" in body for n in range(1, 30)] == [True] * 29
