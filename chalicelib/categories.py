"""Where shops file products: ``Drinks > Tea``, from the general to the special.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

BETWEEN = " > "
"""Between two levels of a category, as it is stored."""
_BETWEEN = re.compile(r"\s*[>›»|]\s*|\s+/\s+")


def levels(category: str) -> list[str]:
    """The levels of a category, in its order, however the shop parts them."""
    return [level.strip() for level in _BETWEEN.split(category) if level.strip()]


def joined(names: Iterable[str]) -> str | None:
    """Levels as one category; ``None`` for none."""
    return BETWEEN.join(names) or None
