"""From what a caller sent to a route's model, naming every wrong field in one answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec

from chalicelib.errors import FieldError, InvalidRequest
from chalicelib.requests.bodies import shown
from chalicelib.requests.inputs import Input
from chalicelib.requests.rules import Rule
from chalicelib.requests.wrong import Wrong

M = TypeVar("M", bound=Input)


def read(
    model: type[M], given: Mapping[str, Any], rules: Mapping[str, Rule], hidden: frozenset[str] = frozenset()
) -> M:
    """``given`` as a ``model``, each field cleaned by its rule.

    ``hidden`` are fields this stage does not have.  Raises ``InvalidRequest`` whose errors name every wrong, missing
    and unknown field.
    """
    declared = {name: field for name, field in _fields(model).items() if name not in hidden}
    errors: list[FieldError] = []
    clean: dict[str, Any] = {}
    for name, field in declared.items():
        if name in given:
            _read_field(name, given[name], rules[name], field.name, clean, errors)
        elif field.required:
            errors.append(FieldError(name, "Required", f"{name} is missing"))
    errors += [
        FieldError(shown(name), "UnknownField", "is not known here; leave it out")
        for name in given
        if name not in declared
    ]
    if errors:
        raise InvalidRequest(_summary(errors), tuple(errors))
    return model(**clean)


@cache
def _fields(model: type[Input]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(model)}


def _read_field(name: str, value: Any, rule: Rule, field: str, clean: dict[str, Any], errors: list[FieldError]) -> None:
    if type(value) not in rule.types:
        errors.append(FieldError(name, "WrongType", f"{name} must be {rule.said}"))
        return
    try:
        clean[field] = rule.read(value)
    except Wrong as wrong:
        errors.append(FieldError(name, wrong.code, f"{name} {wrong}"))


def _summary(errors: list[FieldError]) -> str:
    names = ", ".join(error.field for error in errors[:10])
    return f"{len(errors)} field{'s are' if len(errors) > 1 else ' is'} wrong: {names}"
