"""Where reading begins and which page comes next.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from chalicelib.scraping.messages import ScrapeJob
from chalicelib.scraping.outcomes import Cursor
from chalicelib.scraping.shops.declaration import NextLink, PageNumber, Shop, Sitemap


def first_url(shop: Shop, job: ScrapeJob, start: int) -> str:
    """Start URL number ``start`` of the shop, for the job's postcode and region."""
    return shop.url_with(shop.start[start], job.postcode, job.region)


def next_cursor(shop: Shop, job: ScrapeJob, cursor: Cursor, next_url: str | None, fresh: bool) -> Cursor | None:
    """Where to go on after the page at ``cursor`` was read; ``None`` when that was the last one.

    ``next_url`` is where the page's own next-link leads; ``fresh`` says whether the page showed anything new: a page
    that shows nothing new ends the paging of its start URL, so that paging in circles comes to an end.
    """
    following = _following(shop, cursor.url or "", next_url) if fresh else None
    if following is not None and following != cursor.url:
        return Cursor(url=following, start=cursor.start, pages=cursor.pages + 1)
    if cursor.start + 1 < len(shop.start):
        return Cursor(start=cursor.start + 1, pages=cursor.pages + 1)
    return None


def _following(shop: Shop, url: str, next_url: str | None) -> str | None:
    if isinstance(shop.paging, NextLink):
        return next_url
    if isinstance(shop.paging, PageNumber):
        return with_number(url, shop.paging)
    return None


def sitemap_pages(shop: Shop, paging: Sitemap, entries: Iterable[str]) -> list[str]:
    """The shop's pages that ``paging`` wants among the ``entries`` of a sitemap: sorted, each once."""
    hosts, wanted = set(shop.hosts), re.compile(paging.pattern)
    return sorted({entry for entry in entries if urlsplit(entry).netloc in hosts and wanted.search(entry)})


def with_number(url: str, paging: PageNumber) -> str:
    """``url`` with its page parameter counted up: ``?page=2`` → ``?page=3``; without it, to the second page."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    current = query.get(paging.parameter, "")
    number = int(current) if current.isascii() and current.isdigit() else paging.first
    query[paging.parameter] = str(number + paging.step)
    return urlunsplit(parts._replace(query=urlencode(query)))
