"""The page of costs is what its script writes from the counts that stand in it."""

from __future__ import annotations

import re
from decimal import Decimal

from benchmarks.costs import PAGE, SIZES, Month, cost, page

COUNTED = {
    name: Decimal(units)
    for name, units in re.findall(
        r"^\| ((?:read|write) units of .+?) \| ([\d.]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
}


def test_the_page_follows_from_its_counts_and_the_prices() -> None:
    months = [Month(requests) for requests in SIZES]
    written = page(months, [cost(month, COUNTED) for month in months], COUNTED)
    assert PAGE.read_text(encoding="utf-8") == written, "run make costs"


def test_an_unchanged_product_costs_no_write() -> None:
    """But the note of its catalogue's read: one write for the thousand of them."""
    assert COUNTED["write units of an unchanged product"] == Decimal("0.001")
