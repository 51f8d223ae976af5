"""What a wish would match now: for a client before it stores the wish, and for an operator who asks why.

``python -m chalicelib.pipeline.previewing "SW1A 1AA" "olive oil 500 ml" 20`` prints it as a table.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from chalicelib.errors import ShelfwatchError
from chalicelib.matching.preview import preview
from chalicelib.models import Preview, Previewed, Product
from chalicelib.pipeline.places import catalogs_serving
from chalicelib.requests.answers import Answer
from chalicelib.requests.asked import Asked
from chalicelib.requests.handlers import read_wish
from chalicelib.requests.postcodes import read_postcode
from chalicelib.requests.wrong import Wrong
from chalicelib.search.querying import candidates
from chalicelib.settings import settings
from chalicelib.telemetry import observed


@observed
def answer(asked: Asked) -> Answer:
    """``POST /preview``: 200, what the wish in the body would match now and what comes near, each with its reasons."""
    wish = read_wish(asked)
    found = look(wish.postcode, wish.product_name, wish.discount)
    return Answer(200, msgspec.to_builtins(found, builtin_types=(Decimal,)))


def look(postcode: str, product_name: str, discount: Decimal) -> Preview:
    """What the wish would match at ``postcode`` (normalised) now.  ``RetryLater`` while OpenSearch is away.

    Products at any discount are looked at, so that a wish that asks for too much sees what it would get for less.
    """
    wish = "preview", product_name, Decimal(0)
    products: list[Product] = [
        found for key in catalogs_serving(postcode) for found in candidates(key, [wish])["preview"]
    ]
    return preview(product_name, discount, products)


def table(found: Preview) -> str:
    """The preview as lines of text for people."""
    sections = ("would be texted", found.matches), ("comes near", found.others)
    return "\n".join(line for title, seen in sections for line in _section(title, seen))


def _section(title: str, seen: Sequence[Previewed]) -> list[str]:
    rows = [
        f"  {one.score:4.2f}  {one.price or '-':>8} {one.currency or '   '} {one.discount:>7.2f} %  "
        f"{one.product_name[:60]:60}  {', '.join(one.reasons)}"
        for one in seen
    ]
    return [f"{title}: {len(seen)}", *rows]


def main(arguments: Sequence[str]) -> int:
    """Print the preview of POSTCODE NAME DISCOUNT; 2 for wrong arguments."""
    try:
        postcode, product_name, discount = arguments
        where = read_postcode(postcode, settings().country)
        found = look(where, product_name, Decimal(discount))
    except Wrong as wrong:
        print(f"POSTCODE {wrong}", file=sys.stderr)
        return 2
    except (ValueError, InvalidOperation):
        print("usage: python -m chalicelib.pipeline.previewing POSTCODE NAME DISCOUNT", file=sys.stderr)
        return 2
    except ShelfwatchError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
