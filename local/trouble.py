"""What stops the local stack: said in one line with its remedy, never as a traceback."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable


class Trouble(Exception):
    """The machine lacks something; ``str()`` is one line that names it and the remedy."""


def exits(main: Callable[[], int]) -> Callable[[], None]:
    """Wraps the ``main`` of a command: its number becomes the exit code, ``Trouble`` one line and code 2."""

    @functools.wraps(main)
    def run() -> None:
        try:
            sys.exit(main())
        except Trouble as trouble:
            sys.exit(_said(str(trouble), 2))
        except KeyboardInterrupt:
            sys.exit(_said("stopped", 130))

    return run


def _said(line: str, code: int) -> int:
    sys.stderr.write(f"shelfwatch: {line}\n")
    return code
