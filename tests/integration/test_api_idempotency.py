"""One Idempotency-Key and body make one request: repeated, simultaneous, after a lost answer, after a delete."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from api_support import Api, api_on, make_tables
from botocore.exceptions import ReadTimeoutError

from chalicelib import aws

KEY = {"Idempotency-Key": "7d3c0f6e-order-1"}


@pytest.fixture
def tables(dynamodb_local: str) -> dict[str, str]:
    return make_tables(dynamodb_local)


@pytest.fixture(params=["off", "on"])
def api(
    request: pytest.FixtureRequest, dynamodb_local: str, tables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Api]:
    """With and without phone proof: the ways through the code differ."""
    with api_on(dynamodb_local, tables, monkeypatch, PHONE_PROOF=request.param) as made:
        yield made


def test_the_same_key_and_body_give_the_same_request(api: Api) -> None:
    first = api.submit(KEY)
    again = api.submit(KEY, Postcode="sw1a1aa")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json_body == first.json_body
    assert len(api.listed()["Requests"]) == 1
    assert len(api.texts) == (1 if first.json_body["Status"] == "pending" else 0)


def test_the_same_key_with_another_body_is_a_409(api: Api) -> None:
    api.submit(KEY)
    refused = api.submit(KEY, Discount=21)
    assert (refused.status_code, refused.json_body["Code"]) == (409, "IdempotencyKeyReused")
    assert len(api.listed()["Requests"]) == 1


def test_other_keys_and_no_key_make_other_requests(api: Api) -> None:
    ids = {api.submit(headers).json_body["RequestID"] for headers in (KEY, {"Idempotency-Key": "2"}, None, None)}
    assert len(ids) == 4


def test_a_changed_request_is_given_as_it_now_is(api: Api) -> None:
    request_id = api.submit(KEY).json_body["RequestID"]
    api.update(request_id, Discount=50)
    assert api.submit(KEY).json_body["Discount"] == 50


def test_posts_at_the_same_time_make_one_request(api: Api) -> None:
    """Five, which is how many texts a phone may be sent a day: each counts one before it knows whether it is first."""
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: api.direct_submit("race"), range(5)))
    assert {status for status, _ in answers} == {201}
    assert len({body["RequestID"] for _, body in answers}) == 1
    assert len(api.listed()["Requests"]) == 1
    assert len(api.texts) <= 1


def test_a_retry_after_a_lost_answer_finds_what_was_stored(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    client = aws.dynamodb()
    real = client.transact_write_items

    def lost(**parameters: Any) -> Any:
        real(**parameters)
        raise ReadTimeoutError(endpoint_url="http://dynamodb")

    monkeypatch.setattr(client, "transact_write_items", lost)
    assert api.submit(KEY).status_code == 503
    monkeypatch.setattr(client, "transact_write_items", real)
    retried = api.submit(KEY)
    assert retried.status_code == 201
    assert [one["RequestID"] for one in api.listed()["Requests"]] == [retried.json_body["RequestID"]]
    assert len(api.texts) == (1 if retried.json_body["Status"] == "pending" else 0)


def test_a_late_retry_does_not_bring_a_deleted_request_back(api: Api) -> None:
    request_id = api.submit(KEY).json_body["RequestID"]
    path = f"/deletearequest?RequestID={request_id}"
    assert api.call("DELETE", path).status_code == 200
    assert api.submit(KEY).status_code == 409
    assert api.call("DELETE", path).status_code == 404
    assert api.update(request_id, Discount=1).status_code == 404
    assert api.listed()["Requests"] == []


def test_a_key_that_is_no_printable_text_is_refused(api: Api) -> None:
    refused = api.submit({"Idempotency-Key": "a b"})
    assert (refused.status_code, refused.json_body["Errors"][0]["Field"]) == (400, "Idempotency-Key")
