"""Models to DynamoDB items and back.  Pure: the stores make the calls."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from boto3.dynamodb.types import TypeSerializer

Item = dict[str, Any]
"""A DynamoDB item as the low-level client takes and gives it: ``{"Postcode": {"S": "SW1A 1AA"}}``."""
T = TypeVar("T")


def to_item(record: msgspec.Struct, **extra: Any) -> Item:
    """The item of ``record`` with the plain attributes of ``extra`` added; ``None`` and defaults are left out.

    Datetimes become ISO 8601 strings, ``Decimal`` numbers stay exact.
    """
    plain = msgspec.to_builtins(record, builtin_types=(Decimal,)) | extra
    serialize = _serializer().serialize
    return {name: serialize(_exact(value)) for name, value in plain.items() if value is not None}


def from_item(item: Mapping[str, Any], record_type: type[T]) -> T:
    """The record an item holds; attributes it does not know are passed over.

    Raises ``msgspec.ValidationError`` for an item that was not written by ``to_item``.
    """
    return msgspec.convert(plain(item), record_type)


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """Attribute values without their type tags; whole numbers as ``int``, others as ``Decimal``."""
    return {name: _untagged(value) for name, value in item.items()}


def _untagged(tagged: Mapping[str, Any]) -> Any:
    """A value without its tag (DynamoDB API reference, "AttributeValue"): boto3's own way, at a third of its time."""
    ((tag, value),) = tagged.items()
    if tag == "N":
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else number
    if tag == "M":
        return {name: _untagged(inner) for name, inner in value.items()}
    if tag == "L":
        return [_untagged(inner) for inner in value]
    if tag in ("SS", "BS"):
        return set(value)
    if tag == "NS":
        return {_untagged({"N": number}) for number in value}
    return None if tag == "NULL" else value


def _exact(value: Any) -> Any:
    """DynamoDB knows no float: a float anywhere in a value becomes the decimal it is written as."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(inner) for inner in value]
    return value


@cache
def _serializer() -> TypeSerializer:
    from boto3.dynamodb.types import TypeSerializer

    return TypeSerializer()
