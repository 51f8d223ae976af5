"""A stream poller that follows AWS's rules where the emulator does not.

For every shard: records in order, one batch at a time.  A reported item failure moves the checkpoint to the lowest
failed record and what follows it comes again; an exception makes the whole batch come again, halved where bisect is on
(halving does not count as an attempt); a batch whose attempts are used up, or that is too old, is described in the
failure queue and skipped.  Source: Lambda developer guide, "Using Lambda with DynamoDB": "Retaining discarded batches",
"Configuring partial batch response", "Error handling".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Record = Mapping[str, Any]
Handler = Callable[[dict[str, Any]], Mapping[str, Any]]


def number_of(record: Record) -> str:
    """The record's sequence number."""
    return str(record["dynamodb"]["SequenceNumber"])


@dataclass
class Batch:
    """Consecutive records of a shard, and how often they failed."""

    records: Sequence[Record]
    attempts: int = 0


@dataclass
class Shard:
    """One shard: ``records`` grows while the poller reads it."""

    records: list[Record]
    position: int = 0
    """The checkpoint: everything before it is done with."""
    pending: list[Batch] = field(default_factory=list)
    """What is left of the batch in work, in order."""


@dataclass
class Poller:
    """Feeds shards to ``handler`` as an event source mapping with these properties does."""

    handler: Handler
    batch_size: int = 100
    retries: int = 10
    bisect: bool = True
    reports_item_failures: bool = True
    is_too_old: Callable[[Record], bool] = lambda record: False
    failures: list[dict[str, Any]] = field(default_factory=list)
    """What went to the on-failure destination: where the records are, not the records."""

    def drain(self, shard: Shard) -> None:
        """Work until nothing is left.  Ends, because attempts do."""
        for _ in self.steps(shard):
            pass

    def steps(self, shard: Shard) -> Iterator[None]:
        """Work one invocation at a time, so that a test can do something else between two."""
        while shard.pending or shard.position < len(shard.records):
            if not shard.pending:
                shard.pending = [Batch(shard.records[shard.position : shard.position + self.batch_size])]
            batch = shard.pending.pop(0)
            shard.pending[:0] = self._invoked(batch)
            rest = sum(len(pending.records) for pending in shard.pending)
            if not rest:
                shard.position = min(len(shard.records), self._end_of(shard, batch))
            yield

    def _end_of(self, shard: Shard, batch: Batch) -> int:
        last = number_of(batch.records[-1])
        return 1 + next(place for place, record in enumerate(shard.records) if number_of(record) == last)

    def _invoked(self, batch: Batch) -> list[Batch]:
        """What has to come again after one invocation."""
        if batch.attempts > self.retries or self.is_too_old(batch.records[0]):
            self.failures.append(_described(batch))
            return []
        try:
            answer = self.handler({"Records": list(batch.records)})
        except Exception:  # noqa: BLE001 - a function's error, whatever it is
            return self._after_error(batch)
        return self._after_report(batch, answer) if self.reports_item_failures else []

    def _after_error(self, batch: Batch) -> list[Batch]:
        half = len(batch.records) // 2
        if self.bisect and half:
            return [Batch(batch.records[:half], batch.attempts), Batch(batch.records[half:], batch.attempts)]
        return [Batch(batch.records, batch.attempts + 1)]

    def _after_report(self, batch: Batch, answer: Mapping[str, Any]) -> list[Batch]:
        numbers = [number_of(record) for record in batch.records]
        failed = [failure.get("itemIdentifier") for failure in (answer or {}).get("batchItemFailures", [])]
        if not failed:
            return []
        if not set(failed) <= set(numbers):  # an unknown or empty identifier: the whole batch has failed
            return [Batch(batch.records, batch.attempts + 1)]
        lowest = min(numbers.index(str(number)) for number in failed)
        return [Batch(batch.records[lowest:], batch.attempts + 1)]


def _described(batch: Batch) -> dict[str, Any]:
    return {
        "DDBStreamBatchInfo": {
            "startSequenceNumber": number_of(batch.records[0]),
            "endSequenceNumber": number_of(batch.records[-1]),
            "batchSize": len(batch.records),
            "streamArn": batch.records[0]["eventSourceARN"],
        }
    }


def shards_of(streams: Any, stream_arn: str) -> list[Shard]:
    """The shards of a real stream with all records they hold now, as Lambda shows them to a function."""
    described = streams.describe_stream(StreamArn=stream_arn)["StreamDescription"]["Shards"]
    return [Shard(_read(streams, stream_arn, shard["ShardId"])) for shard in described]


def _read(streams: Any, stream_arn: str, shard_id: str) -> list[Record]:
    records: list[Record] = []
    iterator = streams.get_shard_iterator(StreamArn=stream_arn, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    position = iterator["ShardIterator"]
    while position:
        page = streams.get_records(ShardIterator=position)
        records += [{**record, "eventSourceARN": stream_arn} for record in page["Records"]]
        position = page.get("NextShardIterator") if page["Records"] else None
    return records
