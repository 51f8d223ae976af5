"""The ways to reach a shopper.  A channel is one module whose ``SENDER`` keeps the protocol ``Sender``; named below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from typing import Protocol, cast

from chalicelib.models import UserRequest
from chalicelib.notifications.messages import Channel, NotifiedProduct, UserNotification
from chalicelib.notifications.states import State
from chalicelib.notifications.store import Write

_MODULES = {Channel.SMS: "sms", Channel.EMAIL: "email", Channel.WEBHOOK: "webhook"}


Hold = tuple[datetime, str]
"""Until when a delivery waits, and why."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, ready for the wire."""

    body: str
    parts: int = 1
    cost: Decimal = Decimal(0)
    """In the currency of the stage's prices."""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """Something a delivery takes from when it begins, in the same transaction."""

    take: Write
    give_back: Write | None
    """Undoes ``take`` when the channel did not accept the letter."""
    reason: str
    hold_until: datetime | None
    """Until when to wait where the limit is used up; ``None``: the shopper does not want to hear of it."""
    instead: Callable[[], Limit | None] = lambda: None
    """Another limit to try where this one is used up."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a letter: the state its delivery moves to from ``sending``.

    ``sent``: accepted.  ``failed``: refused for good.  ``claimed``: certainly not accepted, to be tried again ``after``
    so many seconds.  ``suppressed``: the shopper has opted out.  ``unknown``: it may or may not have been accepted.
    """

    state: State
    message_id: str = ""
    reason: str = ""
    after: int = 0


class Sender(Protocol):
    """What a channel does."""

    def wants(self, request: UserRequest) -> bool:
        """Whether the stage has this channel and the request an address for it."""

    def held(self, request: UserRequest, now: datetime) -> Hold | None:
        """Until when it must not be sent, and why; ``None``: it may go now."""

    def compose(self, request: UserRequest, items: tuple[NotifiedProduct, ...], now: datetime) -> Letter:
        """The letter that tells of ``items``."""

    def limits(self, request: UserRequest, letter: Letter, now: datetime) -> list[Limit]:
        """What sending it takes from."""

    def pace(self) -> None:
        """Waits for this letter's turn under the channel's rate; ``RetryLater`` where that would be long."""

    def send(self, request: UserRequest, message: UserNotification, letter: Letter) -> Reply:
        """Hands the letter over, in one attempt.  Never raises for what the other side did."""

    def opted_out(self, request: UserRequest, now: datetime) -> None:
        """Remembers that the shopper does not want to be reached here any more."""


def sender(channel: Channel) -> Sender:
    """The channel's implementation; only what is used is imported."""
    module = import_module(f"{__name__}.{_MODULES[channel]}")
    return cast(Sender, module.SENDER)


def wanted(request: UserRequest) -> tuple[Channel, ...]:
    """The channels a notification of ``request`` goes to."""
    return tuple(channel for channel in _MODULES if sender(channel).wants(request))
