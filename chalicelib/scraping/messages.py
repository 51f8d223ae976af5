"""What the scrape worker reads from its queue."""

from __future__ import annotations

from typing import Literal

from chalicelib.models import Record


class ScrapeJob(Record, frozen=True, kw_only=True):
    """One shop's pages for one region of it, in one run: the unit of scraping.

    A job that does not fit into one call of the worker goes on in further parts: ``part`` counts them, and ``cursor``
    says where the part begins (opaque; ``None`` at the start).
    """

    v: Literal[1] = 1
    run_id: str
    shop: str
    """Key of the shop's declaration."""
    region: str
    """The shop's region, as its declaration names it."""
    postcodes: tuple[str, ...]
    """Catalogue keys (``SW1A1AA``) that lie in the region, sorted; the shop is shown the first."""
    part: int = 0
    cursor: str | None = None
    correlation_id: str = ""

    @property
    def name(self) -> str:
        """Names the job within its run: ``sample#london``."""
        return f"{self.shop}#{self.region}"

    @property
    def postcode(self) -> str:
        """The postcode the shop is shown, as shoppers write it: ``SW1A 1AA``."""
        return spaced(self.postcodes[0])


def spaced(key: str) -> str:
    """A British catalogue key with its space (``SW1A1AA`` → ``SW1A 1AA``); other keys as they are.

    The inward part is always a digit and two letters (Royal Mail, "PAF Programmers' Guide", postcode formats).
    """
    inward = key[-3:]
    british = 5 <= len(key) <= 7 and inward[:1].isdigit() and inward[1:].isalpha()
    return f"{key[:-3]} {inward}" if british else key
