"""Which of the shop's regions a postcode lies in: the shop's own business, decided by the postcode's area letters."""

from __future__ import annotations

import re

REGIONS = {"london": "London", "north": "the North", "scotland": "Scotland", "south": "the South and Wales"}
"""Region key → as shoppers read it."""


def _areas(letters: str) -> frozenset[str]:
    return frozenset(letters.split())


_LONDON = _areas("E EC N NW SE SW W WC")
_NORTH = _areas("BB BD BL CA CH CW DH DL DN FY HD HG HU HX L LA LS M NE OL PR S SK SR TS WA WF WN YO")
_SCOTLAND = _areas("AB DD DG EH FK G HS IV KA KW KY ML PA PH TD ZE")
_NOT_SERVED = _areas("BT GY IM JE")
_POSTCODE = re.compile(r"([A-Z]{1,2})([0-9][A-Z0-9]?) ?([0-9][A-Z]{2})")


class NotServed(ValueError):
    """The shop does not deliver there, or the text is no postcode; the message is for the shopper."""


def normalise(text: str) -> str:
    """``sw1a1aa`` → ``SW1A 1AA``.  ``NotServed`` where it does not look like a postcode."""
    found = _POSTCODE.fullmatch(" ".join(text.upper().split()))
    if not found:
        raise NotServed("That does not look like a postcode. Try one like SW1A 1AA.")
    area, district, inward = found.groups()
    return f"{area}{district} {inward}"


def region_of(postcode: str) -> str:
    """The key of the region that serves ``postcode``.  ``NotServed`` where none does."""
    found = _POSTCODE.fullmatch(normalise(postcode))
    area = found.group(1) if found else ""
    if area in _NOT_SERVED:
        raise NotServed("Sorry, we do not deliver to Northern Ireland, the Isle of Man or the Channel Islands.")
    for region, areas in (("london", _LONDON), ("north", _NORTH), ("scotland", _SCOTLAND)):
        if area in areas:
            return region
    return "south"
