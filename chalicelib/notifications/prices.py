"""``SMS_PRICES`` from AWS's own price list, for the operator: prices change, so none is built in.

curl -O https://s3.amazonaws.com/aws-messaging-pricing-information/TextMessageOutbound/prices.json
python -m chalicelib.notifications.prices prices.json GB IE     prints SMS_PRICES for the United Kingdom and Ireland

The list is the one that AWS's pricing page of text messages reads.  The spend cap must never count too little, so a
country's price is that of its dearest network and message type, with the carrier's fee.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from chalicelib.errors import Reject


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the setting; gives the exit code: 2 where the list cannot be read or lacks a country."""
    parser = argparse.ArgumentParser(prog="prices", description="SMS_PRICES from AWS's price list.")
    parser.add_argument("file", type=Path, help="AWS's prices.json")
    parser.add_argument("countries", nargs="+", metavar="COUNTRY", help="ISO 3166 code, like GB")
    asked = parser.parse_args(arguments)
    try:
        prices = read(asked.file.read_text(encoding="utf-8"), asked.countries)
    except (OSError, Reject) as error:
        print(error, file=sys.stderr)
        return 2
    print("SMS_PRICES=" + ",".join(f"{country}={price}" for country, price in prices.items()))
    return 0


def read(text: str, countries: Collection[str]) -> dict[str, Decimal]:
    """US dollars per part for each of ``countries``.  ``Reject`` for another file, or a country it has no price for."""
    try:
        listed = json.loads(text, parse_float=Decimal, parse_int=Decimal)["SMS"]["countryPrices"]
    except (ValueError, KeyError, TypeError):
        raise Reject("not AWS's list of text message prices (SMS, countryPrices)") from None
    return {country: _dearest(country, listed.get(country, {})) for country in map(str.upper, countries)}


def _dearest(country: str, by_type: Mapping[str, Any]) -> Decimal:
    networks = [network for kind in ("transactional", "promotional") for network in by_type.get(kind, [])]
    prices = [_most(network, "Price") + _most(network, "Fee") for network in networks]
    if not prices or not max(prices):
        raise Reject(f"the list has no price for {country}")
    return max(prices)


def _most(network: Mapping[str, Any], ending: str) -> Decimal:
    """The highest of a network's prices, or fees: they differ by where a text comes from (long or short number)."""
    amounts = [value for name, value in network.items() if name.endswith(ending) and isinstance(value, Decimal)]
    return max(amounts, default=Decimal(0))


if __name__ == "__main__":
    sys.exit(main())
