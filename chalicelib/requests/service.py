"""What the four routes do, free of transport: each function takes a checked model, a caller and its tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from chalicelib.errors import NotFound, TooMany
from chalicelib.items import Item
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.requests import idempotency, lifecycle, proof, texting
from chalicelib.requests.calls import Cancelled
from chalicelib.requests.guards import GuardStore
from chalicelib.requests.inputs import Change, Listing, NewRequest
from chalicelib.requests.lifecycle import Move
from chalicelib.requests.listing import Filter
from chalicelib.requests.store import RequestStore
from chalicelib.requests.tokens import read_token, write_token
from chalicelib.settings import settings

PENDING, ACTIVE, PAUSED, EXPIRED = RequestStatus


class Caller(msgspec.Struct, frozen=True):
    """Who calls: ``name`` for caps and idempotency keys, ``owner`` where the stage has users."""

    name: str
    owner: str | None = None


class Tools(msgspec.Struct, frozen=True):
    """What the routes work with; tests put their own in."""

    store: RequestStore = msgspec.field(default_factory=RequestStore)
    guards: GuardStore = msgspec.field(default_factory=GuardStore)
    send: proof.Sender = msgspec.field(default_factory=lambda: texting.send_text)


def submit(wish: NewRequest, caller: Caller, key: str | None, tools: Tools) -> UserRequest:
    """Store a new request, or give the one that the same idempotency key made before.

    Raises ``Conflict`` for a key that was used for something else, and ``TooMany`` when a cap is reached.
    """
    request = new_request(wish, caller, idempotency.request_id(caller.name, key), tools.store)
    proving = request.status is PENDING
    if key and proving and (made := tools.store.item(request.request_id)):
        return _replayed(made, wish, caller, tools)
    if proving:
        proof.reserve_text(request.phone_number, caller.name, tools.guards, tools.store.now())
    marks = idempotency.marks(wish, request.created_at) if key else {}
    if there := _store(request, tools, marks):
        if proving:
            proof.release_text(request.phone_number, caller.name, tools.guards, tools.store.now())
        return _replayed(there, wish, caller, tools)
    if proving:
        proof.send_code(request, tools.guards, tools.send, tools.store.now())
    return request


def _replayed(item: Item, wish: NewRequest, caller: Caller, tools: Tools) -> UserRequest:
    """The request an idempotency key made before; its code is texted if that was never reached."""
    stored = lifecycle.as_of(idempotency.replayed(item, wish), tools.store.now())
    if stored.status is PENDING and tools.guards.code_made_at(stored.request_id) is None:
        proof.reserve_text(stored.phone_number, caller.name, tools.guards, tools.store.now())
        proof.send_code(stored, tools.guards, tools.send, tools.store.now())
    return stored


def new_request(wish: NewRequest, caller: Caller, request_id: str, store: RequestStore) -> UserRequest:
    """The request that ``wish`` becomes, at the start of its life."""
    now = store.now()
    status = PENDING if settings().phone_proof else ACTIVE
    return UserRequest(
        request_id=request_id,
        postcode=wish.postcode,
        product_name=wish.product_name,
        discount=wish.discount,
        phone_number=wish.phone_number,
        email=wish.email,
        webhook_url=wish.webhook_url,
        owner=caller.owner,
        status=status,
        version=1,
        created_at=now,
        updated_at=now,
        expires_at=lifecycle.end_of_life(status, now, _life()),
    )


def _store(request: UserRequest, tools: Tools, extra: Mapping[str, Any]) -> Item | None:
    """Store a request and count it for its phone, both or neither; gives what was there under its id."""
    if settings().requests_per_phone == 0:
        return tools.store.put(request, **extra)
    slot = tools.guards.slot(request.phone_number, request.request_id, request.created_at + _life())
    for heal in (True, False):
        try:
            return tools.store.put(request, ({"Update": slot},), **extra)
        except Cancelled:
            if not (heal and _freed(request.phone_number, tools)):
                break
    raise _too_many()


def _freed(phone: str, tools: Tools) -> bool:
    """Whether requests that are gone could be taken off a phone's count."""
    counted = tools.guards.slots(phone)
    alive = {one.request_id for one in tools.store.get_many(counted) if one.status is not EXPIRED}
    if counted - alive:
        tools.guards.free_slots(phone, counted - alive)
    return bool(counted - alive)


def _too_many() -> TooMany:
    return TooMany("TooManyRequests", "this phone has as many requests as it may have; delete one first", 3600)


def list_requests(listing: Listing, caller: Caller, tools: Tools) -> tuple[list[UserRequest], str | None]:
    """A page of the requests the caller may see, and the token of the next one."""
    wanted = Filter(listing.postcode, listing.status, caller.owner)
    start = read_token(listing.next_token, wanted) if listing.next_token else None
    requests, end = tools.store.page(wanted, listing.limit, start)
    return requests, write_token(end, wanted) if end else None


def delete(request_id: str, caller: Caller, tools: Tools) -> None:
    """Delete a request of the caller's.  Raises ``NotFound``."""
    deleted = tools.store.delete(request_id, caller.owner)
    if deleted is None:
        raise unknown(request_id)
    if settings().requests_per_phone:
        tools.guards.free_slots(deleted.phone_number, [request_id])


def update(change: Change, caller: Caller, tools: Tools) -> UserRequest:
    """Change a request of the caller's.

    Raises ``NotFound``, ``Conflict`` where its status does not allow the change, ``InvalidRequest`` for a wrong code,
    and ``TooMany`` when a cap is reached.
    """
    before = tools.store.get(change.request_id)
    if before is None or caller.owner not in (None, before.owner):
        raise unknown(change.request_id)
    wished = apply(change, before)
    spent = _spent_code(change, before, tools)
    asks = wished.status is PENDING and change.phone_number is not None
    if asks:
        proof.allow_another(before, tools.guards, tools.store.now())
        proof.reserve_text(wished.phone_number, caller.name, tools.guards, tools.store.now())
    after = _changed(change, before, wished, spent, tools)
    if asks and not proof.send_code(after, tools.guards, tools.send, tools.store.now()):
        raise proof.too_soon()
    return after


def _spent_code(change: Change, before: UserRequest, tools: Tools) -> tuple[Mapping[str, Any], ...]:
    """The write that uses up the code a change carries, to go with the change; raises for a wrong code."""
    if change.verification_code is None:
        return ()
    code = proof.check_code(before, change.verification_code, tools.guards, tools.store.now())
    return ({"Delete": tools.guards.spending(before.request_id, code)},)


def _changed(
    change: Change, before: UserRequest, wished: UserRequest, spent: Sequence[Mapping[str, Any]], tools: Tools
) -> UserRequest:
    """Make the change, and count the request for its new phone in place of the old one."""
    moves_phone = wished.phone_number != before.phone_number and settings().requests_per_phone > 0
    if moves_phone:
        _claim(wished, tools)
    try:
        after = tools.store.update(change.request_id, lambda request: apply(change, request), spent)
    except Cancelled:
        raise proof.spent() from None
    if after is None:
        raise unknown(change.request_id)
    if moves_phone:
        tools.guards.free_slots(before.phone_number, [before.request_id])
    return after


def _claim(request: UserRequest, tools: Tools) -> None:
    until = request.created_at + _life()
    for heal in (True, False):
        if tools.guards.claim_slot(request.phone_number, request.request_id, until):
            return
        if not (heal and _freed(request.phone_number, tools)):
            break
    raise _too_many()


def apply(change: Change, request: UserRequest) -> UserRequest:
    """``request`` with the fields of ``change`` and the status and end that follow from them.  Pure.

    Raises ``Conflict`` where the status does not allow the change.
    """
    status, ends = request.status, request.expires_at
    for move in _moves(change, request):
        status = lifecycle.moved(status, move)
        if move is Move.CONFIRM:
            ends = lifecycle.end_of_life(status, request.created_at, _life())
    return msgspec.structs.replace(
        request,
        status=status,
        expires_at=ends,
        product_name=change.product_name or request.product_name,
        discount=request.discount if change.discount is None else change.discount,
        phone_number=change.phone_number or request.phone_number,
    )


def _moves(change: Change, request: UserRequest) -> list[Move]:
    moves = [Move.EDIT]
    if change.verification_code is not None:
        moves.append(Move.CONFIRM)
    if settings().phone_proof and change.phone_number not in (None, request.phone_number):
        moves.append(Move.ASK_AGAIN)
    if change.status is not None:
        moves.append(Move.PAUSE if change.status is PAUSED else Move.RESUME)
    return moves


def _life() -> timedelta:
    return timedelta(days=settings().request_life_days)


def unknown(request_id: str) -> NotFound:
    """The error for an id that is not there, or not the caller's: the same, so that nobody learns which."""
    return NotFound(f"there is no request {request_id}")
