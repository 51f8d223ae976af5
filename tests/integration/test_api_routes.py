"""The four routes against DynamoDB Local: what they store, show, change and refuse."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from decimal import Decimal

import boto3
import pytest
from api_support import WISH, Api, api_on, make_tables, stage
from chalice.test import Client

UNKNOWN = "6fa1a3a4-51b4-4c3b-9f67-0a3c6f9f3f51"


@pytest.fixture
def tables(dynamodb_local: str) -> dict[str, str]:
    return make_tables(dynamodb_local)


@pytest.fixture
def api(dynamodb_local: str, tables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with api_on(dynamodb_local, tables, monkeypatch) as made:
        yield made


def codes(answer: object) -> dict[str, str]:
    """Field → code of a refusal."""
    return {error["Field"]: error["Code"] for error in answer.json_body["Errors"]}  # type: ignore[attr-defined]


def test_a_new_request_comes_back_normalised_with_an_id(api: Api) -> None:
    answer = api.submit(Postcode="sw1a1aa", ProductName="  Cafe\u0301 Noir ", Discount=12.5, PhoneNumber="07700 900123")
    request = answer.json_body
    assert answer.status_code == 201
    assert uuid.UUID(request["RequestID"]).version == 4
    assert (request["Postcode"], request["ProductName"]) == ("SW1A 1AA", "Café Noir")
    assert (request["Discount"], request["PhoneNumber"]) == (12.5, "+447700900123")
    assert (request["Status"], request["Version"]) == ("active", 1)
    assert request["ExpiresAt"].endswith("Z")


def test_the_discount_is_stored_exactly_and_expiry_as_a_number_for_ttl(
    api: Api, dynamodb_local: str, tables: dict[str, str]
) -> None:
    raw = b'{"Postcode":"SW1A 1AA","ProductName":"Tea","Discount":33.333333333333333333,"PhoneNumber":"+447700900123"}'
    request_id = api.call("POST", "/submitanewrequest", raw).json_body["RequestID"]
    client = boto3.client("dynamodb", endpoint_url=dynamodb_local)
    item = client.get_item(TableName=tables["USER_REQUESTS_TABLE"], Key={"RequestID": {"S": request_id}})["Item"]
    assert Decimal(item["Discount"]["N"]) == Decimal("33.333333333333333333")
    assert item["ExpiresAt"]["N"].isdigit()
    assert b'"Discount":33.333333333333333333' in api.call("GET", "/listrequests").body


def test_every_wrong_field_is_named_in_one_answer(api: Api) -> None:
    answer = api.call(
        "POST",
        "/submitanewrequest",
        {"Postcode": "XX1 1XX", "ProductName": "a\nb", "Discount": "ten", "PhoneNumber": "12", "Colour": "red"},
    )
    assert answer.status_code == 400
    assert codes(answer) == {
        "Postcode": "InvalidPostcode",
        "ProductName": "UnprintableCharacter",
        "Discount": "WrongType",
        "PhoneNumber": "InvalidPhoneNumber",
        "Colour": "UnknownField",
    }
    assert codes(api.call("POST", "/submitanewrequest", {})) == dict.fromkeys(WISH, "Required")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 415),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"\xff\xfe{}", 400),
        (b'{"Postcode":"SW1A 1AA","Postcode":"SW1A 2AA"}', 400),
        (b"[" * 16_000, 400),
        (b'{"Discount":' + b"9" * 5_000 + b"}", 400),
        (b'{"Discount":NaN}', 400),
        (b'{"ProductName":"\x00"}', 400),
        (b'{"ProductName":"\\u0000\\ud800"}', 400),
        (b'{"\\ud800":1}', 400),
        (b'{"a":"' + b"a" * 20_000 + b'"}', 413),
    ],
)
def test_a_bad_body_is_refused_with_the_envelope(api: Api, body: bytes, status: int) -> None:
    answer = api.call("POST", "/submitanewrequest", body)
    assert answer.status_code == status
    assert {"Code", "Message", "Errors"} == set(answer.json_body)
    assert answer.headers["X-Request-Id"]


def test_another_content_type_is_refused(api: Api) -> None:
    answer = api.call("POST", "/submitanewrequest", b"Postcode=SW1A1AA", {"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json_body["Code"]) == (415, "UnsupportedMediaType")


def test_a_request_can_be_changed_paused_and_resumed(api: Api) -> None:
    request_id = api.stored()["RequestID"]
    assert api.update(request_id, ProductName="Beans", Discount=0).json_body["ProductName"] == "Beans"
    assert api.update(request_id, Status="paused").json_body["Status"] == "paused"
    assert api.update(request_id, Status="paused").status_code == 200
    after = api.update(request_id, Status="active", PhoneNumber="+447700900124").json_body
    assert (after["Status"], after["Discount"], after["PhoneNumber"]) == ("active", 0, "+447700900124")
    assert after["Version"] == 4


def test_update_refuses_what_it_does_not_know(api: Api) -> None:
    request_id = api.stored()["RequestID"]
    assert codes(api.update(request_id, Postcode="SW1A 1AA", Owner="me", Discount=101)) == {
        "Postcode": "UnknownField",
        "Owner": "UnknownField",
        "Discount": "OutOfRange",
    }
    assert api.update(request_id).status_code == 400
    assert api.update(UNKNOWN, Discount=1).status_code == 404
    assert codes(api.update("1", Discount=1)) == {"RequestID": "InvalidRequestID"}
    assert api.update(request_id, VerificationCode="123456").status_code == 409


@pytest.mark.parametrize("where", ["query", "body"])
def test_a_deleted_request_is_gone_and_stays_gone(api: Api, where: str) -> None:
    request_id = api.stored()["RequestID"]
    path, body = (
        ("/deletearequest?RequestID=" + request_id, None)
        if where == "query"
        else ("/deletearequest", {"RequestID": request_id})
    )
    answer = api.call("DELETE", path, body)
    assert (answer.status_code, answer.json_body) == (200, {"RequestID": request_id})
    assert api.call("DELETE", path, body).status_code == 404
    assert api.update(request_id, Discount=1).status_code == 404
    assert api.listed()["Requests"] == []


def test_delete_demands_one_request_id(api: Api) -> None:
    assert codes(api.call("DELETE", "/deletearequest")) == {"RequestID": "Required"}
    assert codes(api.call("DELETE", f"/deletearequest?RequestID={UNKNOWN}", {"RequestID": UNKNOWN})) == {
        "RequestID": "Repeated"
    }
    assert codes(api.call("DELETE", f"/deletearequest?RequestID={UNKNOWN}&RequestID={UNKNOWN}")) == {
        "RequestID": "Repeated"
    }


def test_listing_pages_through_everything_once(api: Api) -> None:
    made = {api.stored(ProductName=f"Tea {number}")["RequestID"] for number in range(7)}
    paused = sorted(made)[0]
    api.update(paused, Status="paused")
    seen: list[str] = []
    token, pages = "", 0
    while True:
        page = api.listed(f"?Limit=3{token}")
        seen += [request["RequestID"] for request in page["Requests"]]
        pages += 1
        if "NextToken" not in page:
            break
        token = f"&NextToken={page['NextToken']}"
    assert (len(seen), set(seen), pages) == (7, made, 3)
    assert seen[-1] == paused


def test_filters_by_postcode_and_status(api: Api) -> None:
    here, there = api.stored(), api.stored(Postcode="M1 1AE")
    api.update(there["RequestID"], Status="paused")

    def listed(query: str) -> list[str]:
        return [request["RequestID"] for request in api.listed(query)["Requests"]]

    assert listed("?Postcode=sw1a1aa") == [here["RequestID"]]
    assert listed("?Status=paused") == [there["RequestID"]]
    assert listed("?Postcode=M1+1AE&Status=active") == []
    assert listed("?Postcode=M1+1AE&Status=paused") == [there["RequestID"]]
    assert listed("?Status=expired") == []


def test_a_foreign_token_or_a_wrong_query_is_a_400(api: Api) -> None:
    for number in range(3):
        api.stored(ProductName=f"Tea {number}")
    token = api.listed("?Limit=1")["NextToken"]
    flipped = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for query in (
        f"NextToken={flipped}",
        "NextToken=eyJhIjoxfQ",
        "NextToken=%F0%9F",
        f"Status=active&NextToken={token}",
    ):
        assert codes(api.call("GET", f"/listrequests?{query}")) == {"NextToken": "InvalidToken"}
    wrong = api.call("GET", "/listrequests?Limit=0&Status=gone&limit=3&Postcode=1")
    assert codes(wrong) == {
        "Limit": "OutOfRange",
        "Status": "InvalidStatus",
        "limit": "UnknownField",
        "Postcode": "InvalidPostcode",
    }


def test_a_table_that_does_not_answer_is_a_503_with_a_time_to_retry(
    tables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage(monkeypatch, AWS_ENDPOINT_URL="http://127.0.0.1:9", **tables):
        from app import app

        with Client(app) as client:
            answer = Api(client).call("GET", "/listrequests")
    assert (answer.status_code, answer.json_body["Code"]) == (503, "ServiceUnavailable")
    assert int(answer.headers["Retry-After"]) >= 1
