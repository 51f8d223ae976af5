"""Stream records that no attempt could work on, handed to their function again.

The failure queue holds two kinds of letters: a record that the indexer put aside itself, with its reason, and Lambda's
description of a batch it gave up (``DDBStreamBatchInfo``: stream, shard, first and last sequence number), whose records
are read from the stream again.  A stream keeps its records for 24 hours; for older ones there are other remedies.

Sources: Lambda developer guide, "Retain discarded batches" (the description); DynamoDB developer guide, "Change data
capture for DynamoDB Streams" (24 hours).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.settings import settings
from local.operating import queues
from local.operating.stage import client

Record = dict[str, Any]
_GONE = frozenset({"TrimmedDataAccessException", "ResourceNotFoundException"})


class Stays(Exception):
    """A letter cannot be replayed; the message says why and what helps instead."""


@dataclass
class Replayed:
    """What became of the letters of the failure queue."""

    letters: int = 0
    """Worked on and deleted."""
    records: int = 0
    left: dict[str, int] = field(default_factory=dict)
    """Letters that stay in the queue, by the reason."""


def replay(most: int) -> Replayed:
    """Hand the records of up to ``most`` letters to their functions again; a letter goes when its records did."""
    url = queues.dead()[queues.STREAM_FAILURES]
    done, kept = Replayed(), []
    for letter in queues.letters(url, most):
        try:
            records = list(records_of(json.loads(letter["Body"])))
            _invoke(records)
        except Stays as reason:
            done.left[str(reason)] = done.left.get(str(reason), 0) + 1
            kept.append(letter)
            continue
        queues.forget(url, letter)
        done.letters += 1
        done.records += len(records)
    for letter in kept:
        queues.release(url, letter)
    return done


def records_of(body: Mapping[str, Any]) -> Iterator[Record]:
    """The stream records a letter is about, as Lambda hands them to a function.  ``Stays`` when they are gone."""
    if "Record" in body:
        record = body["Record"]
        if not {"NewImage", "OldImage"} & record["dynamodb"].keys():
            raise Stays("the record was too large to be kept; make reconcile mends the index")
        yield {"eventSourceARN": body["Source"], **record}
    elif "DDBStreamBatchInfo" in body:
        yield from _read_again(body["DDBStreamBatchInfo"])
    else:
        raise Stays("the letter is of no kind that is known; read it in the SQS console")


def _read_again(batch: Mapping[str, Any]) -> Iterator[Record]:
    """The records of one shard from the first to the last sequence number of a batch."""
    streams = client("dynamodbstreams")
    stream, last = batch["streamArn"], int(batch["endSequenceNumber"])
    try:
        page: dict[str, Any] = {
            "NextShardIterator": streams.get_shard_iterator(
                StreamArn=stream,
                ShardId=batch["shardId"],
                ShardIteratorType="AT_SEQUENCE_NUMBER",
                SequenceNumber=batch["startSequenceNumber"],
            )["ShardIterator"]
        }
        while page.get("NextShardIterator"):
            page = streams.get_records(ShardIterator=page["NextShardIterator"])
            for record in page["Records"]:
                if int(record["dynamodb"]["SequenceNumber"]) > last:
                    return
                yield {"eventSourceARN": stream, **record}
            if not page["Records"] or int(page["Records"][-1]["dynamodb"]["SequenceNumber"]) >= last:
                return
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            raise Stays(_remedy(stream)) from None
        raise


def _remedy(stream: str) -> str:
    if f"/{settings().user_requests_table}/" in stream:
        return "the stream has forgotten the records; the scheduled matcher finds their wishes"
    return "the stream has forgotten the records; make reconcile mends the index"


def _invoke(records: list[Record]) -> None:
    """Call the function of each record's stream with its records.  ``Stays`` when it fails them again."""
    for stream in dict.fromkeys(record["eventSourceARN"] for record in records):
        event = {"Records": [record for record in records if record["eventSourceARN"] == stream]}
        answer = client("lambda", attempts=1).invoke(
            FunctionName=_function_of(stream), Payload=json.dumps(event, default=_as_lambda_does).encode()
        )
        report = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError") or (report or {}).get("batchItemFailures"):
            raise Stays(f"{_function_of(stream)} fails on it again: see its log")


def _function_of(stream: str) -> str:
    requests = f"/{settings().user_requests_table}/" in stream
    return f"shelfwatch-{settings().stage}-{'request_changes' if requests else 'indexer'}"


def _as_lambda_does(value: Any) -> Any:
    """Bytes in base64 and times as epoch seconds, as in Lambda's events."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.timestamp()
