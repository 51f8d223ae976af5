"""``python -m local.settings_page`` writes ``docs/settings.md`` from the declarations in ``chalicelib/settings.py``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from chalicelib.settings import Settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
_OPENING = """# Settings

Every environment variable Shelfwatch reads: `chalicelib/settings.py` declares it, reads it once and checks it. The
stack's template sets them (`.chalice/resources.yaml` and `.chalice/overrides.yaml`), a stage its own in
`.chalice/config.json`. A value that cannot be read stops the function at once, with the variable's name and what it is
for.

This page is written by `python -m local.settings_page`; a test fails where it is out of date.
"""


def render() -> str:
    """The page as Markdown: one table for each group of settings, in the order of their declaration."""
    declared = {setting.name: setting.metadata for setting in fields(Settings)}
    parts = [_OPENING]
    for heading, attributes in _groups():
        rows = [_row(**{key: declared[name][key] for key in ("name", "default", "help")}) for name in attributes]
        parts.append(
            "\n".join([f"## {heading}\n", "| variable | default | what it decides |", "|---|---|---|", *rows, ""])
        )
    return "\n".join(parts)


def _groups() -> Iterator[tuple[str, list[str]]]:
    """The comments between the declarations, each with the attributes declared below it."""
    heading, attributes = "The stage", list[str]()
    for line in inspect.getsource(Settings).splitlines():
        if comment := re.fullmatch(r"    # (.+)", line):
            if attributes:
                yield heading, attributes
            heading, attributes = comment[1], []
        elif declaration := re.match(r"    (\w+): .+ = _setting\(", line):
            attributes.append(declaration[1])
    yield heading, attributes


def _row(name: str, default: str | None, help: str) -> str:
    shown = f"`{default}`" if default else ""
    return f"| `{name}` | {shown} | {help.replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
