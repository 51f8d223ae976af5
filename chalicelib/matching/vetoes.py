"""What excludes an offer, however like the wish it is: another size, colour, platform or brand.  Pure.

Each veto gives what the two differ in, for the reasons, or the empty string.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from chalicelib.matching.sides import Side, brands, category_words, is_unsaid
from chalicelib.matching.text import Title
from chalicelib.matching.words import COLOUR, EATEN, groups

SHORT = 6
"""A wish of more words describes one product."""
ROUNDED = {"mp": 0.04, "kb": 0.025}
"""Dimension → share by which two quantities may differ that are one, rounded."""
LENGTH, LARGE = "mm", 20
"""The dimension of lengths, and inches from which a screen's are rounded."""
PART_NUMBER = 6
"""A code of so many letters and digits names one product, down to its colour."""


def contradiction(wanted: Side, offered: Side) -> str:
    """The dimension, or the group such as colours, of which both names say something and nothing is the same."""
    a, b = wanted.title, offered.title
    theirs = b.claims
    if theirs:
        for claimed, ours in a.claims.items():
            if claimed in theirs and ours.isdisjoint(theirs[claimed]) and not _is_one(claimed, a, b):
                return claimed
    return ""


def _is_one(claimed: str, a: Title, b: Title) -> bool:
    """Whether what two names claim is one after all, told with more or less care."""
    return is_in_whole_inches(a, b) if claimed == LENGTH else _rounded(claimed, a.claims[claimed], b.claims[claimed])


def is_in_whole_inches(wanted: Title, offered: Title) -> bool:
    """Whether a size in whole inches is what people say for the offered: a 32 inch TV has 31.5, a 15 inch laptop 15.6.

    Small ones are cut, large ones rounded, as their makers do.
    """
    sizes = {_whole_inches(size) for size in _inches(offered)}
    return any(size == int(size) and size in sizes for size in _inches(wanted))


def _inches(title: Title) -> list[float]:
    return [float(title.bare[size]) for size in title.quantities.get(LENGTH, ()) if "inch" in title.written[size]]


def _whole_inches(size: float) -> int:
    return int(size) if size < LARGE else int(size + 0.5)


def _rounded(dimension: str, ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether two quantities are one that shops round differently: 14.2 and 14 megapixels, 1 GB and 1024 MB."""
    nearness = ROUNDED.get(dimension)
    if nearness is None:
        return False
    values = [[float(word.removesuffix(dimension)) for word in words] for words in (ours, theirs)]
    return any(abs(one - other) <= nearness * max(one, other) for one in values[0] for other in values[1])


def colour_not_named(wanted: Side, offered: Side) -> str:
    """The colour that a short wish asks for and the offer does not name; a part number is enough of a name."""
    a, b = wanted.title, offered.title
    if COLOUR not in a.members or COLOUR in b.members or len(a.words) > SHORT:
        return ""
    if any(len(code) >= PART_NUMBER or code in b.codes for code in a.codes):
        return ""
    told = category_words(offered) | (groups()[EATEN] & {a.words[-1]})  # white wine, ice cream
    lacking = [colour for colour in a.members[COLOUR] if colour not in told and not is_unsaid(colour, wanted, offered)]
    return " ".join(sorted(lacking))


def another_brand(wanted: Side, offered: Side) -> str:
    """The offer's brand, where both are known, differ, and neither name has the other's."""
    if wanted.brand and offered.brand and brands(wanted, offered) == 0:
        return offered.brand.name
    return ""


class Veto(NamedTuple):
    """A rule that excludes."""

    differs: Callable[[Side, Side], str]
    told: Callable[[Side, Side, str], str]
    """Says for people what ``differs`` found."""


def vetoed(wanted: Side, offered: Side) -> bool:
    """Whether any veto excludes the offer."""
    return bool(contradiction(wanted, offered) or colour_not_named(wanted, offered) or another_brand(wanted, offered))


def objections(wanted: Side, offered: Side) -> tuple[str, ...]:
    """What every veto has against the offer, for people."""
    found = ((veto, veto.differs(wanted, offered)) for veto in VETOES)
    return tuple(veto.told(wanted, offered, what) for veto, what in found if what)


def _contradiction_told(wanted: Side, offered: Side, claimed: str) -> str:
    ours, theirs = (" ".join(sorted(_written(one.title, claimed))) for one in (wanted, offered))
    what = "size:" if claimed in wanted.title.quantities else claimed
    return f"another {what} {theirs}, not {ours}"


def _written(title: Title, claimed: str) -> list[str]:
    return [title.written.get(word, word) for word in title.claims[claimed]]


def _colour_told(_wanted: Side, _offered: Side, colour: str) -> str:
    return f"colour not named: {colour}"


def _brand_told(wanted: Side, _offered: Side, brand: str) -> str:
    return f"another brand: {brand}, not {wanted.brand.name if wanted.brand else ''}"


VETOES = (
    Veto(contradiction, _contradiction_told),
    Veto(colour_not_named, _colour_told),
    Veto(another_brand, _brand_told),
)
