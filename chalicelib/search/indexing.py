"""The indexer: stream records of the catalogue tables become documents, whatever order and however often they come."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from chalicelib import aws
from chalicelib.errors import Reject, RetryLater
from chalicelib.search import bulk, index
from chalicelib.search.documents import Document
from chalicelib.search.records import Record, document_of, sequence_number
from chalicelib.settings import settings
from chalicelib.telemetry import count, logger

sleep = time.sleep
ATTEMPTS = 4
PATIENCE = 15
"""Seconds after which no further attempt begins; with the client's timeout the function ends in time to say so."""
LARGEST_MESSAGE = 200_000
"""Bytes of a record put aside in SQS, which takes 256 KiB; of a larger one only the keys are kept."""


class IndexOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch of stream records."""

    failed: list[str]
    """Sequence numbers of records that have to come again."""
    changed: set[str]
    """Keys of the catalogues that have changes in the index now, whether this call wrote them or one before whose
    answer was lost: whoever has to act on a change learns of it at least once."""

    def report(self) -> dict[str, Any]:
        """What Lambda expects of the function (developer guide, "Configuring partial batch response")."""
        return {"batchItemFailures": [{"itemIdentifier": number} for number in self.failed]}


def index_records(event: Mapping[str, Any]) -> IndexOutcome:
    """Bring the index up to the records of a Lambda DynamoDB stream event.

    A record that can never be indexed is put aside in the failure queue with its reason and does not come again; single
    ones that OpenSearch puts off are reported.  ``RetryLater`` when OpenSearch as a whole is not there: the whole batch
    has to come again, which is harmless.
    """
    records: Sequence[Record] = event["Records"]
    documents, failed = _read(records)
    newest = _newest(documents)
    waiting, refused, written = _write(list(newest.values()))
    for record, document in documents:
        reason = refused.get(document.id)
        if document.id in waiting or (reason and document is newest[document.id] and not _put_aside(record, reason)):
            failed.append(sequence_number(record))
    if written:
        count("ProductsIndexed", written)
    done = (document for document in newest.values() if document.id not in waiting and document.id not in refused)
    return IndexOutcome(failed=failed, changed={document.key for document in done})


def _read(records: Sequence[Record]) -> tuple[list[tuple[Record, Document]], list[str]]:
    """Each record with its document, and the sequence numbers of unreadable ones that could not be put aside."""
    documents: list[tuple[Record, Document]] = []
    failed: list[str] = []
    for record in records:
        try:
            documents.append((record, document_of(record, settings().catalog_table_prefix)))
        except Reject as error:
            if not _put_aside(record, str(error)):
                failed.append(sequence_number(record))
    return documents, failed


def _newest(documents: Sequence[tuple[Record, Document]]) -> dict[str, Document]:
    """Only the newest version of each product needs to be written."""
    newest: dict[str, Document] = {}
    for _, document in documents:
        if document.id not in newest or document.version > newest[document.id].version:
            newest[document.id] = document
    return newest


def _write(documents: list[Document]) -> tuple[set[str], dict[str, str], int]:
    """Ids that have to wait, ids refused with the reason, and how many documents were written."""
    refused: dict[str, str] = {}
    written = 0
    waiting = documents
    end = time.monotonic() + PATIENCE
    for attempt in range(ATTEMPTS):
        if not waiting or (attempt and time.monotonic() > end):
            break
        if attempt:
            _pause(attempt)
        result = _attempt(waiting, last=attempt == ATTEMPTS - 1 or time.monotonic() > end)
        if result is not None:
            written += len(result.changed)
            refused |= {waiting[place].id: reason for place, reason in result.refused.items()}
            waiting = [waiting[place] for place in sorted(result.waiting)]
    if waiting and len(waiting) == len(documents):
        raise RetryLater("OpenSearch does not take the documents")
    return {document.id for document in waiting}, refused, written


def _attempt(documents: list[Document], last: bool) -> bulk.Written | None:
    """What became of the documents; ``None`` when OpenSearch did not answer and there is another attempt."""
    try:
        return bulk.write(documents, index.targets())
    except RetryLater as error:
        logger().warning("index does not take documents", extra={"reason": str(error), "documents": len(documents)})
        index.forget_targets()
        if last:
            raise
        return None


def _pause(attempt: int) -> None:
    """Sleep before attempt ``attempt`` (from 1): at most 0.4 s, 0.8 s, 1.6 s."""
    sleep(random.uniform(0.1, 0.2 * 2**attempt))


def _put_aside(record: Record, reason: str) -> bool:
    """Send the record with its reason to the failure queue; gives whether that worked."""
    facts = {"reason": reason, "sequence_number": sequence_number(record)}
    logger().error("record cannot be indexed", extra=facts)
    count("RecordsRefused")
    try:
        aws.sqs().send_message(QueueUrl=_failures_queue(), MessageBody=_message(record, reason))
    except Exception:  # noqa: BLE001 - whatever it is, the record must not be lost: it comes again
        logger().exception("record cannot be put aside", extra=facts)
        return False
    return True


def _message(record: Record, reason: str) -> str:
    source = record.get("eventSourceARN")
    message = msgspec.json.encode({"v": 1, "Reason": reason, "Source": source, "Record": record}, enc_hook=str)
    if len(message) > LARGEST_MESSAGE:
        kept = {"Keys": record["dynamodb"].get("Keys"), "SequenceNumber": sequence_number(record)}
        message = msgspec.json.encode({"v": 1, "Reason": reason, "Source": source, "Record": {"dynamodb": kept}})
    return message.decode()


@cache
def _failures_queue() -> str:
    arn = settings().require("indexer_failures_queue_arn")
    return aws.sqs().get_queue_url(QueueName=arn.rsplit(":", 1)[-1])["QueueUrl"]
