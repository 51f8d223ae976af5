"""The composition root: hands each stage what it needs and carries its result to the next one.

Stages know each other only through ``models``; the modules here are the only ones that know more than one of them.
``app.py`` imports the one it needs when a function is called, so that the API never loads what only a worker uses.
"""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]
"""A Lambda event, as AWS sends it."""
Report = dict[str, Any]
"""What a function gives back to Lambda: a partial-failure report, or figures for people."""
