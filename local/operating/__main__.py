"""``python -m local.operating STAGE COMMAND …``: the operator's commands; ``--help`` lists them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import msgspec
from rich.console import Console

from chalicelib.errors import ShelfwatchError
from local.operating import backup, mending, redriving, replaying, shoppers, telling
from local.operating.showing import board
from local.operating.stage import enter
from local.operating.status import status
from local.refusals import in_one_line
from local.trouble import Trouble, exits

MOST = 1_000
"""Letters worked on by one command, unless told otherwise."""
_console = Console(highlight=False, soft_wrap=True)


def show(asked: argparse.Namespace) -> None:
    """Print how the stage is."""
    _console.print(board(status(datetime.now(UTC)), asked.stage))


def reconcile(asked: argparse.Namespace) -> None:
    """Compare tables, mappings and index, and mend what differs."""
    for name, found in mending.reconcile().items():
        _console.print(f"{name}: {found}")


def reindex(asked: argparse.Namespace) -> None:
    """Build the index anew while the old one goes on answering."""
    name = mending.reindex(lambda done, total: _console.print(f"{done} of {total} catalogues copied and compared"))
    _console.print(f"queries ask {name} from now on")


def redrive(asked: argparse.Namespace) -> None:
    """Send dead letters to work again."""
    for queue, moved in redriving.redrive(asked.queue, asked.most).items():
        _console.print(f"{queue}: {moved} sent to work again")


def replay(asked: argparse.Namespace) -> None:
    """Hand failed stream records to their function again."""
    done = replaying.replay(asked.most)
    _console.print(f"{done.letters} letters with {done.records} records replayed")
    for reason, letters in done.left.items():
        _console.print(f"{letters} left: {reason}")


def told(asked: argparse.Namespace) -> None:
    """Print what the shopper of a request was told, or the texts nobody can tell of."""
    for line in telling.told(asked.request, datetime.now(UTC)) or ["nothing"]:
        _console.out(line)


def export(asked: argparse.Namespace) -> None:
    """Write requests and ledger to a folder."""
    for file, count in backup.export(asked.folder, asked.restored).items():
        _console.print(f"{asked.folder / file}: {count:,} lines")


def restore(asked: argparse.Namespace) -> None:
    """Read requests and ledger from a folder."""
    for file, loaded in backup.restore(asked.folder).items():
        _console.print(f"{file}: {loaded.written:,} written, {loaded.kept:,} were there and stay")


def shopper(asked: argparse.Namespace) -> None:
    """Print what is held of a phone number, as JSON."""
    held = shoppers.held(shoppers.number(asked.phone))
    _console.out(msgspec.json.format(msgspec.json.encode(held), indent=2).decode())


def erase(asked: argparse.Namespace) -> None:
    """Delete what is held of a phone number."""
    phone = shoppers.number(asked.phone)
    if not asked.yes:
        raise Trouble(f"this deletes every request of the number that ends in {phone[-2:]} for good; repeat with YES=1")
    gone = shoppers.erase(phone)
    _console.print(f"deleted: {gone.requests} requests, {gone.ledger_items} items of the ledger")
    if gone.opted_out:
        _console.print("its opt-out stays, as a hash of the number: it is never texted again")


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "status": show,
    "reconcile": reconcile,
    "reindex": reindex,
    "redrive": redrive,
    "replay": replay,
    "told": told,
    "export": export,
    "import": restore,
    "shopper": shopper,
    "erase": erase,
}


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with a command line: ``make`` has written it, not the operator."""

    def error(self, message: str) -> NoReturn:
        raise Trouble(message)


def _letters(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"MOST must be a number of letters, 1 or more, not {text!r}")
    return int(text)


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("FOLDER must be given: make export STAGE=prod FOLDER=backup")
    return Path(text)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = _Parser(prog="python -m local.operating", description="Operates a deployed stage.")
    made.add_argument("stage", help="local, or the name of a stage on AWS")
    commands = made.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=command.__doc__)
        if name in ("redrive", "replay"):
            one.add_argument("--most", type=_letters, default=MOST, help="letters to work on, at most")
        if name == "redrive":
            one.add_argument("--queue", default="", help="only this queue, e.g. MatchTasks")
        if name in ("export", "import"):
            one.add_argument("folder", type=_folder, help="where requests.jsonl and ledger.jsonl are")
        if name == "told":
            one.add_argument("request", nargs="?", default="", help="a RequestID; without one, unknown deliveries")
        if name == "export":
            one.add_argument("--restored", default="", help="what the names of restored tables begin with")
        if name in ("shopper", "erase"):
            one.add_argument("phone", help="the number, as people write it")
        if name == "erase":
            one.add_argument("--yes", action="store_true", help="do it")
    return made


def main() -> int:
    """Run the command that was asked for; what the stage cannot do now is said in one line."""
    asked = parser().parse_args()
    enter(asked.stage)
    try:
        with in_one_line(f"mend it and repeat make {asked.command}"):
            COMMANDS[asked.command](asked)
    except (ShelfwatchError, OSError) as error:
        raise Trouble(str(error)) from None
    return 0


if __name__ == "__main__":
    exits(main)()
