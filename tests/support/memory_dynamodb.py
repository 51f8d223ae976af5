"""A DynamoDB in memory, for tests that need thousands of runs: the part of the API that the ledger uses.

It reads the same expressions as the real one and answers in the same shapes; the ledger's tests run against it and
against DynamoDB Local alike.  It refuses what it does not know, and values or names that an expression does not use.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]
_TOKEN = re.compile(r"\s*(<=|>=|<>|[=<>(),]|[:#\w]+)")


class MemoryDynamoDB:
    """One table with the keys ``PK`` and ``SK``; ``indexes`` maps an index to its partition and sort attributes."""

    def __init__(self, indexes: Mapping[str, tuple[str, str]]) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.requests = 0
        self._indexes = indexes

    # Reading

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool = False) -> dict[str, Any]:  # noqa: N803
        self.requests += 1
        item = self.items.get(_key(Key))
        return {"Item": dict(item)} if item else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803
        self.requests += 1
        ((table, asked),) = RequestItems.items()
        keys = [_key(key) for key in asked["Keys"]]
        assert 0 < len(keys) <= 100
        assert len(set(keys)) == len(keys), "duplicate keys are refused"
        return {"Responses": {table: [dict(self.items[key]) for key in keys if key in self.items]}}

    def query(self, **asked: Any) -> dict[str, Any]:
        self.requests += 1
        names, values = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"]
        partition, sort = self._indexes.get(asked.get("IndexName", ""), ("PK", "SK"))
        assert names["#pk"] == partition
        assert names.get("#sk", sort) == sort
        test = _condition(asked["KeyConditionExpression"])
        found = [item for item in self.items.values() if partition in item and sort in item]
        found = [dict(item) for item in found if test(item, names, values)]
        return {"Items": sorted(found, key=lambda item: _plain(item[sort]))}

    # Writing

    def put_item(self, **arguments: Any) -> dict[str, Any]:
        return self._alone("Put", arguments)

    def update_item(self, ReturnValues: str = "NONE", **arguments: Any) -> dict[str, Any]:  # noqa: N803
        answer = self._alone("Update", arguments)
        if ReturnValues == "UPDATED_NEW":
            answer["Attributes"] = dict(self.items[_key(arguments["Key"])])
        return answer

    def delete_item(self, **arguments: Any) -> dict[str, Any]:
        return self._alone("Delete", arguments)

    def transact_write_items(self, *, TransactItems: Sequence[Any]) -> dict[str, Any]:  # noqa: N803
        self.requests += 1
        entries = [next(iter(entry.items())) for entry in TransactItems]
        assert 0 < len(entries) <= 100
        keys = [_target(arguments) for _, arguments in entries]
        assert len(set(keys)) == len(keys), "two writes of one item are refused"
        refused = [not self._holds(arguments) for _, arguments in entries]
        if any(refused):
            reasons = [
                self._reason(arguments) if no else {"Code": "None"}
                for no, (_, arguments) in zip(refused, entries, strict=True)
            ]
            raise _error("TransactionCanceledException", CancellationReasons=reasons)
        for kind, arguments in entries:
            self._apply(kind, arguments)
        return {}

    def _alone(self, kind: str, arguments: Any) -> dict[str, Any]:
        self.requests += 1
        if not self._holds(arguments):
            found = self._reason(arguments)
            raise _error("ConditionalCheckFailedException", **({"Item": found["Item"]} if "Item" in found else {}))
        self._apply(kind, arguments)
        return {}

    def _reason(self, arguments: Any) -> dict[str, Any]:
        item = self.items.get(_target(arguments))
        wanted = arguments.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        return {"Code": "ConditionalCheckFailed"} | ({"Item": dict(item)} if item and wanted else {})

    def _holds(self, arguments: Any) -> bool:
        expressions = arguments.get("ConditionExpression", "") + " " + arguments.get("UpdateExpression", "")
        for given in (*arguments.get("ExpressionAttributeValues", {}), *arguments.get("ExpressionAttributeNames", {})):
            assert re.search(rf"{given}\b", expressions), f"{given} is not used in {expressions}"
        if "ConditionExpression" not in arguments:
            return True
        item = self.items.get(_target(arguments), {})
        test = _condition(arguments["ConditionExpression"])
        return test(item, arguments.get("ExpressionAttributeNames", {}), arguments.get("ExpressionAttributeValues", {}))

    def _apply(self, kind: str, arguments: Any) -> None:
        key = _target(arguments)
        if kind == "Put":
            self.items[key] = dict(arguments["Item"])
        elif kind == "Delete":
            self.items.pop(key, None)
        elif kind == "Update":
            item = self.items.setdefault(key, dict(arguments["Key"]))
            for change in _changes(arguments["UpdateExpression"]):
                _change(item, change, arguments.get("ExpressionAttributeValues", {}))
        else:
            assert kind == "ConditionCheck"


def _target(arguments: Any) -> tuple[str, str]:
    return _key(arguments.get("Key") or arguments["Item"])


def _key(item: Item) -> tuple[str, str]:
    return item["PK"]["S"], item["SK"]["S"]


def _error(code: str, **more: Any) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, **more}
    return ClientError(answer, "Write")


def _plain(value: Mapping[str, Any]) -> Any:
    ((kind, plain),) = value.items()
    return Decimal(plain) if kind == "N" else plain


# Expressions ---------------------------------------------------------------------------------------------------------

Test = Callable[[Item, Mapping[str, str], Mapping[str, Any]], bool]


@cache
def _changes(expression: str) -> tuple[tuple[str, str, str], ...]:
    """``SET a = :b, c = :d REMOVE e ADD f :g`` as (clause, attribute, value)."""
    found: list[tuple[str, str, str]] = []
    clauses = re.split(r"\b(SET|REMOVE|ADD)\b", expression)[1:]
    for clause, body in zip(clauses[::2], clauses[1::2], strict=True):
        for part in body.split(","):
            words = part.replace("=", " ").split()
            found.append((clause, words[0], words[1] if len(words) > 1 else ""))
    return tuple(found)


def _change(item: Item, change: tuple[str, str, str], values: Mapping[str, Any]) -> None:
    clause, attribute, name = change
    if clause == "SET":
        item[attribute] = values[name]
    elif clause == "REMOVE":
        item.pop(attribute, None)
    else:
        before = Decimal(item[attribute]["N"]) if attribute in item else Decimal(0)
        item[attribute] = {"N": str(before + Decimal(values[name]["N"]))}


@cache
def _condition(expression: str) -> Test:
    tokens = _TOKEN.findall(expression)
    test, rest = _any(tokens)
    assert not rest, f"cannot read {rest} of {expression}"
    return test


def _any(tokens: list[str]) -> tuple[Test, list[str]]:
    tests, rest = _joined(tokens, _all, "OR")
    return (lambda *given: any(test(*given) for test in tests)), rest


def _all(tokens: list[str]) -> tuple[Test, list[str]]:
    tests, rest = _joined(tokens, _one, "AND")
    return (lambda *given: all(test(*given) for test in tests)), rest


def _joined(
    tokens: list[str], inner: Callable[[list[str]], tuple[Test, list[str]]], word: str
) -> tuple[list[Test], list[str]]:
    test, rest = inner(tokens)
    tests = [test]
    while rest and rest[0] == word:
        test, rest = inner(rest[1:])
        tests.append(test)
    return tests, rest


def _one(tokens: list[str]) -> tuple[Test, list[str]]:
    first, rest = tokens[0], tokens[1:]
    if first == "(":
        test, rest = _any(rest)
        assert rest[0] == ")"
        return test, rest[1:]
    if first in ("attribute_exists", "attribute_not_exists"):
        name, wanted = rest[1], first == "attribute_exists"
        return (lambda item, names, values: (_attribute(name, names) in item) is wanted), rest[3:]
    if first == "begins_with":
        name, prefix = rest[1], rest[3]
        return (lambda item, names, values: _of(item, name, names).startswith(_plain(values[prefix]))), rest[5:]
    if rest[0] == "BETWEEN":
        low, high = rest[1], rest[3]
        test = lambda item, names, values: (  # noqa: E731
            _compared("<=", _raw(item, first, names), values[high])
            and _compared(">=", _raw(item, first, names), values[low])
        )
        return test, rest[4:]
    if rest[0] == "IN":
        end = rest.index(")")
        options = [token for token in rest[2:end] if token != ","]
        return (
            lambda item, names, values: any(_compared("=", _raw(item, first, names), values[one]) for one in options)
        ), rest[end + 1 :]
    sign, other = rest[0], rest[1]
    return (lambda item, names, values: _compared(sign, _raw(item, first, names), values[other])), rest[2:]


def _attribute(name: str, names: Mapping[str, str]) -> str:
    return names[name] if name.startswith("#") else name


def _raw(item: Item, name: str, names: Mapping[str, str]) -> Any:
    return item.get(_attribute(name, names))


def _of(item: Item, name: str, names: Mapping[str, str]) -> str:
    return str(_plain(_raw(item, name, names) or {"S": ""}))


def _compared(sign: str, left: Any, right: Any) -> bool:
    if left is None or left.keys() != right.keys():
        return sign == "<>" and left is not None
    mine, other = _plain(left), _plain(right)
    return {
        "=": mine == other,
        "<>": mine != other,
        "<": mine < other,
        "<=": mine <= other,
        ">": mine > other,
        ">=": mine >= other,
    }[sign]
