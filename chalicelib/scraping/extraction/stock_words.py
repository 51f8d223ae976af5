"""What shops write when a product can or cannot be had (``words/stock.toml``), as patterns on folded text."""

from __future__ import annotations

import re

from chalicelib.scraping.extraction import currencies
from chalicelib.scraping.extraction.vocabulary import any_of, whole_words

SOLD_OUT = whole_words("stock", "sold_out")
IN_STOCK = whole_words("stock", "in_stock")
AT_PRESENT = whole_words("stock", "at_present")
"""Words that make a notice a statement about the present, not a label."""
ELSEWHERE = whole_words("stock", "elsewhere")
"""Words that make a notice one about a branch, a service or an address, not the product."""
_AMOUNT = rf"(?:{currencies.PATTERN})?\s?\d[\d.,' ]*\s?(?:{currencies.PATTERN})?"
BUY = re.compile(rf"^\W*{any_of('stock', 'buy')}\W*$")
"""The whole text of a buy button, signs around it allowed."""
BUY_AT = re.compile(
    rf"^\W*(?:{_AMOUNT}\W*{any_of('stock', 'buy')}|{any_of('stock', 'buy')}\W*{_AMOUNT}"
    rf"|{any_of('stock', 'buy_something')}(?: [^\W\d]\w*){{0,3}}\W*{_AMOUNT})\W*$"
)
"""The whole text of a buy button with a price on it; it may say in a few words what it sells."""
