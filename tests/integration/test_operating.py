"""The operator's commands on DynamoDB Local: backup and restore, what is held of a phone, records read again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from api_support import make_tables, stage

from chalicelib import aws
from chalicelib.items import plain
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.notifications import allowance, ledger, optouts, store
from chalicelib.requests.guards import GuardStore
from chalicelib.requests.store import RequestStore
from chalicelib.settings import settings
from local.operating import backup, lines, replaying, shoppers, status
from local.trouble import Trouble
from tests.support.notifications import table_definition

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
PHONE, OTHER = "+447700900123", "+447700900124"


@pytest.fixture
def tables(dynamodb_local: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A stage with empty tables of its own."""
    names = make_tables(dynamodb_local)
    names["NOTIFICATIONS_TABLE"] = names["PIPELINE_TABLE"].replace("Pipeline", "Notifications")
    boto3.client("dynamodb", endpoint_url=dynamodb_local).create_table(**table_definition(names["NOTIFICATIONS_TABLE"]))
    with stage(monkeypatch, AWS_ENDPOINT_URL=dynamodb_local, **names):
        yield


def wish(number: int, phone: str = PHONE, **changes: Any) -> UserRequest:
    """A stored request."""
    values = {
        "request_id": f"request-{number:04}",
        "postcode": "SW1A 1AA",
        "product_name": "olive oil \N{LATIN SMALL LETTER E WITH ACUTE} 500 ml",
        "discount": Decimal("12.5"),
        "phone_number": phone,
        "status": RequestStatus.ACTIVE,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "expires_at": datetime.now(UTC) + timedelta(days=300),
    }
    request = UserRequest(**(values | changes))
    RequestStore().put(request)
    return request


def told(request_id: str) -> None:
    """Something the ledger has of a request."""
    store.write(store.put({**store.key(ledger.partition(request_id), "Product#sample-1"), "Price": {"N": "1.10"}}))


def everything() -> dict[str, list[dict[str, Any]]]:
    """Both tables' items."""
    names = (settings().user_requests_table, settings().notifications_table)
    found = {name: aws.dynamodb().scan(TableName=name)["Items"] for name in names}
    return {name: sorted(items, key=str) for name, items in found.items()}


def wipe() -> None:
    """Lose every item of both tables."""
    for name, items in everything().items():
        keys = aws.dynamodb().describe_table(TableName=name)["Table"]["KeySchema"]
        for item in items:
            aws.dynamodb().delete_item(
                TableName=name, Key={key["AttributeName"]: item[key["AttributeName"]] for key in keys}
            )


def test_a_restored_stage_holds_exactly_what_was_exported(tables: None, tmp_path: Path) -> None:
    for number in range(230):
        wish(number)
        told(f"request-{number:04}")
    before = everything()
    assert backup.export(tmp_path / "b") == {"requests.jsonl": 230, "ledger.jsonl": 230}
    wipe()
    assert {name: loaded.written for name, loaded in backup.restore(tmp_path / "b").items()} == {
        "ledger.jsonl": 230,
        "requests.jsonl": 230,
    }
    assert everything() == before


def test_tables_that_were_restored_under_another_name_come_back_into_the_stage(
    tables: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish(1)
    told("request-0001")
    lost = everything()
    for name, items in lost.items():
        _restored(f"Restored{name}", name, items)
    wipe()
    wish(2)
    assert backup.export(tmp_path, "Restored") == {"requests.jsonl": 1, "ledger.jsonl": 1}
    assert backup.restore(tmp_path)["requests.jsonl"].written == 1
    assert {item["RequestID"]["S"] for item in everything()[settings().user_requests_table]} == {
        "request-0001",
        "request-0002",
    }


def _restored(name: str, source: str, items: list[dict[str, Any]]) -> None:
    """The table that a restore to an earlier moment makes: the items of then under another name."""
    there = aws.dynamodb().describe_table(TableName=source)["Table"]
    keys = {key["AttributeName"] for key in there["KeySchema"]}
    aws.dynamodb().create_table(
        TableName=name,
        KeySchema=there["KeySchema"],
        AttributeDefinitions=[one for one in there["AttributeDefinitions"] if one["AttributeName"] in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    for item in items:
        aws.dynamodb().put_item(TableName=name, Item=item)


def test_lines_are_plain_json_and_readable_by_their_owner_only(tables: None, tmp_path: Path) -> None:
    wish(1)
    backup.export(tmp_path / "b")
    file = tmp_path / "b" / "requests.jsonl"
    read = json.loads(file.read_text())
    assert (read["RequestID"], read["Discount"], read["PhoneNumber"]) == ("request-0001", 12.5, PHONE)
    assert '"Discount":12.5' in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_what_is_in_the_stage_stays_as_it_is(tables: None, tmp_path: Path) -> None:
    wish(1)
    backup.export(tmp_path)
    RequestStore().delete("request-0001")
    wish(1, product_name="changed since")
    wish(2)
    loaded = backup.restore(tmp_path)["requests.jsonl"]
    assert (loaded.written, loaded.kept) == (0, 1)
    kept = RequestStore().get("request-0001")
    assert kept is not None
    assert kept.product_name == "changed since"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "requests.jsonl, line 2"),
        (b'["a"]', "requests.jsonl, line 2"),
        (b'{"Postcode": "SW1A 1AA"}', "lacks RequestID"),
        (b'{"RequestID": "x", "Status": "sleeping"}', "requests.jsonl, line 2"),
    ],
)
def test_a_wrong_line_is_named(tables: None, tmp_path: Path, line: bytes, said: str) -> None:
    wish(1)
    backup.export(tmp_path)
    with (tmp_path / "requests.jsonl").open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(Trouble, match=said):
        backup.restore(tmp_path)


def test_a_folder_without_files_is_named(tables: None, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=r"there is no .*ledger\.jsonl"):
        backup.restore(tmp_path)


def test_attributes_that_json_has_no_word_for_are_refused_not_changed(tables: None) -> None:
    GuardStore().claim_slot(PHONE, "request-0001", datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(Trouble, match="RequestIDs"):
        list(lines.dump(settings().pipeline_table))


def test_what_is_held_of_a_phone_is_handed_out_and_nobody_elses(tables: None) -> None:
    wish(1)
    wish(2, OTHER)
    for number in (1, 2):
        told(f"request-{number:04}")
    optouts.remember(PHONE, NOW)
    held = shoppers.held(PHONE)
    assert [request["RequestID"] for request in held["Requests"]] == ["request-0001"]
    assert [item["PK"] for item in held["Ledger"]] == ["Request#request-0001"]
    assert [item["SK"] for item in held["Phone"]] == ["OptOut"]


def test_an_erased_phone_stands_nowhere_and_stays_opted_out(tables: None) -> None:
    GuardStore().claim_slot(PHONE, "request-0001", datetime.now(UTC) + timedelta(days=1))
    for number, phone in ((1, PHONE), (2, OTHER), (3, PHONE)):
        wish(number, phone)
        told(f"request-{number:04}")
    store.write(allowance.daily_cap(PHONE, NOW).take)
    optouts.remember(PHONE, NOW)
    gone = shoppers.erase(PHONE)
    assert (gone.requests, gone.ledger_items, gone.opted_out) == (2, 3, True)
    left = everything()
    assert PHONE not in str(left)
    assert [item["RequestID"]["S"] for item in left[settings().user_requests_table]] == ["request-0002"]
    assert {item["PK"]["S"] for item in left[settings().notifications_table]} == {
        "Request#request-0002",
        allowance.opt_out_key(PHONE)[0],
    }
    assert GuardStore().slots(PHONE) == set()
    assert shoppers.erase(PHONE).requests == 0


def test_a_number_is_read_as_people_write_it(tables: None) -> None:
    assert shoppers.number("07700 900123") == PHONE
    with pytest.raises(Trouble, match="PHONE"):
        shoppers.number("12")


def test_records_of_a_failed_batch_are_read_from_the_stream_again(tables: None) -> None:
    for number in range(6):
        wish(number)
    table = settings().user_requests_table
    arn = aws.dynamodb().describe_table(TableName=table)["Table"]["LatestStreamArn"]
    streams = boto3.client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    first = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    numbers = [one["dynamodb"]["SequenceNumber"] for one in streams.get_records(ShardIterator=first)["Records"]]
    batch = {
        "streamArn": arn,
        "shardId": shard,
        "startSequenceNumber": numbers[1],
        "endSequenceNumber": numbers[3],
        "batchSize": 3,
    }
    records = list(replaying.records_of({"requestContext": {}, "DDBStreamBatchInfo": batch}))
    assert [record["dynamodb"]["SequenceNumber"] for record in records] == numbers[1:4]
    assert {record["eventSourceARN"] for record in records} == {arn}
    assert plain(records[0]["dynamodb"]["NewImage"])["RequestID"] == "request-0001"


def test_a_record_that_was_put_aside_is_replayed_as_it_came() -> None:
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": {"ProductID": {"S": "1"}}, "SequenceNumber": "1"}}
    body = {"v": 1, "Reason": "unreadable", "Source": "arn:stream", "Record": record}
    assert list(replaying.records_of(body)) == [{"eventSourceARN": "arn:stream", **record}]


@pytest.mark.parametrize(
    "body", [{"Record": {"dynamodb": {"Keys": {}}}, "Source": "arn:stream"}, {"something": "else"}]
)
def test_a_letter_without_its_record_stays_with_the_reason(body: dict[str, Any]) -> None:
    with pytest.raises(replaying.Stays, match=r"too large|no kind"):
        list(replaying.records_of(body))


def test_a_catalogue_is_as_old_as_its_oldest_part() -> None:
    reads = [
        {"PK": "Catalog#A", "SK": "Read#x", "LastRead": (NOW - timedelta(hours=1)).isoformat()},
        {"PK": "Catalog#A", "SK": "Read#y", "LastRead": (NOW - timedelta(hours=50)).isoformat()},
        {"PK": "Catalog#B", "SK": "Read#x", "LastRead": (NOW - timedelta(hours=2)).isoformat()},
    ]
    ages = status.ages(reads, NOW)
    assert (ages.count, ages.oldest, ages.oldest_key) == (2, timedelta(hours=50), "A")


def test_the_last_run_of_each_shop_is_told_with_what_went_wrong() -> None:
    ended = {"Outcome": "complete", "Reason": "", "Products": 10, "Changed": 2, "FinishedAt": "2026-11-27T10:00:00"}
    blocked = ended | {"Outcome": "blocked", "Reason": "captcha", "Products": 0, "Changed": 0}
    jobs = [
        {"PK": "Run#20261120T000000Z-a", "SK": "Job#one#north", **blocked},
        {"PK": "Run#20261127T000000Z-b", "SK": "Job#one#north", **ended},
        {"PK": "Run#20261127T000000Z-b", "SK": "Job#one#south"},
        {"PK": "Run#20261120T000000Z-a", "SK": "Job#two#all", **blocked},
    ]
    one, two = status.last_runs(jobs)
    assert (one.run_id, one.jobs, one.ended, one.complete, one.products) == ("20261127T000000Z-b", 2, 1, 1, 10)
    assert (two.shop, two.reasons) == ("two", ("blocked: captcha",))
