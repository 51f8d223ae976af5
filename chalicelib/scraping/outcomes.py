"""What becomes of a job, and the rules that decide it.  Pure."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from chalicelib.models import Record
from chalicelib.scraping.messages import ScrapeJob

SMALLEST_SHARE = 0.5
"""Listing less than this share of the last good scrape is shrinking: its page has changed rather than its stock."""
SMALL_SHOP = 10
"""Below this many products a halving says nothing."""


class Outcome(StrEnum):
    """How a job, or a part of it, ended.  Only ``complete`` may change a catalogue."""

    COMPLETE = "complete"
    UNFINISHED = "unfinished"
    """There is a follow-up part: time was up, or the shop asked to wait."""
    BLOCKED = "blocked"
    """The shop refuses automatic readers (by an answer, a captcha or robots.txt): reported, never worked around."""
    FAILED = "failed"
    SHRUNKEN = "shrunken"
    """Far fewer products than last time, or none at all."""


class JobReport(Record, frozen=True, kw_only=True):
    """What one call of the worker did for a job.  The counts are of all parts so far, the seconds of this call."""

    job: ScrapeJob
    outcome: Outcome
    reason: str = ""
    """For people, where the outcome is not ``complete``."""
    pages: int = 0
    products: int = 0
    changed: int = 0
    """Items written to catalogues."""
    seconds: float = 0.0
    follow_up: ScrapeJob | None = None
    """To be queued, where the outcome is ``unfinished``."""
    delay: int = 0
    """Seconds after which the follow-up may begin."""


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a part of a job begins; travels in ``ScrapeJob.cursor`` as JSON."""

    url: str | None = None
    """The page to read next; ``None``: the first."""
    after: str | None = None
    """Where product pages are read: the last one of ``url``'s that was."""
    start: int = 0
    """Which of the shop's start URLs it belongs to."""
    pages: int = 0
    """Pages read in the parts before."""
    failures: int = 0
    """Times in a row that ``url`` could not be read."""
    applying: int | None = None
    """Reading is over; number of the postcode whose catalogue is written next."""
    changed: int = 0
    """Items written in the parts before."""

    def encoded(self) -> str:
        """As text for a message."""
        return msgspec.json.encode(self).decode()


def cursor_of(job: ScrapeJob) -> Cursor:
    """Where ``job`` begins.  ``msgspec.ValidationError`` for a cursor that was not written by ``encoded``."""
    return msgspec.json.decode(job.cursor, type=Cursor) if job.cursor else Cursor()


def yield_outcome(found: int, last_time: int | None) -> Outcome:
    """``complete``, or ``shrunken`` when a scrape that read everything found far fewer products than last, or none."""
    if found == 0:
        return Outcome.SHRUNKEN
    if last_time is not None and last_time >= SMALL_SHOP and found < last_time * SMALLEST_SHARE:
        return Outcome.SHRUNKEN
    return Outcome.COMPLETE


def too_few(priced: int, needs_script: bool) -> str:
    """Why a scrape with ``priced`` products is not believed, for people, with what to look at in the declaration."""
    remedy = "" if priced or needs_script else ": do its pages need scripts after all (needs_script is false)?"
    return f"only {priced} products with a price{remedy}"
