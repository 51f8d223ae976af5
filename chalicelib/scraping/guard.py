"""Where the scraper may go: http(s) to a shop's own hosts, and only where they lie at public addresses.

Scraped pages can name any address.  The rule is held in two places: a page is opened only when ``check_page`` lets it,
and every connection of browser and plain HTTP goes to an address that ``addresses`` has checked, so that a name which
resolves differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from chalicelib.errors import GiveUp, RetryLater
from chalicelib.scraping.shops.declaration import Shop

Resolver = Callable[[str, int], list[str]]
DEFAULT_PORTS = {"http": 80, "https": 443}
_TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""NAT64, 6to4 and Teredo (RFC 6052, 8215, 3056, 4380): public to look at, with any IPv4 address inside."""


class Forbidden(GiveUp):
    """The scraper was led to where it may not go; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What one shop's reading may touch.  ``private`` are the ``host:port`` that may lie at private addresses."""

    page_hosts: frozenset[str]
    asset_hosts: frozenset[str] = frozenset()
    private: frozenset[str] = frozenset()
    resolve: Resolver | None = None

    def check_page(self, url: str) -> None:
        """``Forbidden`` unless ``url`` is http(s), without user name, on one of the shop's own page hosts."""
        parts = _split(url)
        if parts.scheme not in DEFAULT_PORTS:
            raise Forbidden(f"not an http address: {url[:80]!r}")
        if parts.username is not None or parts.password is not None:
            raise Forbidden("address with a user name")
        if host_and_port(parts) not in self.page_hosts:
            raise Forbidden(f"not a host of the shop: {parts.hostname!r}")

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses to connect to for ``host`` and ``port``, in the resolver's order.

        ``Forbidden`` when the host is not one of the shop's or any of its addresses is not public; ``RetryLater`` when
        the name does not resolve now.
        """
        place = place_of(host, port)
        if place not in self.page_hosts and place not in self.asset_hosts:
            raise Forbidden(f"not a host of the shop: {place!r}")
        found = (self.resolve or resolve)(host, port)
        if place not in self.private:
            for address in found:
                if not is_public(address):
                    raise Forbidden(f"{place!r} lies at {address}, which is not public")
        return found


def guard_of(shop: Shop, private_hosts: Iterable[str]) -> Guard:
    """The guard of one shop.  A private address is allowed only to a host that is both the shop's and on the list."""
    return Guard(
        page_hosts=frozenset(map(_canonical, shop.hosts)),
        asset_hosts=frozenset(map(_canonical, shop.asset_hosts)),
        private=frozenset(map(_canonical, private_hosts)),
    )


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, whatever IPv4 address hides in an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return is_public(str(parsed.ipv4_mapped))
        if any(parsed in network for network in _TRANSLATED):
            return False
    return parsed.is_global and not parsed.is_multicast


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name by the system's resolver.  ``RetryLater`` when there are none now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RetryLater(f"{host[:80]} does not resolve: {error}") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def place_of(host: str, port: int) -> str:
    """``host``, with ``:port`` unless it is a default one: how declarations name hosts."""
    name = host.rstrip(".").lower()
    return name if port in DEFAULT_PORTS.values() else f"{name}:{port}"


def host_and_port(parts: SplitResult) -> str:
    """The place an address names.  ``Forbidden`` when it names none."""
    try:
        port = parts.port or DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise Forbidden("address with a wrong port") from None
    if not parts.hostname:
        raise Forbidden("address without a host")
    return place_of(parts.hostname, port)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise Forbidden("malformed address") from None


def _canonical(host: str) -> str:
    return host_and_port(_split(f"http://{host}"))
