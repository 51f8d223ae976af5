"""Where the scraper may go, and what robots.txt means."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import RetryLater
from chalicelib.scraping.guard import Forbidden, Guard, guard_of, is_public
from chalicelib.scraping.robots import Robots, text_for
from chalicelib.scraping.shops.declaration import Shop

PUBLIC = "93.184.215.14"


def guard(*addresses: str, private: tuple[str, ...] = ()) -> Guard:
    shop = Shop(
        key="corner",
        name="Corner",
        hosts=("corner.example", "corner.example:8443"),
        start=("https://corner.example/",),
        asset_hosts=("cdn.example",),
    )
    made = guard_of(shop, private)
    return Guard(
        made.page_hosts, made.asset_hosts, made.private, resolve=lambda host, port: list(addresses or (PUBLIC,))
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://corner.example/a?b#c",
        "http://corner.example/",
        "https://CORNER.example./",
        "https://corner.example:8443/x",
        "https://corner.example:443/",
    ],
)
def test_pages_of_the_shop_are_opened(url: str) -> None:
    guard().check_page(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "https://cdn.example/page",  # scripts only
        "https://corner.example.evil.example/",
        "https://evil.example/?corner.example",
        "https://corner.example:22/",
        "https://corner.example:99999/",
        "https://corner.example@evil.example/",
        "https://user:secret@corner.example/",  # pragma: allowlist secret
        "https://corner.example\\@evil.example/",
        "ftp://corner.example/",
        "file:///etc/passwd",
        "data:text/html,hello",
        "javascript:alert(1)",
        "//corner.example/",
        "https://[::1",
        "https:///",
        "",
    ],
)
def test_everything_else_is_not(url: str) -> None:
    with pytest.raises(Forbidden):
        guard().check_page(url)


def test_connections_go_to_the_checked_addresses() -> None:
    assert guard(PUBLIC, "2606:4700::1").addresses("corner.example", 443) == [PUBLIC, "2606:4700::1"]
    assert guard().addresses("cdn.example", 443) == [PUBLIC]


@pytest.mark.parametrize("host", ["evil.example", "169.254.169.254", "corner.example.evil.example", "localhost"])
def test_no_connection_to_another_host(host: str) -> None:
    with pytest.raises(Forbidden):
        guard().addresses(host, 443)


@pytest.mark.parametrize("port", [22, 25, 8080])
def test_no_connection_to_another_port(port: int) -> None:
    with pytest.raises(Forbidden):
        guard().addresses("corner.example", port)


PRIVATE = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.3.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "not an address",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_of_the_shop_at_a_private_address_is_refused(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(Forbidden):
        guard(PUBLIC, address).addresses("corner.example", 443)


def test_a_private_address_is_allowed_only_to_a_host_of_the_shop_that_the_stage_lists() -> None:
    listed = guard("127.0.0.1", private=("corner.example:8443", "evil.example:8443"))
    assert listed.addresses("corner.example", 8443) == ["127.0.0.1"]
    for host, port in (("evil.example", 8443), ("corner.example", 443)):
        with pytest.raises(Forbidden):
            listed.addresses(host, port)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_no_more_public_inside_ipv6(address: ipaddress.IPv4Address) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address))
    assert not is_public(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))))


# robots.txt ----------------------------------------------------------------------------------------------------------

RULES = """
User-agent: *
Disallow: /admin/
Crawl-delay: 2

User-agent: Shelfwatch
Disallow: /basket
Crawl-delay: 7
"""


def test_the_rules_for_us_by_name_count_instead_of_those_for_everybody() -> None:
    robots = Robots(RULES)
    assert robots.allows("https://corner.example/products?page=2")
    assert not robots.allows("https://corner.example/basket/1")
    assert robots.allows("https://corner.example/admin/")
    assert robots.pause == 7


def test_a_request_rate_is_a_pause() -> None:
    assert Robots("User-agent: *\nRequest-rate: 1/5").pause == 5


@pytest.mark.parametrize(("status", "text"), [(200, "x"), (404, ""), (403, ""), (410, "")])
def test_a_missing_robots_file_allows_everything(status: int, text: str) -> None:
    assert text_for(status, "x") == text


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_robots_file_that_cannot_be_had_now_allows_nothing(status: int) -> None:
    with pytest.raises(RetryLater):
        text_for(status, "")
