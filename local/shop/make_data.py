"""Makes ``products.json`` and ``../sample_requests.json`` from a published set of labelled product titles.

``python -m local.shop.make_data FOLDER`` with the folder that holds ``walmart-amazon.train.tsv.gz`` and
``walmart-amazon.valid.tsv.gz`` (title pairs: wanted, offered, same or not).  The outcome depends on the data alone:
whatever looks drawn by lot is drawn from a hash of the product's title.

What is real and what is made up: titles, brands and prices are the data's (capitals restored, dollars taken as
pounds).  Was-prices, regional differences and what is sold out are made up here.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

from local.shop.naming import brand_name, category_of, shop_name
from local.shop.regions import REGIONS

HERE = Path(__file__).parent
SOURCE = (
    "Walmart-Amazon product matching data (Magellan data repository, Department of Computer Sciences, University of "
    "Wisconsin-Madison): titles, brands and prices of the offered side, train and valid splits. Prices taken as GBP; "
    "was-prices, regions and availability are made up by make_data.py."
)
STOCK_SIZE = 424
SOLD_OUT = "sold out"


class Pair(NamedTuple):
    """One labelled pair of the source."""

    wanted: str
    offered: str
    brand: str
    price: str
    same: bool


class Wish(NamedTuple):
    """A sample request and, by region, what its labelled partners cost: percent off, or sold out."""

    postcode: str
    wanted: str
    discount: str
    matches: bool
    partners: dict[str, str]
    elsewhere: str = "0"


WISHES = (
    Wish("SW1A 1AA", "logitech ultimate ears 700 earphones", "20", True, {"london": "30"}, "5"),
    Wish("SW1A 1AA", "d-link dgs-1005g 5-port gigabit desktop switch", "15", True, {"london": "25"}, "25"),
    Wish("SW1A 1AA", "hp 56 black inkjet cartridge c6656an", "10", True, {"london": "18"}, "12"),
    Wish("SW1A 1AA", "inland pro 8-sheet paper shredder", "20", False, {"london": "12"}, "12"),
    Wish("SW1A 1AA", "netgear universal wi-fi range extender", "30", False, {"london": "29.99"}, "0"),
    Wish("M1 1AE", "wireless mobile mouse 6000 bluetrack red", "25", True, {"north": "35"}, "10"),
    Wish("M1 1AE", "toshiba ph3100u-1e3s 1tb usb 3.0 desktop hard drive", "10", True, {"north": "22"}, "22"),
    Wish("M1 1AE", "michigan wolverines iphone 4 case silicone cover", "15", True, {"north": "20"}, "0"),
    Wish("M1 1AE", "canon cli-226 black ink tank", "25", True, {"north": "exactly 25"}, "0"),
    Wish("M1 1AE", "san diego padres iphone 4 case silicone cover", "5", False, {}),
    Wish("EH1 1YZ", "motorola h17 bluetooth headset", "20", True, {"scotland": "33"}, "5"),
    Wish("EH1 1YZ", "coby personal mini stereo speaker system csp14", "10", True, {"scotland": "28"}, "28"),
    Wish("EH1 1YZ", "royal ds3 postal rate scale", "10", False, {"scotland": SOLD_OUT}, "30"),
    Wish("EH1 1YZ", "targus red tg-ra1010 8-in-1 camera essentials kit", "20", False, {"scotland": "5"}, "45"),
)
DECOY_DISCOUNTS = ("25", "40", "55")


def read_pairs(folder: Path) -> list[Pair]:
    """Every labelled pair of the two files in ``folder``, in their order."""
    pairs = []
    for split in ("train", "valid"):
        with gzip.open(folder / f"walmart-amazon.{split}.tsv.gz", "rt", encoding="utf-8") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                pairs.append(
                    Pair(row["wanted"], row["offered"], row["offered_brand"], row["offered_price"], row["same"] == "1")
                )
    return pairs


def lot(*parts: str) -> int:
    """A number below 10,000 drawn from the text: the same text always draws the same number."""
    return int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:8]) % 10_000


def sku_of(offered: str) -> str:
    """The shop's number of a product, stable however the stock is chosen: ``S204817``."""
    return f"S{int.from_bytes(hashlib.sha256(offered.encode()).digest()[:4]) % 1_000_000:06d}"


def sellable(pair: Pair) -> bool:
    """Whether the offered title can stand in a shop: a price, a brand, and a name that says what it is."""
    named = len(pair.offered.split()) >= 3 and len(pair.offered) <= 110
    return bool(named and pair.brand and pair.price and 3 < Decimal(pair.price) < 700)


def partners_and_decoys(pairs: Iterable[Pair]) -> tuple[dict[str, Wish], dict[str, list[str]]]:
    """Offered titles labelled the same as a wish's, with the wish; and those labelled different, with the wishes."""
    wishes = {wish.wanted: wish for wish in WISHES}
    partners: dict[str, Wish] = {}
    decoys: dict[str, list[str]] = {}
    for pair in pairs:
        if pair.wanted in wishes and sellable(pair):
            if not pair.same:
                decoys.setdefault(pair.offered, []).append(pair.wanted)
            elif wishes[pair.wanted].partners:
                partners[pair.offered] = wishes[pair.wanted]
    return partners, {title: wanted for title, wanted in decoys.items() if title not in partners}


def choose(pairs: list[Pair], always: Iterable[str]) -> list[Pair]:
    """The stock: every title of ``always``, filled up to ``STOCK_SIZE`` with others drawn by lot; one entry a title."""
    by_title = {pair.offered: pair for pair in reversed(pairs) if sellable(pair)}
    chosen = dict.fromkeys(always)
    by_lot = sorted(by_title, key=lambda title: (lot(title), title))
    for title in (title for title in by_lot if not title.startswith("new")):
        if len(chosen) >= STOCK_SIZE:
            break
        chosen.setdefault(title)
    return sorted((by_title[title] for title in chosen), key=lambda pair: lot("shelf", pair.offered))


def reduced(was: Decimal, percent: str) -> dict[str, Any]:
    """The offer of something that cost ``was``, ``percent`` off; ``exactly N`` rounds ``was`` so that N is exact."""
    if percent == SOLD_OUT:
        return {**reduced(was, "40"), "availability": "OutOfStock"}
    if percent.startswith("exactly "):
        percent, was = percent.removeprefix("exactly "), was.quantize(Decimal(1), ROUND_HALF_UP)
    price = (was * (100 - Decimal(percent)) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    offer: dict[str, Any] = {"price": str(price), "availability": "InStock"}
    return {**offer, "was_price": str(was)} if price < was else offer


def usual_discount(title: str) -> int:
    """Percent off everywhere but where a region differs: 5 to 60 for some, else 0.

    With the decoys, which all have a was-price, two products in five of the whole shop are reduced.
    """
    return 5 + lot("discount", title) % 56 if lot("on sale", title) < 2_200 else 0


def regional_offer(title: str, was: Decimal, region: str) -> dict[str, Any] | None:
    """What a region asks for the product; ``None`` where it is not on its shelves."""
    drawn, usual = lot(region, title), usual_discount(title)
    if drawn < 600:
        return None
    if drawn < 1_200:
        return reduced(was, str(usual)) | {"availability": "OutOfStock"}
    if drawn < 2_700:
        shifted = min(60, max(5, usual + drawn % 21 - 10)) if usual else 0
        return reduced(was if usual else was + Decimal(drawn % 7) / 2, str(shifted))
    return reduced(was, str(usual))


def offers_of(pair: Pair, wish: Wish | None, decoy_of: list[str]) -> dict[str, dict[str, Any]]:
    """The offers of a product by region: as its wish says, as a tempting decoy, or as drawn by lot."""
    was = Decimal(pair.price).quantize(Decimal("0.01"))
    offers = {}
    for region in REGIONS:
        if wish:
            offer: dict[str, Any] | None = reduced(was, wish.partners.get(region, wish.elsewhere))
        elif decoy_of:
            offer = reduced(was, DECOY_DISCOUNTS[lot(region, pair.offered) % len(DECOY_DISCOUNTS)])
        else:
            offer = regional_offer(pair.offered, was, region)
        if offer:
            offers[region] = offer
    return offers


def products(pairs: list[Pair]) -> Iterator[dict[str, Any]]:
    """The shop's products as they stand in ``products.json``."""
    partners, decoys = partners_and_decoys(pairs)
    for pair in choose(pairs, [*partners, *decoys]):
        yield {
            "sku": sku_of(pair.offered),
            "name": shop_name(pair.offered),
            "brand": brand_name(pair.brand),
            "category": category_of(pair.offered),
            "title": pair.offered,
            "offers": offers_of(pair, partners.get(pair.offered), decoys.get(pair.offered, [])),
        }


def sample_requests(pairs: list[Pair]) -> list[dict[str, Any]]:
    """The wishes as request bodies, with the SKUs that are to be texted.  Phones: Ofcom's numbers for drama."""
    partners, _ = partners_and_decoys(pairs)
    expected: dict[str, list[str]] = {}
    for title, wish in partners.items():
        expected.setdefault(wish.wanted, []).append(sku_of(title))
    return [
        {
            "postcode": wish.postcode,
            "product_name": wish.wanted,
            "discount": wish.discount,
            "phone_number": f"07700 900{101 + number}",
            "expect": sorted(expected[wish.wanted]) if wish.matches else [],
        }
        for number, wish in enumerate(WISHES)
    ]


def write_lines(path: Path, head: dict[str, Any], key: str, entries: list[dict[str, Any]]) -> None:
    """Writes JSON with one entry a line, so that a difference shows what changed."""
    opening = json.dumps(head, ensure_ascii=False, indent=1)[:-2]
    lines = ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in entries)
    path.write_text(f'{opening},\n "{key}": [\n{lines}\n ]\n}}\n', encoding="utf-8")


def main(folder: Path) -> None:
    """Writes both files from the pairs in ``folder``."""
    pairs = read_pairs(folder)
    stock = list(products(pairs))
    if len({product["sku"] for product in stock}) != len(stock):
        raise SystemExit("two products share a SKU: lengthen sku_of")
    write_lines(HERE / "products.json", {"source": SOURCE, "currency": "GBP"}, "products", stock)
    requests = sample_requests(pairs)
    write_lines(HERE.parent / "sample_requests.json", {"source": SOURCE.split(":")[0]}, "requests", requests)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
