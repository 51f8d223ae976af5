"""Good scrapes as the ledger sees them: episodes that go on, waver or end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.items import from_item
from chalicelib.notifications import ledger, store
from chalicelib.notifications.episodes import Episode, Phase, after_scrape
from chalicelib.notifications.store import Refused, Write
from chalicelib.telemetry import logger

MARK_KEPT = timedelta(days=60)
_AT_ONCE = store.MOST_WRITES - 1
"""Episodes in one transaction, beside the check of the run's mark."""

Pairs = Collection[tuple[str, str]]
"""``(request id, product id)``."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a good scrape did to the episodes open at a postcode."""

    wavering: int = 0
    """Offers missed for the first time."""
    ended: int = 0
    """Offers missed twice in a row: news again when they come back."""
    recovered: int = 0
    """Offers back after one miss: still the same episode."""


def observe(
    postcode: str,
    run_id: str,
    shops: Collection[str],
    judged: Collection[str],
    satisfied: Pairs,
    *,
    confirm: Callable[[Pairs], Pairs] | None = None,
    now: datetime | None = None,
) -> Observed:
    """Count one good scrape of ``shops`` for the episodes open at ``postcode``.

    To be called once the matches of a run are published, with

    - ``run_id``: the scrape run; ids must sort in the order in which runs began;
    - ``shops``: keys of the shops whose scrape for this postcode was *complete* in this run.  A failed, blocked, empty
      or shrunken one is no observation: leave it out, and its episodes stay as they are;
    - ``judged``: ids of the requests that were matched (the active ones of the postcode).  Others stay as they are;
    - ``satisfied``: ``(request id, product id)`` of every match found, told before or not;
    - ``confirm``: given the pairs that were told and not found now, gives those that the catalogue itself satisfies
      after all.  A search finds only the best of many, and may lag behind; a miss is counted only where both say so.

    Calling it again for the same run, at once or later, changes nothing; a run that comes after a later one is passed
    over.  Gives what changed.  ``RetryLater`` when the ledger is away: call again.
    """
    moment = now or datetime.now(UTC)
    seen = Observed()
    for shop in sorted(set(shops)):
        mark = f"Observed#{ledger.watch(postcode, shop)}", "Run"
        if not _marked(mark, run_id, moment):
            logger().info("run seen out of order", extra={"run_id": run_id, "postcode": postcode, "shop": shop})
            continue
        found = store.query(ledger.watch(postcode, shop), index="WatchedByShop", name="Watch")
        open_ones = [from_item(item, Episode) for item in found]
        watched = [one for one in open_ones if one.request_id in judged]
        missed = {_pair(one) for one in watched} - set(satisfied)
        found_after_all = set(confirm(missed)) if confirm and missed else set()
        seen = _counted(seen, mark, run_id, watched, {*satisfied, *found_after_all})
    return seen


def _pair(episode: Episode) -> tuple[str, str]:
    return episode.request_id, episode.product_id


def _marked(mark: tuple[str, str], run_id: str, now: datetime) -> bool:
    """Note that this run is being observed.  ``False`` when a later one has been before."""
    expires = int((now + MARK_KEPT).timestamp())
    in_order = "attribute_not_exists(LastRun) OR LastRun <= :run"
    try:
        store.write(
            store.update(
                *mark, "SET LastRun = :run, ExpiresAt = :expires", in_order, {"run": run_id, "expires": expires}
            )
        )
    except Refused:
        return False
    return True


def _counted(
    seen: Observed,
    mark: tuple[str, str],
    run_id: str,
    episodes: Sequence[Episode],
    satisfied: Pairs,
) -> Observed:
    changes: list[tuple[Write, str]] = []
    for episode in episodes:
        still = _pair(episode) in satisfied
        phase, misses = after_scrape(episode, still)
        if episode.last_run < run_id and (phase, misses) != (episode.phase, episode.misses):
            what = "recovered" if still else "ended" if phase is Phase.ENDED else "wavering"
            changes.append((_change(episode, phase, misses, run_id), what))
    done: list[str] = []
    for start in range(0, len(changes), _AT_ONCE):
        done += _written(mark, run_id, changes[start : start + _AT_ONCE])
    return Observed(
        seen.wavering + done.count("wavering"),
        seen.ended + done.count("ended"),
        seen.recovered + done.count("recovered"),
    )


def _written(mark: tuple[str, str], run_id: str, changes: list[tuple[Write, str]]) -> list[str]:
    """Make the changes that still apply, all of them only while no later run is being observed."""
    unchanged = store.check(*mark, "LastRun = :run", {"run": run_id})
    while changes:
        try:
            store.transact([unchanged, *(write for write, _ in changes)])
            break
        except Refused as refused:
            if refused.failed[0]:
                return []
            changes = [change for change, lost in zip(changes, refused.failed[1:], strict=True) if not lost]
    return [what for _, what in changes]


def _change(episode: Episode, phase: Phase, misses: int, run_id: str) -> Write:
    change = "SET Phase = :phase, Misses = :misses, LastRun = :run" + (" REMOVE Watch" if phase is Phase.ENDED else "")
    condition = "Episode = :episode AND Phase = :open AND Misses = :before AND LastRun = :last"
    values = {
        "phase": phase.value,
        "misses": misses,
        "run": run_id,
        "episode": episode.episode,
        "open": Phase.OPEN.value,
        "before": episode.misses,
        "last": episode.last_run,
    }
    key = ledger.partition(episode.request_id), ledger.product_key(episode.product_id)
    return store.update(*key, change, condition, values)
