"""What the four routes do, free of transport: each function takes a checked model and a caller."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from chalicelib.errors import NotFound
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.requests import lifecycle
from chalicelib.requests.inputs import Change, Listing, NewRequest
from chalicelib.requests.lifecycle import Move
from chalicelib.requests.listing import Filter
from chalicelib.requests.store import RequestStore
from chalicelib.requests.tokens import read_token, write_token
from chalicelib.settings import settings


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: ``name`` for caps and idempotency keys, ``owner`` where the stage has users."""

    name: str
    owner: str | None = None


def submit(wish: NewRequest, caller: Caller, store: RequestStore) -> UserRequest:
    """Store a new request."""
    request = new_request(wish, caller, str(uuid.uuid4()), store)
    store.put(request)
    return request


def new_request(wish: NewRequest, caller: Caller, request_id: str, store: RequestStore) -> UserRequest:
    """The request that ``wish`` becomes, at the start of its life."""
    stage = settings()
    now = store.now()
    status = RequestStatus.PENDING if stage.phone_proof else RequestStatus.ACTIVE
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
        expires_at=lifecycle.end_of_life(status, now, timedelta(days=stage.request_life_days)),
    )


def list_requests(listing: Listing, caller: Caller, store: RequestStore) -> tuple[list[UserRequest], str | None]:
    """A page of the requests the caller may see, and the token of the next one."""
    wanted = Filter(listing.postcode, listing.status, caller.owner)
    start = read_token(listing.next_token, wanted) if listing.next_token else None
    requests, end = store.page(wanted, listing.limit, start)
    return requests, write_token(end, wanted) if end else None


def delete(request_id: str, caller: Caller, store: RequestStore) -> str:
    """Delete a request of the caller's; gives its id.  Raises ``NotFound``."""
    if store.delete(request_id, caller.owner) is None:
        raise unknown(request_id)
    return request_id


def update(change: Change, caller: Caller, store: RequestStore) -> UserRequest:
    """Change a request of the caller's.  Raises ``NotFound``, or ``Conflict`` where its status does not allow it."""

    def changed(request: UserRequest) -> UserRequest:
        if caller.owner is not None and request.owner != caller.owner:
            raise unknown(change.request_id)
        return apply(change, request)

    after = store.update(change.request_id, changed)
    if after is None:
        raise unknown(change.request_id)
    return after


def apply(change: Change, request: UserRequest) -> UserRequest:
    """``request`` with the fields of ``change`` and the status that follows from them.  Pure."""
    move = Move.EDIT
    if change.status is not None:
        move = Move.PAUSE if change.status is RequestStatus.PAUSED else Move.RESUME
    return msgspec.structs.replace(
        request,
        status=lifecycle.moved(request.status, move),
        product_name=change.product_name or request.product_name,
        discount=request.discount if change.discount is None else change.discount,
        phone_number=change.phone_number or request.phone_number,
    )


def unknown(request_id: str) -> NotFound:
    """The error for an id that is not there, or not the caller's: the same, so that nobody learns which."""
    return NotFound(f"there is no request {request_id}")
