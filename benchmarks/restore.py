"""Backup and restore: 100,000 requests written to JSON Lines and read back into an empty stage."""

from __future__ import annotations

import itertools
import json
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import msgspec

from benchmarks.api_servers import Database, database
from benchmarks.harness import Limit, Report, seconds, single
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.requests.records import as_request
from chalicelib.settings import settings

REQUESTS = int(os.environ.get("RESTORE_REQUESTS", "100000"))
LONGEST = 300
"""Seconds a restore may take."""


def run(data: Path | None) -> Report:
    """Lines → table → lines on DynamoDB Local; what comes out must be what went in."""
    with database(heap_megabytes=1536) as stage, tempfile.TemporaryDirectory() as folder:
        _enter(stage)
        from local.operating import lines

        first, second = Path(folder, "first.jsonl"), Path(folder, "second.jsonl")
        first.write_bytes(b"".join(_lines()))
        with first.open("rb") as file:
            restoring = seconds(lambda: lines.load(settings().user_requests_table, file, as_request))
        with second.open("wb") as out:
            exporting = seconds(lambda: out.writelines(lines.dump(settings().user_requests_table)))
        same = _items(first) == _items(second)
    return Report(
        figures={
            "restore": single(restoring, "s"),
            "export": single(exporting, "s"),
            "same_lines": single(float(same), ""),
        },
        limits={"restore": Limit(at_most=LONGEST), "same_lines": Limit(at_least=1)},
        notes=[f"{REQUESTS:,} requests, with the table's four indexes."],
    )


def _items(file: Path) -> set[str]:
    """The lines, whatever the order of lines and attributes."""
    return {json.dumps(json.loads(line, parse_float=str), sort_keys=True) for line in file.open("rb")}


def _enter(stage: Database) -> None:
    os.environ.update({"AWS_ENDPOINT_URL": stage.endpoint, **stage.tables})
    settings.cache_clear()


def _lines() -> Iterator[bytes]:
    """Requests as an export has them: attributes in the order of the model, the end of life in epoch seconds."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    encoder = msgspec.json.Encoder(decimal_format="number")
    for number in itertools.islice(itertools.count(), REQUESTS):
        request = UserRequest(
            request_id=str(UUID(int=number)),
            postcode=f"SW{number % 20 + 1}A {number % 9 + 1}AA",
            product_name=f"olive oil {number % 1000} ml",
            discount=Decimal(number % 90) / 2,
            phone_number=f"+4477009{number % 100_000:05}",
            status=RequestStatus.ACTIVE,
            version=1,
            created_at=now + timedelta(seconds=number),
            updated_at=now + timedelta(seconds=number),
            expires_at=now,
        )
        values = msgspec.to_builtins(request, builtin_types=(Decimal,))
        yield encoder.encode(values | {"ExpiresAt": int(now.timestamp()) + 31_536_000}) + b"\n"
