"""``make run``: the whole system on this machine, from a shopper's request to the text.

``ONCE=1`` stops everything at the end and exits 0 only if exactly the expected texts arrived; ``KEEP=1`` goes on with
what an earlier run stored.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from types import FrameType

from rich.console import Console

from local import showing
from local.calling import Sample, samples
from local.emulator import client, inbox
from local.following import Timeline, compare, follow, scrape, submit, what_was_told
from local.invoking import invoke
from local.observing import Progress, errors
from local.places import Place, run_place
from local.processes import pid_of
from local.resuming import resume_scrape
from local.stack import STAGE, Api, bring_down, bring_up, is_ours, put_app, services, wait_up
from local.trouble import exits


def main() -> int:
    """Run, show, and stay up until interrupted; gives the exit code."""
    place, console = run_place(), Console()
    if not console.is_terminal:
        console.width = 140
    once, keep = (os.environ.get(name, "") not in ("", "0") for name in ("ONCE", "KEEP"))
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        right = run(place, console, once=once, keep=keep)
        if not once:
            stay(place, console)
    except KeyboardInterrupt:
        return 130 if once else 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave servers behind
        if is_ours(place):
            stopped = bring_down(place)
            console.print(f"stopped: {', '.join(stopped) or 'nothing was running'}")
        else:
            console.print("another run has taken over")
    return 0 if right else 1


def run(place: Place, console: Console, *, once: bool, keep: bool) -> bool:
    """One run from start to figures; gives whether exactly the expected texts arrived."""
    started = time.monotonic()
    seconds: dict[str, float] = {}
    api = up(place, console, keep)
    seconds["servers and app up"] = time.monotonic() - started
    begun = time.monotonic()
    submitted = submit(api, samples())
    console.print(f"{len(submitted)} requests stored; the shop is read for their postcodes")
    seconds["requests stored"] = time.monotonic() - begun
    timeline, reported = Timeline(), _Errors(console)
    scrape(place)
    with showing.Board(console) as board:

        def show(progress: Progress, passed: float, note: str) -> None:
            timeline.note(progress, passed)
            board.show(progress, passed, note)
            reported.show(place, passed)

        follow(place, show, give_up_when_away=once)
    seconds |= {f"scrape began → {stage}": taken for stage, taken in timeline.stages().items()}
    return report(place, console, api, submitted, seconds)


def up(place: Place, console: Console, keep: bool) -> Api:
    """Servers and app; the reconciler makes the index, and mends it from the catalogues where there are any."""
    names = ", ".join(service.name for service in services(place))
    console.print(f"starting {names}" + (" with what was kept" if keep else ""))
    bring_up(place, keep)
    api = put_app(place)
    wait_up(place)
    invoke(client(place, "lambda"), STAGE, "reconciler")
    if keep and (jobs := resume_scrape(place)):
        console.print(f"{jobs} scrape jobs go on that were under way when the last run stopped")
    return api


def report(
    place: Place, console: Console, api: Api, submitted: Mapping[str, Sample], seconds: Mapping[str, float]
) -> bool:
    """Print texts, matches, figures and directions; gives whether exactly the expected texts arrived."""
    console.print(showing.texts_table(inbox(place)))
    console.print(showing.told_table(what_was_told(place, submitted)))
    console.print(showing.seconds_table(seconds))
    example = next(iter(submitted.items()))
    for line in showing.directions(place, api, example[1].body, example[0]):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    missing, surplus = compare(place, submitted)
    for line in [f"missing: {what}" for what in missing] + [f"not expected: {what}" for what in surplus]:
        console.print(line, style="red", markup=False)
    right = not missing and not surplus
    console.print(
        "exactly the expected texts arrived" if right else "the texts are not the expected ones", style="bold"
    )
    return right


def stay(place: Place, console: Console) -> None:
    """Print texts as they arrive, and servers as they end, until interrupted, replaced or all stopped."""
    console.print("everything stays up; Ctrl-C stops it")
    shown, gone = len(inbox(place)), set[str]()
    while is_ours(place) and len(gone) < len(services(place)):
        running = {service.name for service in services(place) if pid_of(service) is not None}
        for service in services(place):
            if service.name not in running | gone:
                console.print(
                    f"{service.name} has ended (log: {service.log}); make start SERVER={service.name} starts it again"
                )
        gone = {service.name for service in services(place)} - running
        with contextlib.suppress(OSError):  # the emulator may have been stopped
            texts = inbox(place)
            for text in texts[shown:]:
                console.print(f"text to {text['PhoneNumber']}: {text['Message']}", markup=False)
            shown = len(texts)
        time.sleep(1)


class _Errors:
    """Prints each error line of the functions once, looking every few seconds."""

    def __init__(self, console: Console) -> None:
        self._console, self._shown, self._next = console, 0, 5.0

    def show(self, place: Place, passed: float) -> None:
        if passed < self._next:
            return
        found = errors(place)
        for line in found[self._shown :]:
            self._console.print(line[:500], style="red", markup=False)
        self._shown, self._next = len(found), passed + 5


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    exits(main)()
