"""Which jobs a run has: every shop once for each of its regions that somebody's postcode lies in.  Pure."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from chalicelib.scraping.messages import ScrapeJob
from chalicelib.scraping.shops.declaration import Shop


def plan_run(postcodes: Iterable[str], shops: Iterable[Shop], now: datetime) -> list[ScrapeJob]:
    """The jobs of a run for ``postcodes`` (catalogue keys or with their space), sorted by shop and region.

    However many postcodes lie in one region of a shop, the region is read once.  A postcode that a shop does not serve
    gives no job of that shop.  The run's id is the same for the same plan in the same second, so that a schedule that
    fires twice makes one run.
    """
    keys = sorted({postcode.replace(" ", "") for postcode in postcodes})
    regions: dict[tuple[str, str], list[str]] = defaultdict(list)
    for shop in shops:
        for key in keys:
            region = shop.region_of(key)
            if region is not None:
                regions[shop.key, region].append(key)
    run_id = _run_id(sorted(regions.items()), now)
    return [
        ScrapeJob(run_id=run_id, shop=shop, region=region, postcodes=tuple(served), correlation_id=run_id)
        for (shop, region), served in sorted(regions.items())
    ]


def _run_id(plan: object, now: datetime) -> str:
    digest = hashlib.sha256(repr(plan).encode()).hexdigest()[:8]
    return f"{now:%Y%m%dT%H%M%SZ}-{digest}"
