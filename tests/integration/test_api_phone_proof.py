"""Proof of a phone: the code's life, attempts and pause, what a new number does, and the caps on texts and requests."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from api_support import WISH, Api, api_on, make_tables, stage

from chalicelib.errors import RetryLater, TooMany
from chalicelib.requests import proof
from chalicelib.requests.guards import GuardStore

PHONE, OTHER = "+447700900123", "+447700900124"


@pytest.fixture
def tables(dynamodb_local: str) -> dict[str, str]:
    return make_tables(dynamodb_local)


@pytest.fixture
def api(dynamodb_local: str, tables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with api_on(
        dynamodb_local, tables, monkeypatch, PHONE_PROOF="on", CODE_CAPS="phone=9,prefix=50,caller=50,stage=50"
    ) as made:
        yield made


def code_of(answer: object) -> str:
    return answer.json_body["Errors"][0]["Code"]  # type: ignore[attr-defined, no-any-return]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_request_is_pending_until_its_code_comes_back(api: Api) -> None:
    request = api.stored()
    assert request["Status"] == "pending"
    ((phone, text),) = api.texts
    assert phone == PHONE
    assert text[:6].isdigit()
    confirmed = api.update(request["RequestID"], VerificationCode=api.code())
    assert (confirmed.status_code, confirmed.json_body["Status"]) == (200, "active")
    assert confirmed.json_body["ExpiresAt"] > request["ExpiresAt"]


def test_a_code_is_good_once(api: Api) -> None:
    request_id = api.stored()["RequestID"]
    assert api.update(request_id, VerificationCode=api.code()).status_code == 200
    assert api.update(request_id, VerificationCode=api.code()).status_code == 409


def test_five_attempts_and_the_code_is_dead(api: Api) -> None:
    request_id = api.stored()["RequestID"]
    right = api.code()
    answers = [api.update(request_id, VerificationCode=wrong(right)) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {400}
    assert {code_of(answer) for answer in answers} == {"WrongCode"}
    assert "0 attempts" in answers[-1].json_body["Message"]
    assert code_of(api.update(request_id, VerificationCode=right)) == "CodeExpired"


def test_guesses_at_the_same_time_are_counted(api: Api, dynamodb_local: str) -> None:
    request_id = api.stored()["RequestID"]
    guards, now = GuardStore(), datetime.now(UTC)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: guards.take_attempt(request_id, proof.ATTEMPTS, now), range(20)))
    assert len([one for one in taken if one]) == proof.ATTEMPTS


@pytest.mark.parametrize(("minutes", "status"), [(9, 200), (10, 400), (60, 400)])
def test_a_code_counts_for_ten_minutes(api: Api, monkeypatch: pytest.MonkeyPatch, minutes: int, status: int) -> None:
    request_id = api.stored()["RequestID"]
    later = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr("chalicelib.requests.store.utc_now", lambda: later)
    assert api.update(request_id, VerificationCode=api.code()).status_code == status


def test_another_code_can_be_had_after_a_minute_and_replaces_the_first(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = api.stored()["RequestID"]
    first = api.code()
    too_soon = api.update(request_id, PhoneNumber=PHONE)
    assert (too_soon.status_code, too_soon.json_body["Code"]) == (429, "CodeSentRecently")
    assert int(too_soon.headers["Retry-After"]) == 60
    later = datetime.now(UTC) + timedelta(seconds=61)
    monkeypatch.setattr("chalicelib.requests.store.utc_now", lambda: later)
    assert api.update(request_id, PhoneNumber=PHONE).status_code == 200
    assert len(api.texts) == 2
    if api.code() != first:
        assert code_of(api.update(request_id, VerificationCode=first)) == "WrongCode"
    assert api.update(request_id, VerificationCode=api.code()).json_body["Status"] == "active"


def test_a_new_number_has_to_be_proven_and_the_old_code_is_no_good(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    request_id = api.stored()["RequestID"]
    api.update(request_id, VerificationCode=api.code())
    changed = api.update(request_id, PhoneNumber=OTHER)
    assert (changed.json_body["Status"], changed.json_body["PhoneNumber"]) == ("pending", OTHER)
    assert api.texts[-1][0] == OTHER
    assert api.update(request_id, Status="active").status_code == 409
    assert api.update(request_id, VerificationCode=api.code()).json_body["Status"] == "active"


def test_the_same_number_again_on_an_active_request_changes_nothing(api: Api) -> None:
    request_id = api.stored()["RequestID"]
    api.update(request_id, VerificationCode=api.code())
    assert api.update(request_id, PhoneNumber=PHONE).json_body["Status"] == "active"
    assert len(api.texts) == 1


def test_a_pending_request_cannot_be_resumed_but_can_be_edited(api: Api) -> None:
    request_id = api.stored()["RequestID"]
    assert api.update(request_id, Status="active").status_code == 409
    assert api.update(request_id, Status="paused").status_code == 409
    assert api.update(request_id, Discount=5).json_body["Status"] == "pending"
    both = api.update(request_id, VerificationCode=api.code(), PhoneNumber=OTHER)
    assert (both.status_code, code_of(both)) == (400, "Ambiguous")


def test_the_code_is_kept_hashed_and_the_phone_in_no_key(api: Api, dynamodb_local: str, tables: dict[str, str]) -> None:
    api.stored()
    client = boto3.client("dynamodb", endpoint_url=dynamodb_local)
    items = client.scan(TableName=tables["PIPELINE_TABLE"])["Items"]
    assert {item["PK"]["S"].split("#")[0] for item in items} == {"Phone", "Code", "Cap"}
    assert all("ExpiresAt" in item for item in items)
    everything = repr(items)
    assert api.code() not in everything
    assert "7700900123" not in everything


def test_a_text_that_could_not_be_sent_is_a_503_and_the_retry_sends_it(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(phone: str, text: str) -> None:
        raise RetryLater("texts cannot be sent now", after_seconds=60)

    key = {"Idempotency-Key": "k1"}
    with monkeypatch.context() as broken:
        broken.setattr("chalicelib.requests.texting.send_text", down)
        failed = api.submit(key)
    assert (failed.status_code, failed.headers["Retry-After"]) == (503, "60")
    assert api.submit(key).status_code == 201
    assert len(api.texts) == 1
    assert len(api.listed()["Requests"]) == 1


def test_a_phone_gets_no_more_codes_a_day_than_its_cap(
    api: Api, dynamodb_local: str, tables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODE_CAPS", "phone=2,prefix=50,caller=50,stage=50")
    from chalicelib.settings import settings

    settings.cache_clear()
    answers = [api.submit() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 429, 429]
    assert answers[-1].json_body["Code"] == "TooManyCodes"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 86_401
    assert len(api.listed()["Requests"]) == 2
    assert api.submit(PhoneNumber=OTHER).status_code == 201


@pytest.mark.parametrize("kind", ["prefix", "caller", "stage"])
def test_each_wider_cap_holds_over_many_phones(api: Api, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    caps = {"phone": 9, "prefix": 9, "caller": 9, "stage": 9} | {kind: 3}
    monkeypatch.setenv("CODE_CAPS", ",".join(f"{name}={cap}" for name, cap in caps.items()))
    from chalicelib.settings import settings

    settings.cache_clear()
    statuses = [api.submit(PhoneNumber=f"+4477009{number:05}").status_code for number in range(123, 128)]
    assert statuses == [201, 201, 201, 429, 429]
    assert len(api.texts) == 3


class Counted(GuardStore):
    """The counters in memory: ten thousand sign-ups are about the order and number of the caps, not about DynamoDB."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], int] = {}

    def count_text(self, kind: str, name: str, cap: int, now: datetime) -> bool:
        counted = self.texts.get((kind, name), 0)
        if counted < cap:
            self.texts[kind, name] = counted + 1
        return counted < cap


def test_ten_thousand_sign_ups_over_many_prefixes_cause_the_capped_number_of_texts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with stage(monkeypatch, CODE_CAPS="phone=5,prefix=3,caller=9999,stage=40"):
        guards, now, allowed = Counted(), datetime.now(UTC), 0
        for number in range(10_000):
            phone = f"+4474{number % 500:03}{number:05}"
            with suppress(TooMany):
                proof.reserve_text(phone, f"caller-{number % 50}", guards, now)
                allowed += 1
    assert allowed == 40


def test_a_phone_has_at_most_its_number_of_requests_whatever_happens_at_once(
    dynamodb_local: str, tables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with api_on(dynamodb_local, tables, monkeypatch, REQUESTS_PER_PHONE="3") as api:
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda number: api.direct_submit(f"k{number}"), range(9)))
        assert sorted(status for status, _ in answers) == [201] * 3 + [429] * 6
        made = [body["RequestID"] for status, body in answers if status == 201]
        assert api.submit(PhoneNumber=OTHER).status_code == 201
        assert api.call("DELETE", f"/deletearequest?RequestID={made[0]}").status_code == 200
        assert api.submit().status_code == 201
        assert api.submit().json_body["Code"] == "TooManyRequests"
        assert (
            api.update(api.stored(PhoneNumber=OTHER)["RequestID"], PhoneNumber=WISH["PhoneNumber"]).status_code == 429
        )


def test_requests_that_are_gone_are_taken_off_the_count(
    dynamodb_local: str, tables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """TTL deletes items without telling us: the count mends itself when it is full."""
    with api_on(dynamodb_local, tables, monkeypatch, REQUESTS_PER_PHONE="2") as api:
        gone = [api.stored()["RequestID"] for _ in range(2)]
        assert api.submit().status_code == 429
        client = boto3.client("dynamodb", endpoint_url=dynamodb_local)
        client.delete_item(TableName=tables["USER_REQUESTS_TABLE"], Key={"RequestID": {"S": gone[0]}})
        assert [api.submit().status_code for _ in range(2)] == [201, 429]
