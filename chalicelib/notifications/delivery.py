"""Delivering a notification: at most once, and only while the shopper wants it and it is still true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.errors import RetryLater
from chalicelib.models import Product, RequestStatus, UserRequest
from chalicelib.notifications import channels, ledger, moves
from chalicelib.notifications.channels import Letter, Limit, Reply, Sender
from chalicelib.notifications.episodes import fell_further
from chalicelib.notifications.messages import NotifiedProduct, UserNotification, notified
from chalicelib.notifications.moves import Begun
from chalicelib.notifications.states import State
from chalicelib.notifications.store import Refused, Write
from chalicelib.telemetry import count, logger

FRESH = timedelta(minutes=30)
"""A notification older than this, or than its request, is checked against the catalogue before it is sent."""
OLDEST = timedelta(days=7)
"""A notification that could not be sent for this long is no news any more."""
FINISH_ATTEMPTS = 3
NEEDED = 30
"""Seconds a delivery may take: its turn, the longest answer of a channel, and the ledger."""

StillTrue = Callable[[UserRequest, Sequence[NotifiedProduct]], Iterable[Product]]
"""Those of the products, as the catalogue has them now, that still satisfy the request."""


def deliver(
    message: UserNotification,
    request_of: Callable[[str], UserRequest | None],
    *,
    still_true: StillTrue | None = None,
    pause: Callable[[UserRequest], None] | None = None,
    seconds_left: Callable[[], float] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> State:
    """Send what ``message`` asks for, unless it was sent, is being sent, or must not be sent any more.

    ``request_of`` reads the request as it is now; ``still_true`` checks products of an old notification against the
    catalogue; ``pause`` is called with a request whose phone has opted out; ``seconds_left`` is the time the function
    has, so that nothing is begun that its end would leave unknown.  Gives the state the delivery is in
    afterwards.  Raises ``RetryLater`` when it was certainly not sent and the queue should bring it again.  Anything
    else that is left open (held for a better hour, a worker that died) is brought back by ``sweeping.sweep``.
    """
    if seconds_left is not None and seconds_left() < NEEDED:
        raise RetryLater("no time left for another delivery", 1)
    now = clock()
    request = request_of(message.request_id)
    if request is None or request.status is not RequestStatus.ACTIVE:
        return _withdrawn(message, State.SUPPRESSED, "the request is gone or not active", now)
    if now - message.claimed_at > OLDEST:
        return _withdrawn(message, State.EXPIRED, "could not be sent in time", now)
    sender = channels.sender(message.channel)
    if not sender.wants(request):
        return _withdrawn(message, State.SUPPRESSED, "the request has no such channel", now)
    hold = sender.held(request, now)
    if hold is not None:
        return _held(message, *hold, now)
    task = _Task(message, request, sender, message.items, (), rechecked=False)
    changed = request.updated_at > message.claimed_at
    if still_true is not None and (changed or now - message.claimed_at > FRESH):
        task = _rechecked(task, still_true)
    return _send(task, pause or _pause_nothing, clock)


@dataclass(frozen=True, slots=True)
class _Task:
    """One attempt: what is told of (``items``), and what of the notification is not true any more (``gone``)."""

    message: UserNotification
    request: UserRequest
    sender: Sender
    items: tuple[NotifiedProduct, ...]
    gone: tuple[NotifiedProduct, ...]
    rechecked: bool

    def episode_writes(self) -> list[Write]:
        """What the ledger has to note about episodes, as the text will differ from what was claimed."""
        if not self.rechecked:
            return []
        told = [moves.retell(self.message, item) for item in self.items]
        return told + [moves.release(self.message, item) for item in self.gone]

    def without(self, lost: Sequence[bool]) -> _Task:
        """The task without what another notification has claimed since (in the order of ``episode_writes``)."""
        items = tuple(item for item, away in zip(self.items, lost, strict=False) if not away)
        gone = tuple(item for item, away in zip(self.gone, lost[len(self.items) :], strict=True) if not away)
        return _Task(self.message, self.request, self.sender, items, gone, self.rechecked)


def _rechecked(task: _Task, still_true: StillTrue) -> _Task:
    """The task with what the catalogue says now, and without what is not true, or no news, any more."""
    claimed = {item.product_id: item for item in task.items}
    items: dict[str, NotifiedProduct] = {}
    for product in still_true(task.request, task.items):
        before = claimed[product.product_id].told_before
        if before is None or fell_further(before, product):
            items[product.product_id] = notified(product, claimed[product.product_id].episode, told_before=before)
    gone = tuple(item for item in task.items if item.product_id not in items)
    return _Task(task.message, task.request, task.sender, tuple(items.values()), gone, rechecked=True)


def _send(task: _Task, pause: Callable[[UserRequest], None], clock: Callable[[], datetime]) -> State:
    if not task.items:
        return _withdrawn(task.message, State.EXPIRED, "not true any more", clock())
    letter = task.sender.compose(task.request, task.items, clock())
    limits = task.sender.limits(task.request, letter, clock())
    task.sender.pace()
    while True:
        try:
            begun = _begin(task, letter, limits, clock())
            break
        except Refused as refused:
            if refused.failed[0]:
                return _standing(task.message, refused, clock())
            used_up = [at for at in range(len(limits)) if refused.failed[1 + at]]
            if not used_up:
                return _send(task.without(refused.failed[1 + len(limits) :]), pause, clock)
            replacement = limits[used_up[0]].instead()
            if replacement is None:
                return _limited(task, limits[used_up[0]], pause, clock())
            limits[used_up[0]] = replacement
    reply = task.sender.send(task.request, task.message, letter)
    return _finished(task, begun, reply, pause, clock)


def _begin(task: _Task, letter: Letter, limits: Sequence[Limit], now: datetime) -> Begun:
    takes = [limit.take for limit in limits]
    refunds = [limit.give_back for limit in limits if limit.give_back is not None]
    writes = [*takes, *task.episode_writes()]
    return moves.begin(task.message, writes, refunds, letter.parts, letter.cost, now)


def _standing(message: UserNotification, refused: Refused, now: datetime) -> State:
    """What to do about a delivery that is not claimed: nothing, unless its sender has been silent for too long."""
    item = refused.items[0]
    delivery = ledger.delivery_of(item) if item else ledger.find(message)
    if delivery is None:
        logger().warning("delivery not in the ledger", extra={"notification_id": message.notification_id})
        return State.EXPIRED
    if delivery.delivery_state is State.SENDING and (delivery.due_at or 0) <= ledger.milliseconds(now):
        parked(delivery, now)
        return State.UNKNOWN
    return delivery.delivery_state


def parked(delivery: ledger.Delivery, now: datetime) -> bool:
    """Give up on a delivery whose sender is silent: nobody can tell whether the shopper got it.  Alarmed."""
    if not moves.park(delivery.message, delivery.owner_token, now):
        return False
    logger().error("delivery unknown", extra=_fields(delivery.message))
    count("NotificationsUnknown")
    return True


def _limited(task: _Task, limit: Limit, pause: Callable[[UserRequest], None], now: datetime) -> State:
    if limit.hold_until is not None:
        return _held(task.message, limit.hold_until, limit.reason, now)
    pause(task.request)
    return _withdrawn(task.message, State.SUPPRESSED, limit.reason, now)


def _finished(
    task: _Task, begun: Begun, reply: Reply, pause: Callable[[UserRequest], None], clock: Callable[[], datetime]
) -> State:
    if reply.state is State.SUPPRESSED:
        task.sender.opted_out(task.request, clock())
    _record(begun, reply, clock)
    count(f"Notifications{reply.state.title()}" if reply.state is not State.CLAIMED else "NotificationsPutBack")
    logger().info("delivery done", extra=_fields(task.message) | {"state": reply.state, "reason": reply.reason})
    if reply.state is State.SUPPRESSED:
        pause(task.request)
    if reply.state is State.CLAIMED:
        raise RetryLater(reply.reason, reply.after)
    return reply.state


def _record(begun: Begun, reply: Reply, clock: Callable[[], datetime]) -> None:
    """Write down what became of it.  Where that cannot be done the delivery stays in ``sending`` and the sweep parks it
    as ``unknown``: it is never sent again."""
    for attempt in range(FINISH_ATTEMPTS):
        try:
            moves.finish(
                begun, reply.state, clock(), message_id=reply.message_id, reason=reply.reason, due_in=reply.after + 120
            )
            return
        except Refused:
            logger().error("delivery was taken from its sender", extra=_fields(begun.message))
            return
        except RetryLater:
            if attempt == FINISH_ATTEMPTS - 1:
                logger().exception("outcome not recorded", extra=_fields(begun.message))


def _held(message: UserNotification, until: datetime, reason: str, now: datetime) -> State:
    if moves.hold(message, until, reason, now):
        count("NotificationsHeld")
        logger().info("delivery held", extra=_fields(message) | {"until": until.isoformat(), "reason": reason})
    return State.CLAIMED


def _withdrawn(message: UserNotification, target: State, reason: str, now: datetime) -> State:
    if moves.withdraw(message, target, reason, now):
        count(f"Notifications{target.title()}")
        logger().info("delivery withdrawn", extra=_fields(message) | {"state": target, "reason": reason})
    return target


def _fields(message: UserNotification) -> dict[str, str]:
    return {
        "notification_id": message.notification_id,
        "request_id": message.request_id,
        "channel": message.channel,
    }


def _pause_nothing(request: UserRequest) -> None:
    """For callers that have no requests to pause."""
