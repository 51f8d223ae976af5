"""What the ledger has, for the operator.

python -m chalicelib.notifications.history REQUEST_ID     everything a request's shopper was, or was not, told
python -m chalicelib.notifications.history --unknown      texts nobody can tell of: look them up in SNS's own logs
python -m chalicelib.notifications.history --spent        what the month's texts have cost so far
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from chalicelib.errors import ShelfwatchError
from chalicelib.notifications import allowance, ledger
from chalicelib.notifications.ledger import Delivery
from chalicelib.settings import settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is asked for; gives the exit code: 1 where there is nothing to show, 2 where the ledger is away."""
    parser = argparse.ArgumentParser(prog="history", description="What shoppers were told.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("request_id", nargs="?", metavar="REQUEST_ID", help="show the history of this request")
    what.add_argument("--unknown", action="store_true", help="show the texts nobody can tell of")
    what.add_argument("--spent", action="store_true", help="show the month's spend on texts")
    asked = parser.parse_args(arguments)
    now = datetime.now(UTC)
    try:
        if asked.spent:
            print(f"{allowance.spent(now):.2f} of {settings().sms_monthly_cap} US dollars in {now:%Y-%m}")
            return 0
        found = list(ledger.unknown(now) if asked.unknown else ledger.history(asked.request_id))
    except ShelfwatchError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(lines(found)) or "nothing")
    return 0 if found else 1


def lines(deliveries: Iterable[Delivery]) -> list[str]:
    """One line for each delivery and, indented, one for each of its products."""
    shown: list[str] = []
    for one in deliveries:
        message = one.message
        facts = (f"{message.claimed_at:%Y-%m-%d %H:%M:%S}", message.request_id, message.channel, one.delivery_state)
        shown.append("  ".join((*facts, one.message_id or one.reason or "-")))
        for item in message.items:
            price = f"{item.price} {item.currency or ''}".strip() if item.price is not None else "no price"
            shown.append(f"    {item.product_id}  episode {item.episode}  {price}, {item.discount} % off")
    return shown


if __name__ == "__main__":
    sys.exit(main())
