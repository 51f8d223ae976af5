"""The functions' policies: written with the stage's own names left open, which are filled in where a stage is known.

``.chalice/policies`` names resources as CloudFormation's ``Fn::Sub`` does: ``table/${NamePrefix}UserRequestsTable``.
The packaged template has CloudFormation fill them in; ``make deploy`` does it itself, before Chalice reads them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from local.places import ROOT

FOLDER = ROOT / ".chalice" / "policies"
OPEN = re.compile(r"\$\{([\w:]+)\}")
"""A name that is left open."""


def written() -> dict[str, dict[str, Any]]:
    """Every policy as it is written, by its function's name in the app."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def filled_in(policy: Any, names: Mapping[str, str]) -> Any:
    """``policy`` with each open name replaced by its value in ``names``.  ``KeyError`` names one that is not there."""
    return _texts(policy, lambda text: OPEN.sub(lambda found: names[found[1]], text))


def for_template(policy: Any) -> Any:
    """``policy`` with each text that has an open name left to CloudFormation, as ``{"Fn::Sub": text}``."""
    return _texts(policy, lambda text: {"Fn::Sub": text} if OPEN.search(text) else text)


def _texts(value: Any, change: Callable[[str], Any]) -> Any:
    """``value`` with every text in it, at whatever depth, changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_texts(part, change) for part in value]
    if isinstance(value, dict):
        return {key: _texts(part, change) for key, part in value.items()}
    return value
