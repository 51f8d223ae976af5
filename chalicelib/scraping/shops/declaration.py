"""What a shop's declaration can say.  A declaration is data: everything a shop needs beyond it is a general rule.

Every type here is a ``msgspec`` struct, so that a shop can be written in Python (one module in this package) or as a
JSON file with the same words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import msgspec

from chalicelib.errors import SettingError


class Declaration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: immutable, named arguments; in JSON an unknown word is an error, not a silent typing mistake."""


# How the shop learns the postcode ------------------------------------------------------------------------------------


class ByUrl(Declaration, frozen=True, kw_only=True, tag="url"):
    """The start URLs carry it: ``{postcode}`` (``SW1A%201AA``), ``{key}`` (``SW1A1AA``) or ``{region}``."""


class ByCookie(Declaration, frozen=True, kw_only=True, tag="cookie"):
    """A cookie carries it; ``value`` may hold the same placeholders as URLs."""

    name: str
    value: str = "{postcode}"


class Step(Declaration, frozen=True, kw_only=True):
    """One thing a visitor does: type ``text`` into, or click, what ``selector`` finds; ``wait`` for what then appears.

    With ``optional``, nothing happens where ``selector`` finds nothing (a consent banner that is not always shown).
    """

    selector: str
    text: str | None = None
    wait: str | None = None
    optional: bool = False


class BySteps(Declaration, frozen=True, kw_only=True, tag="steps"):
    """A form or a dialogue: open ``url`` and do the ``steps``; ``text`` may hold ``{postcode}``."""

    url: str
    steps: tuple[Step, ...]


# How to get to the next page -----------------------------------------------------------------------------------------


class NextLink(Declaration, frozen=True, kw_only=True, tag="next-link"):
    """Follow the link that ``selector`` finds; by default the one marked ``rel="next"``."""

    selector: str = "a[rel~='next'], link[rel~='next']"


class PageNumber(Declaration, frozen=True, kw_only=True, tag="page-number"):
    """Count up ``parameter`` in the query until a page shows nothing new."""

    parameter: str = "page"
    first: int = 1
    step: int = 1


class Scroll(Declaration, frozen=True, kw_only=True, tag="scroll"):
    """Scroll down until no more cards appear, at most ``limit`` times."""

    limit: int = 50


class Sitemap(Declaration, frozen=True, kw_only=True, tag="sitemap"):
    """The start URLs are sitemaps; read the product pages whose URL matches ``pattern`` (a regular expression)."""

    pattern: str = ""


Locating = ByUrl | ByCookie | BySteps
Paging = NextLink | PageNumber | Scroll | Sitemap


class Selectors(Declaration, frozen=True, kw_only=True):
    """CSS selectors of a listing's cards, only for what general rules do not find.  Inside the card, but ``card``."""

    card: str
    name: str | None = None
    price: str | None = None
    was_price: str | None = None
    link: str | None = None
    sku: str | None = None
    brand: str | None = None
    sold_out: str | None = None


class Shop(Declaration, frozen=True, kw_only=True):
    """One shop: where it is, how it learns the postcode, how it pages, and which regions it has."""

    key: str
    """Lower-case word; begins every product id of the shop."""
    name: str
    """As shoppers know it."""
    hosts: tuple[str, ...]
    """The only hosts whose pages are read: ``shop.example`` or ``shop.example:8443``; no wildcards."""
    start: tuple[str, ...]
    """URLs where reading begins; may hold ``{postcode}``, ``{key}`` and ``{region}``."""
    asset_hosts: tuple[str, ...] = ()
    """Further hosts its pages need scripts and data from; never opened as pages."""
    locating: Locating = ByUrl()
    paging: Paging = NextLink()
    regions: Mapping[str, str] = msgspec.field(default_factory=lambda: {"": "everywhere"})
    """Start of a postcode → region, the longest start wins; an empty region means the shop does not deliver there.

    A start of letters only is a postcode area and does not match inside a longer one: ``S`` is Sheffield, not ``SW``.
    """
    selectors: Selectors | None = None
    ready: str | None = None
    """What a rendered page shows once it is complete (CSS)."""
    needs_script: bool = True
    """``False`` where pages are complete without scripts: they are then read by plain HTTP, many times faster."""
    visit_products: bool = False
    """Whether each product's own page is read too, because listings do not carry everything."""
    currency: str | None = None
    """ISO 4217, where pages do not say it."""
    pause: float = 1.0
    """Seconds between two pages at least, whoever reads them; robots.txt may ask for more, never for less."""
    page_limit: int = 2_000
    """Pages of one job at most: paging that never ends is a fault."""

    def region_of(self, postcode: str) -> str | None:
        """The region that a postcode (key or with its space) lies in; ``None`` where the shop does not deliver."""
        key = postcode.replace(" ", "").upper()
        starts = [start for start in self.regions if _starts(key, start)]
        return self.regions[max(starts, key=len)] or None if starts else None

    def url_with(self, template: str, postcode: str, region: str) -> str:
        """``template`` with its placeholders filled, each quoted for a URL."""
        words = {"{postcode}": postcode, "{key}": postcode.replace(" ", ""), "{region}": region}
        for word, value in words.items():
            template = template.replace(word, quote(value, safe=""))
        return template

    @property
    def origin(self) -> str:
        """Scheme and host of the first start URL."""
        parts = urlsplit(self.start[0])
        return f"{parts.scheme}://{parts.netloc}"

    def moved_to(self, origin: str) -> Shop:
        """The same shop at another origin (the sample shop of a local stack, a rehearsal)."""
        old, new = self.origin, origin.rstrip("/")
        hosts = tuple(urlsplit(new).netloc if host == urlsplit(old).netloc else host for host in self.hosts)
        start = tuple(url.replace(old, new, 1) for url in self.start)
        locating = self.locating
        if isinstance(locating, BySteps):
            locating = msgspec.structs.replace(locating, url=locating.url.replace(old, new, 1))
        return msgspec.structs.replace(self, hosts=hosts, start=start, locating=locating)

    def checked(self) -> Shop:
        """The shop itself; ``SettingError`` naming what is wrong with its declaration."""
        if not re.fullmatch(r"[a-z][a-z0-9]{1,30}", self.key):
            raise SettingError(f"shop {self.key!r}: the key must be 2 to 31 lower-case letters and digits")
        if not self.hosts or not self.start:
            raise SettingError(f"shop {self.key}: hosts and start must not be empty")
        for url in self.start:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or parts.netloc not in self.hosts:
                raise SettingError(f"shop {self.key}: {url} is not on one of its hosts")
        if not self.needs_script and (isinstance(self.locating, BySteps) or isinstance(self.paging, Scroll)):
            raise SettingError(f"shop {self.key}: steps and scrolling need a browser, but needs_script is false")
        if isinstance(self.paging, Sitemap):
            _check_pattern(self.key, self.paging.pattern)
        return self


def _check_pattern(key: str, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise SettingError(f"shop {key}: {pattern!r} is no regular expression: {error}") from None


def _starts(key: str, start: str) -> bool:
    """Whether a postcode key begins with ``start``, where letters alone mean a whole postcode area."""
    if not key.startswith(start.upper()):
        return False
    return not start.isalpha() or not key[len(start) : len(start) + 1].isalpha()
