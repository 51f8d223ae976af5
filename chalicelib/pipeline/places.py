"""Which catalogues serve which postcodes, given the shops of the stage."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.catalog.keys import catalogs_of, postcode_key
from chalicelib.scraping import shops
from chalicelib.settings import settings


def regions_of(postcode: str) -> dict[str, str]:
    """Shop → its region that ``postcode`` (with or without its space) lies in, for the shops that serve it."""
    regions = {shop.key: shop.region_of(postcode) for shop in shops.load(settings()).values()}
    return {shop: region for shop, region in regions.items() if region is not None}


def catalogs_serving(postcode: str) -> tuple[str, ...]:
    """Keys of the catalogues that hold what the shops offer in ``postcode``."""
    return catalogs_of(postcode, regions_of(postcode))


def postcodes_served(key: str, postcodes: Iterable[str]) -> list[str]:
    """Those of ``postcodes`` that ``key`` means: a postcode itself in any spelling, or all that a catalogue serves."""
    known = sorted(postcodes)
    itself = [postcode for postcode in known if postcode_key(postcode) == postcode_key(key)]
    return itself or [postcode for postcode in known if key in catalogs_serving(postcode)]
