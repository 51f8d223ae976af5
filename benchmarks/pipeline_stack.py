"""What the benchmarks of the whole pipeline share: a local stack of their own, and how much memory it takes."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType

from benchmarks.harness import CannotRun
from local.places import Place
from local.stack import Api, bring_down, bring_up, put_app, wait_up
from local.trouble import Trouble

PLACE = Place("bench", emulator_port=8690, opensearch_port=9231, shop_port=8670, api_port=8680)
"""Ports of its own, so that a stack of ``make run`` can stay up beside it."""
_EVERY = 0.25
"""Seconds between two looks at the memory."""


@contextmanager
def fresh_stack() -> Iterator[Api]:
    """A stack without any state, up and deployed; stopped at the end.  ``CannotRun`` says what is missing."""
    try:
        bring_up(PLACE, keep=False)
        api = put_app(PLACE)
        wait_up(PLACE)
        yield api
    except Trouble as trouble:
        raise CannotRun(str(trouble)) from trouble
    finally:
        bring_down(PLACE)


class MemoryWatch(AbstractContextManager["MemoryWatch"]):
    """Watches the memory of everything that belongs to the stack, shared pages split between those that share them."""

    def __init__(self, state: Path) -> None:
        self.peak_mib = 0.0
        self._mark = f"TMPDIR={state}{os.sep}".encode()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_EVERY):
            self.peak_mib = max(self.peak_mib, sum(map(proportional_mib, self._processes())))

    def _processes(self) -> Iterator[Path]:
        """The stack's processes: whatever its servers start inherits their ``TMPDIR`` below the state folder."""
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self._mark in (process / "environ").read_bytes():
                    yield process
            except OSError:  # it has ended, or it is not ours
                continue


def proportional_mib(process: Path) -> float:
    """The proportional set size of ``/proc/<pid>`` in MiB; 0 once the process has ended."""
    try:
        lines = (process / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
