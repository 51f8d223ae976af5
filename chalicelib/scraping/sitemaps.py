"""Sitemaps: reading them, and asking for them again only when they have changed (sitemaps.org protocol 0.9).

Sitemap#<url> / Kept    ETag, Last-Modified and body of the last answer
"""

from __future__ import annotations

import gzip
import io
import time
import zlib

from lxml import etree

from chalicelib import aws
from chalicelib.items import Item
from chalicelib.scraping.fetching import Answer, Fetcher
from chalicelib.scraping.guard import Forbidden
from chalicelib.scraping.pages import PageFailed
from chalicelib.settings import settings

FILES = 100
"""Sitemaps of one index that are read."""
ADDRESSES = 50_000
"""The most a sitemap may hold (sitemaps.org, "Sitemap file")."""
LARGEST = 50_000_000
KEPT_SECONDS = 30 * 86_400


def parse_sitemap(body: bytes) -> tuple[list[str], list[str]]:
    """Addresses of further sitemaps and of pages in a sitemap file (XML, or gzip of it).

    ``PageFailed`` when it is neither or unpacks to more than a sitemap may have.  Entities are not resolved.
    """
    if body[:2] == b"\x1f\x8b":
        body = _unpacked(body)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise PageFailed(f"the sitemap is no XML: {str(error)[:80]}") from None
    locations: dict[str, list[str]] = {"sitemap": [], "url": []}
    for entry in root:
        kind = etree.QName(entry).localname if isinstance(entry.tag, str) else ""
        location = next((part.text for part in entry if str(part.tag).endswith("loc") and part.text), None)
        if kind in locations and location:
            locations[kind].append(location.strip())
    return locations["sitemap"][:FILES], locations["url"][:ADDRESSES]


def _unpacked(body: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            plain = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise PageFailed("the sitemap is broken") from None
    if len(plain) > LARGEST:
        raise PageFailed(f"the sitemap is larger than {LARGEST} bytes")
    return plain


class Sitemaps:
    """Sitemaps of a shop, read over plain HTTP with what was kept of the last time."""

    def __init__(self, fetcher: Fetcher, table: str | None = None) -> None:
        self._fetcher, self._table = fetcher, table or settings().pipeline_table

    def addresses(self, url: str) -> list[str]:
        """Every page address of the sitemap at ``url`` and those it names.  ``PageFailed`` for one that is broken."""
        nested, pages = self._read(url)
        for inner in nested:
            try:
                pages += self._read(inner)[1]
            except Forbidden:
                continue  # a sitemap on another host is not the shop's
        return pages

    def _read(self, url: str) -> tuple[list[str], list[str]]:
        key: Item = {"PK": {"S": f"Sitemap#{url}"}, "SK": {"S": "Kept"}}
        kept = aws.dynamodb().get_item(TableName=self._table, Key=key).get("Item", {})
        asked = {"If-None-Match": "ETag", "If-Modified-Since": "LastModified"}
        headers = {header: kept[name]["S"] for header, name in asked.items() if name in kept}
        answer = self._fetcher.get(url, headers)
        if answer.status == 304 and kept:
            return parse_sitemap(zlib.decompress(bytes(kept["Body"]["B"])))
        if answer.status != 200:
            raise PageFailed(f"the sitemap answered {answer.status}")
        found = parse_sitemap(answer.body)
        self._keep(key, answer)
        return found

    def _keep(self, key: Item, answer: Answer) -> None:
        body = zlib.compress(answer.body)
        named = {"ETag": answer.headers.get("etag"), "LastModified": answer.headers.get("last-modified")}
        if len(body) > 300_000 or not any(named.values()):
            return
        facts: Item = {name: {"S": value} for name, value in named.items() if value}
        expiry = {"N": str(int(time.time()) + KEPT_SECONDS)}
        aws.dynamodb().put_item(TableName=self._table, Item=key | facts | {"Body": {"B": body}, "ExpiresAt": expiry})
