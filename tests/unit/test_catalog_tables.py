"""Catalogue tables are made whole, whatever state they were left in and whatever AWS answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.catalog import tables
from chalicelib.catalog.tables import OWN_TAG, ensure_catalog
from chalicelib.errors import GiveUp, RetryLater, SettingError
from tests.fakes.cloud import FAILURES_ARN, Cloud, Crash, cloud
from tests.fakes.dynamodb import refusal

KEY, TABLE = "SW1A1AA", "ProductCatalog_SW1A1AA"
CHANGING = ("create", "update", "delete", "put", "tag")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(monkeypatch) as made:
        yield made


def assert_whole(world: Cloud, key: str = KEY) -> None:
    """The catalogue has everything a catalogue has, once."""
    table = world.dynamodb.tables[f"ProductCatalog_{key}"]
    assert table.description()["TableStatus"] == "ACTIVE"
    assert table.stream == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table.recovery
    assert table.encrypted
    assert table.request["BillingMode"] == "PAY_PER_REQUEST"
    assert table.keys == ["ProductID"]
    (mapping,) = [each for each in world.lambda_.mappings.values() if each["EventSourceArn"] == table.stream_arn]
    expected = {
        "State": "Enabled",
        "StartingPosition": "TRIM_HORIZON",
        "BisectBatchOnFunctionError": True,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "DestinationConfig": {"OnFailure": {"Destination": FAILURES_ARN}},
    }
    assert {name: mapping.get(name) for name in expected} == expected
    assert mapping["BatchSize"] >= 100
    assert 0 < mapping["MaximumRetryAttempts"] <= 10_000
    assert 60 <= mapping["MaximumRecordAgeInSeconds"] < 86_400


def test_missing_catalogue_is_made_whole(world: Cloud) -> None:
    ensure_catalog(KEY)
    assert_whole(world)
    assert OWN_TAG in world.dynamodb.tables[TABLE].tags


def test_whole_catalogue_is_left_alone(world: Cloud) -> None:
    ensure_catalog(KEY)
    before = world.dynamodb.calls + world.lambda_.calls
    ensure_catalog(KEY, thoroughly=True)
    changing = [name for name in (world.dynamodb.calls + world.lambda_.calls - before) if name.startswith(CHANGING)]
    assert changing == []


def test_process_does_not_ask_twice_in_a_row(world: Cloud) -> None:
    ensure_catalog(KEY)
    calls = world.calls()
    ensure_catalog(KEY)
    assert world.calls() == calls


def mapping_of(world: Cloud) -> dict[str, Any]:
    return next(iter(world.lambda_.mappings.values()))


def without_stream(world: Cloud) -> None:
    world.dynamodb.tables[TABLE].stream = {}


def with_other_images(world: Cloud) -> None:
    world.dynamodb.tables[TABLE].stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}


def without_recovery(world: Cloud) -> None:
    world.dynamodb.tables[TABLE].recovery = False


def without_encryption(world: Cloud) -> None:
    world.dynamodb.tables[TABLE].encrypted = False


def without_mapping(world: Cloud) -> None:
    world.lambda_.mappings.clear()


def with_disabled_mapping(world: Cloud) -> None:
    mapping_of(world)["State"] = "Disabled"


def with_plain_mapping(world: Cloud) -> None:
    for name in ("FunctionResponseTypes", "DestinationConfig", "BisectBatchOnFunctionError"):
        del mapping_of(world)[name]
    mapping_of(world).update(BatchSize=10, MaximumRetryAttempts=-1)


def with_two_mappings(world: Cloud) -> None:
    world.lambda_.mappings["00000000"] = mapping_of(world) | {"UUID": "00000000", "State": "Disabled"}


def still_being_made(world: Cloud) -> None:
    world.dynamodb.tables[TABLE].busy_for = 3


def being_deleted(world: Cloud) -> None:
    world.dynamodb.tables[TABLE].deleting = True
    world.dynamodb.tables[TABLE].busy_for = 2


HALF_DONE: tuple[Callable[[Cloud], None], ...] = (
    without_stream,
    with_other_images,
    without_recovery,
    without_encryption,
    without_mapping,
    with_disabled_mapping,
    with_plain_mapping,
    with_two_mappings,
    still_being_made,
    being_deleted,
)


@pytest.mark.parametrize("spoil", HALF_DONE, ids=lambda spoil: spoil.__name__)
def test_half_done_catalogue_is_mended(world: Cloud, spoil: Callable[[Cloud], None]) -> None:
    ensure_catalog(KEY)
    spoil(world)
    ensure_catalog(KEY, thoroughly=True)
    world.lambda_.settle()
    assert_whole(world)


def test_destination_nobody_set_does_not_make_a_mapping_wrong(world: Cloud) -> None:
    ensure_catalog(KEY)
    mapping_of(world)["DestinationConfig"]["OnSuccess"] = {}
    ensure_catalog(KEY, thoroughly=True)
    assert world.lambda_.calls["update_event_source_mapping"] == 0


def test_mapping_being_deleted_is_waited_for(world: Cloud) -> None:
    ensure_catalog(KEY)
    mapping_of(world)["State"] = "Deleting"
    with pytest.raises(RetryLater, match="deleted"):
        ensure_catalog(KEY, thoroughly=True)
    world.lambda_.settle()
    ensure_catalog(KEY)
    assert_whole(world)


def nth_call_fails(number: int, moment: str, error: BaseException) -> Callable[[str, str], None]:
    """A fault that strikes once, at call ``number`` from now on."""
    seen = {"before": 0, "after": 0}

    def fault(operation: str, when: str) -> None:
        seen[when] += 1
        if when == moment and seen[when] == number:
            raise error

    return fault


def calls_of_a_whole_run(world: Cloud, moment: str) -> int:
    """How many calls begin (``before``), or end without an error (``after``), when a catalogue is made."""
    seen: Counter[str] = Counter()
    world.fault(lambda operation, when: seen.update([when]))
    ensure_catalog("OTHER1")
    assert seen[moment] >= 5
    return seen[moment]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_crash_between_any_two_calls_is_mended_by_the_next_run(world: Cloud, moment: str) -> None:
    for number in range(1, calls_of_a_whole_run(world, moment) + 1):
        key = f"KEY{number}"
        world.fault(nth_call_fails(number, moment, Crash()))
        with pytest.raises(Crash):
            ensure_catalog(key)
        world.fault(lambda operation, when: None)
        ensure_catalog(key)
        assert_whole(world, key)


@pytest.mark.parametrize(
    "code", ["LimitExceededException", "ResourceInUseException", "ThrottlingException", "TooManyRequestsException"]
)
def test_busy_aws_at_any_call_means_later_and_later_it_works(world: Cloud, code: str) -> None:
    error = refusal(code, "Any", "Too many concurrent operations")
    for number in range(1, calls_of_a_whole_run(world, "before") + 1):
        key = f"KEY{number}"
        world.fault(nth_call_fails(number, "before", error))
        try:
            ensure_catalog(key)
        except RetryLater:
            world.fault(lambda operation, when: None)
            ensure_catalog(key)
        assert_whole(world, key)


def test_lost_answer_to_any_call_does_not_make_a_second_of_anything(world: Cloud) -> None:
    for number in range(1, calls_of_a_whole_run(world, "after") + 1):
        key = f"KEY{number}"
        world.fault(nth_call_fails(number, "after", ReadTimeoutError(endpoint_url="https://aws.example")))
        with pytest.raises(RetryLater):
            ensure_catalog(key)
        world.fault(lambda operation, when: None)
        ensure_catalog(key)
        assert_whole(world, key)


def limit_exceeded(world: Cloud, what: str) -> None:
    """No table can be made: AWS says why."""

    def limited(operation: str, when: str) -> None:
        if operation == "create_table":
            raise refusal("LimitExceededException", "CreateTable", f"Subscriber limit exceeded: {what}")

    world.fault(limited)


def test_full_account_is_said_with_the_remedy(world: Cloud) -> None:
    limit_exceeded(world, "There is a limit of 2500 tables per subscriber")
    with pytest.raises(GiveUp, match="CATALOG_KEYS=region"):
        ensure_catalog(KEY)


@pytest.mark.parametrize(
    "what",
    [
        "Only 10 tables can be created, updated, or deleted simultaneously",
        "You have exceeded the maximum number of indexed tables that can be created simultaneously",
        "Too many operations for a given subscriber",
    ],
)
def test_too_many_tables_at_once_is_not_taken_for_a_full_account(world: Cloud, what: str) -> None:
    limit_exceeded(world, what)
    with pytest.raises(RetryLater):
        ensure_catalog(KEY)


def test_denied_access_is_not_taken_for_a_passing_error(world: Cloud) -> None:
    def denied(operation: str, when: str) -> None:
        raise refusal("AccessDeniedException", operation)

    world.fault(denied)
    with pytest.raises(ClientError, match="AccessDenied"):
        ensure_catalog(KEY)


def test_two_workers_at_once_make_one_catalogue(world: Cloud) -> None:
    """The second one finds, after it looked, that the first has made the table and the mapping."""
    world.dynamodb.creation_takes = 2
    rival = {"create_table": True, "create_event_source_mapping": True}

    def faster_rival(operation: str, when: str) -> None:
        if when == "before" and rival.pop(operation, False):
            ensure_catalog(KEY, thoroughly=True)

    world.fault(faster_rival)
    ensure_catalog(KEY)
    assert_whole(world)


def test_stage_without_an_indexer_says_which_setting_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud(monkeypatch):
        monkeypatch.setenv("INDEXER_FUNCTION", "")
        tables.settings.cache_clear()
        with pytest.raises(SettingError, match="INDEXER_FUNCTION"):
            ensure_catalog(KEY)


def test_only_tables_of_catalogues_are_taken_for_such(world: Cloud) -> None:
    for key in ("SW1A1AA", "AB12CD", "ZE29XX"):
        ensure_catalog(key)
    assert tables.catalog_keys() == ["AB12CD", "SW1A1AA", "ZE29XX"]
    assert set(tables.all_tables()) > {"PipelineTable"}
