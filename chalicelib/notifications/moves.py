"""The moves of a delivery: each a conditional write by the owner of a token, from states that allow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from chalicelib.errors import RetryLater
from chalicelib.items import plain
from chalicelib.notifications import ledger, store
from chalicelib.notifications.episodes import Phase, Terms
from chalicelib.notifications.ledger import Delivery, key_of, milliseconds
from chalicelib.notifications.messages import NotifiedProduct, UserNotification
from chalicelib.notifications.states import OPEN, UNTOLD, State, sources
from chalicelib.notifications.store import Refused, Write

SENDING_LEASE = 60
"""Seconds a worker may take to send: more than the client's timeouts.  After that nobody can tell whether it did."""

_ONLY_CLAIMED = frozenset({State.CLAIMED})


@dataclass(frozen=True, slots=True)
class Begun:
    """A delivery in state ``sending`` that this worker, and nobody else, may send."""

    message: UserNotification
    token: str
    refunds: tuple[Write, ...]
    """What gives back to the limits what the beginning took."""


def begin(
    message: UserNotification,
    limits: Sequence[Write],
    refunds: Sequence[Write],
    parts: int,
    cost: Decimal,
    now: datetime,
) -> Begun:
    """``claimed → sending``, together with ``limits``: taken all at once or not at all.

    Raises ``Refused`` whose index 0 is the delivery itself and whose others are those of ``limits``, and ``RetryLater``
    where the ledger is away.  Where the answer is lost the ledger is asked whether it was done, by the token.
    """
    token = ledger.new_token()
    changes = {"OwnerToken": token, "DueAt": milliseconds(now) + SENDING_LEASE * 1000, "Parts": parts, "Cost": cost}
    not_held = "(attribute_not_exists(HeldUntil) OR HeldUntil <= :moment)"
    move = _move(message, State.SENDING, _ONLY_CLAIMED, now, changes, condition=not_held, attempt=True)
    try:
        store.transact([move, *limits])
    except RetryLater:
        found = ledger.find(message)
        if found is None or found.owner_token != token:
            raise
    return Begun(message=message, token=token, refunds=tuple(refunds))


def finish(
    begun: Begun, target: State, now: datetime, *, message_id: str = "", reason: str = "", due_in: int = 0
) -> None:
    """``sending`` → ``target``, by the worker that began it.  What the channel did not take is refunded.

    ``due_in``: seconds after which the sweep looks at one that goes back to ``claimed``.  Raises ``Refused`` when the
    delivery is no longer this worker's.
    """
    changes: dict[str, Any] = {"Reason": reason, "MessageID": message_id}
    if target in OPEN:
        changes["DueAt"] = milliseconds(now) + due_in * 1000
    among = frozenset({State.SENDING, State.UNKNOWN})
    move = _move(begun.message, target, among, now, changes, token=begun.token)
    refunds = begun.refunds if target in (State.FAILED, State.CLAIMED, State.SUPPRESSED) else ()
    try:
        if refunds:
            store.transact([move, *refunds])
        else:
            store.write(move)
    except Refused as refused:
        if not _done_before(refused, target, begun.token):
            raise


def park(message: UserNotification, token: str, now: datetime) -> bool:
    """``sending → unknown`` once the lease of ``token`` has run out.  ``False``: somebody was quicker."""
    changes = {"Reason": "the worker stopped while sending"}
    sending = frozenset({State.SENDING})
    return _moved(_move(message, State.UNKNOWN, sending, now, changes, token=token, condition="DueAt <= :moment"))


def hold(message: UserNotification, until: datetime, reason: str, now: datetime) -> bool:
    """Keep a claimed delivery until ``until``, when the sweep publishes it again.  ``False``: it is not claimed now."""
    changes = {"OwnerToken": ledger.new_token(), "DueAt": milliseconds(until), "HeldUntil": milliseconds(until)}
    return _moved(_move(message, State.CLAIMED, _ONLY_CLAIMED, now, changes | {"Reason": reason}))


def take_over(delivery: Delivery, now: datetime) -> Delivery | None:
    """Claim again a delivery whose due time has come.  ``None``: somebody was quicker."""
    token, due_at = ledger.new_token(), ledger.lease_until(delivery.message.claimed_at, now)
    move = _move(
        delivery.message,
        State.CLAIMED,
        _ONLY_CLAIMED,
        now,
        {"OwnerToken": token, "DueAt": due_at},
        token=delivery.owner_token,
        condition="DueAt <= :moment",
    )
    return msgspec.structs.replace(delivery, owner_token=token, due_at=due_at) if _moved(move) else None


def fail(message: UserNotification, reason: str, now: datetime) -> bool:
    """``claimed → failed``: it can never be sent, and was not.  ``False``: it is not claimed now."""
    return _moved(_move(message, State.FAILED, _ONLY_CLAIMED, now, {"Reason": reason}))


def withdraw(message: UserNotification, target: State, reason: str, now: datetime) -> bool:
    """``claimed`` → ``suppressed`` or ``expired``: the shopper hears nothing of it on this channel.

    Where no other channel has told it either, it is released, so that the same offer is news again when a match
    finds it.  ``False``: it is not claimed now.
    """
    move = _move(message, target, _ONLY_CLAIMED, now, {"Reason": reason})
    others = _silence_of_others(message)
    releases = [release(message, item) for item in message.items]
    while True:
        try:
            store.transact([move, *others, *releases])
            return True
        except Refused as refused:
            if refused.failed[0]:
                return False
            if any(refused.failed[1 : 1 + len(others)]):
                others, releases = [], []
            lost = refused.failed[1 + len(others) :]
            releases = [entry for entry, failed in zip(releases, lost, strict=False) if not failed]


def retell(message: UserNotification, item: NotifiedProduct) -> Write:
    """Notes in the episode, if it still is the message's, that the terms of ``item`` are those told after all."""
    return _of_episode(message, item.product_id, *_setting(item))


def release(message: UserNotification, item: NotifiedProduct) -> Write:
    """Takes back that ``item`` was to be told, if its episode still is the message's.

    The episode ends; where the news was a further fall it goes on with the terms the shopper knows.
    """
    if item.told_before is not None:
        return _of_episode(message, item.product_id, *_setting(item.told_before))
    return _of_episode(message, item.product_id, "SET Phase = :ended REMOVE Watch", {"ended": Phase.ENDED.value})


def _setting(terms: Terms) -> tuple[str, dict[str, Any]]:
    change = "SET Discount = :discount, Price = :price, PriorPrice = :prior, Currency = :currency"
    values = {"discount": terms.discount, "price": terms.price, "prior": terms.prior_price, "currency": terms.currency}
    return change, values


def _of_episode(message: UserNotification, product_id: str, change: str, values: Mapping[str, Any]) -> Write:
    key = ledger.partition(message.request_id), ledger.product_key(product_id)
    mine = {"notification": message.notification_id}
    return store.update(*key, change, "NotificationID = :notification", {**values, **mine})


def _silence_of_others(message: UserNotification) -> list[Write]:
    """Holds where no other channel has told, or may yet tell, what ``message`` says."""
    silent = [state.value for state in (*sorted(UNTOLD), State.FAILED)]
    names = [f"silent{at}" for at in range(len(silent))]
    condition = f"DeliveryState IN ({', '.join(':' + name for name in names)})"
    keys = [
        (ledger.partition(message.request_id), ledger.delivery_key(message.notification_id, channel))
        for channel in message.channels
        if channel is not message.channel
    ]
    return [store.check(*key, condition, dict(zip(names, silent, strict=True))) for key in keys]


def _move(
    message: UserNotification,
    target: State,
    among: frozenset[State],
    now: datetime,
    changes: Mapping[str, Any],
    *,
    token: str = "",
    condition: str = "",
    attempt: bool = False,
) -> Write:
    """The write of a move to ``target`` from those of ``among`` that allow it, by the owner of ``token``."""
    froms = {f"from{at}": state.value for at, state in enumerate(sorted(sources(target, among=among)))}
    conditions = [f"DeliveryState IN ({', '.join(':' + name for name in froms)})"]
    changes = {"DeliveryState": target.value, "ChangedAt": now.isoformat(), **changes}
    values: dict[str, Any] = {**froms, **{f"new{name}": value for name, value in changes.items()}}
    if token:
        conditions, values = [*conditions, "OwnerToken = :token"], values | {"token": token}
    if condition:
        conditions, values = [*conditions, condition], values | {"moment": milliseconds(now)}
    change = "SET " + ", ".join(f"{name} = :new{name}" for name in changes)
    if target is State.UNKNOWN:
        change, values = f"{change}, OpenShard = :shard, DueAt = :since", values | _among_unknown(now)
    elif target in OPEN:
        change, values = f"{change}, OpenShard = :shard", values | {"shard": ledger.open_shard(message.notification_id)}
    else:
        change += " REMOVE OpenShard, DueAt, HeldUntil"
    if attempt:
        change, values = f"{change} ADD Attempts :one", values | {"one": 1}
    return store.update(*key_of(message), change, " AND ".join(conditions), values)


def _among_unknown(now: datetime) -> dict[str, Any]:
    return {"shard": ledger.UNKNOWN_SHARD, "since": milliseconds(now)}


def _moved(move: Write) -> bool:
    try:
        store.write(move)
    except Refused:
        return False
    return True


def _done_before(refused: Refused, target: State, token: str) -> bool:
    """Whether a refused move had been done by an earlier attempt whose answer was lost."""
    if not refused.failed[0] or refused.items[0] is None:
        return False
    found = plain(refused.items[0])
    return bool(found["DeliveryState"] == target and found["OwnerToken"] == token)
