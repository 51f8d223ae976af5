"""The rules behind the routes that need no table: bodies, validation, tokens, lifecycle, plans of listings."""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Conflict, InvalidRequest, UnreadableBody
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.requests import lifecycle
from chalicelib.requests.bodies import LARGEST, read_body
from chalicelib.requests.idempotency import read_key, request_id
from chalicelib.requests.inputs import Change, NewRequest
from chalicelib.requests.lifecycle import MOVES, Move, moved
from chalicelib.requests.listing import Filter, Position, segments
from chalicelib.requests.records import as_item, as_request
from chalicelib.requests.rules import BODY_RULES
from chalicelib.requests.tokens import read_token, write_token
from chalicelib.requests.validation import read

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PENDING, ACTIVE, PAUSED, EXPIRED = RequestStatus
JSON = "application/json"
texts = st.text(max_size=40)
filters = st.builds(
    Filter, st.none() | texts, st.none() | st.sampled_from(RequestStatus), st.none() | st.text(min_size=1, max_size=40)
)


def a_request(**changes: Any) -> UserRequest:
    request = UserRequest(
        request_id="6fa1a3a4-51b4-4c3b-9f67-0a3c6f9f3f51",
        postcode="SW1A 1AA",
        product_name="Tea",
        discount=Decimal("12.5"),
        phone_number="+447700900123",
        status=ACTIVE,
        version=3,
        created_at=NOW,
        updated_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    return msgspec.structs.replace(request, **changes)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        " application/json ;a=b",
        'application/json;charset="UTF-8"',
    ],
)
def test_json_is_known_by_its_content_type(content_type: str) -> None:
    assert read_body(b'{"a": 1.10}', content_type) == {"a": Decimal("1.10")}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/json",
        "application/jsonp",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
    ],
)
def test_other_content_types_are_a_415(content_type: str | None) -> None:
    with pytest.raises(UnreadableBody) as refused:
        read_body(b"{}", content_type)
    assert refused.value.status == 415


def test_a_body_may_have_the_largest_size_and_no_more() -> None:
    padded = b"{}" + b" " * (LARGEST - 2)
    assert read_body(padded, JSON) == {}
    with pytest.raises(UnreadableBody) as refused:
        read_body(padded + b" ", JSON)
    assert refused.value.status == 413


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'"a"',
        b"1",
        b"null",
        b"\xff",
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":01}',
        b"{'a':1}",
        b'{"a":1}{}',
        b'{"a":1e}',
        b'{"a":"\x01"}',
        b"[" * 9000,
        b'{"a":' * 3000,
        "{}".encode("utf-16"),
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_not_one_json_object_is_a_400(raw: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_body(raw, JSON)


@given(st.binary(max_size=200))
def test_no_body_brings_the_reader_down(raw: bytes) -> None:
    with suppress(InvalidRequest, UnreadableBody):
        assert isinstance(read_body(raw, JSON), dict)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
wishes = st.dictionaries(st.sampled_from([*BODY_RULES, "Colour", "\ud800", ""]) | texts, values, max_size=8)


@given(wishes)
def test_any_json_is_either_a_model_or_a_refusal_that_names_each_field_once(given_fields: dict[str, Any]) -> None:
    try:
        wish = read(NewRequest, given_fields, BODY_RULES)
    except InvalidRequest as refused:
        fields = [error.field for error in refused.errors]
        assert fields
        missing = {"Postcode", "ProductName", "Discount", "PhoneNumber"} - set(given_fields)
        assert missing <= set(fields)
        msgspec.json.encode([(error.field, error.code, error.message) for error in refused.errors])
    else:
        assert wish.phone_number.startswith("+")


def test_null_and_wrong_types_are_named_with_the_type_that_is_wanted() -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(Change, {"RequestID": 7, "Discount": True, "ProductName": None, "Status": ["active"]}, BODY_RULES)
    assert {error.field: (error.code, error.message) for error in refused.value.errors} == {
        "RequestID": ("WrongType", "RequestID must be a string"),
        "Discount": ("WrongType", "Discount must be a number"),
        "ProductName": ("WrongType", "ProductName must be a string"),
        "Status": ("WrongType", "Status must be a string"),
    }


def test_fields_of_channels_the_stage_lacks_are_unknown() -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(NewRequest, {"Email": "a@example.com"}, BODY_RULES, frozenset({"Email", "WebhookUrl"}))
    assert ("Email", "UnknownField") in [(error.field, error.code) for error in refused.value.errors]


@given(st.integers(0, 3), texts, texts, filters)
def test_a_token_says_its_position_again(segment: int, request: str, sort: str, wanted: Filter) -> None:
    position = Position(segment, request, sort)
    token = write_token(position, wanted)
    assert token.isascii()
    assert read_token(token, wanted) == position


@given(st.integers(0, 3), filters, filters)
def test_a_token_is_good_for_its_own_listing_only(segment: int, wanted: Filter, other: Filter) -> None:
    token = write_token(Position(segment, "id", "sort"), wanted)
    if other != wanted:
        with pytest.raises(InvalidRequest):
            read_token(token, other)


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_token_is_not_ours(place: int, change: int) -> None:
    token = write_token(Position(0, "6fa1a3a4", "2026"), Filter())
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[place % len(raw)] ^= change
    with pytest.raises(InvalidRequest) as refused:
        read_token(base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("="), Filter())
    assert refused.value.errors[0].code == "InvalidToken"


@given(texts)
def test_no_text_brings_the_token_reader_down(text: str) -> None:
    with pytest.raises(InvalidRequest):
        read_token(text, Filter())


def test_every_status_and_move_is_decided() -> None:
    """The whole table, by hand: what is not here must be refused."""
    allowed = {
        (PENDING, Move.CONFIRM): ACTIVE,
        (PENDING, Move.ASK_AGAIN): PENDING,
        (PENDING, Move.EDIT): PENDING,
        (ACTIVE, Move.ASK_AGAIN): PENDING,
        (ACTIVE, Move.PAUSE): PAUSED,
        (ACTIVE, Move.RESUME): ACTIVE,
        (ACTIVE, Move.EDIT): ACTIVE,
        (PAUSED, Move.ASK_AGAIN): PENDING,
        (PAUSED, Move.PAUSE): PAUSED,
        (PAUSED, Move.RESUME): ACTIVE,
        (PAUSED, Move.EDIT): PAUSED,
    }
    assert allowed == MOVES
    for status in RequestStatus:
        for move in Move:
            if (status, move) not in allowed:
                with pytest.raises(Conflict):
                    moved(status, move)


@pytest.mark.parametrize("status", [PENDING, ACTIVE, PAUSED])
def test_a_request_is_expired_from_the_moment_its_life_ends(status: RequestStatus) -> None:
    request = a_request(status=status)
    before, at = request.expires_at - timedelta(seconds=1), request.expires_at
    assert lifecycle.as_of(request, before).status is status
    assert lifecycle.as_of(request, at).status is EXPIRED


def test_an_unproven_request_lives_a_day_and_a_proven_one_its_whole_life() -> None:
    year = timedelta(days=365)
    assert lifecycle.end_of_life(PENDING, NOW, year) == NOW + timedelta(days=1)
    assert lifecycle.end_of_life(ACTIVE, NOW, year) == NOW + year


def test_an_item_holds_a_request_with_its_end_as_a_number() -> None:
    item = as_item(a_request(), Fingerprint="f")
    assert item["ExpiresAt"] == {"N": str(int((NOW + timedelta(days=1)).timestamp()))}
    assert item["Discount"] == {"N": "12.5"}
    assert "Email" not in item
    assert as_request(item) == a_request()


@given(filters)
def test_no_listing_scans_and_only_an_owners_index_serves_an_owner(wanted: Filter) -> None:
    plan = segments(wanted, NOW, 365)
    assert plan
    for segment in plan:
        query = segment.query("T")
        assert "#hash = :hash" in query["KeyConditionExpression"]
        if wanted.owner is not None:
            assert (segment.index, segment.hash_value) == ("OwnerCreatedAt", wanted.owner)
        elif wanted.postcode is not None:
            assert (segment.index, segment.hash_value) == ("PostcodeStatus", wanted.postcode)


def test_a_page_by_time_goes_on_within_the_time_of_its_start() -> None:
    by_time, by_status = (
        segments(Filter(status=RequestStatus.ACTIVE), NOW, 365)[0],
        segments(Filter("M1 1AE"), NOW, 365)[0],
    )
    start = Position(0, "an id", "2026-01-02T03:04:05Z")
    after = by_time.query("T", start)
    assert after["KeyConditionExpression"] == "#hash = :hash AND #sort <= :sort"
    assert after["ExpressionAttributeValues"][":sort"] == after["ExclusiveStartKey"]["CreatedAt"] == {"S": start.sort}
    assert by_status.query("T", start)["KeyConditionExpression"] == "#hash = :hash"


@pytest.mark.parametrize("key", ["a", "A-1_~!", "x" * 255])
def test_a_key_of_printable_ascii_is_taken(key: str) -> None:
    assert read_key(key) == key


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, "a\n"])
def test_another_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidRequest):
        read_key(key)


def test_a_key_makes_one_id_for_each_caller() -> None:
    assert request_id("shop", "k") == request_id("shop", "k")
    ids = {request_id("shop", "k"), request_id("shop", "l"), request_id("other", "k"), request_id("shop", None)}
    assert len(ids) == 4
