"""The store against DynamoDB Local: two writers, deletes, pages, postcodes, and the end of life."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from api_support import make_tables, stage

from chalicelib import aws
from chalicelib.errors import Conflict
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.requests.listing import Filter
from chalicelib.requests.store import RequestStore

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
YEAR = timedelta(days=365)
PENDING, ACTIVE, PAUSED, EXPIRED = RequestStatus


class Clock:
    """A present that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(dynamodb_local: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[RequestStore]:
    with stage(monkeypatch, AWS_ENDPOINT_URL=dynamodb_local, **make_tables(dynamodb_local)):
        yield RequestStore(now=clock)


def a_request(number: int, **changes: Any) -> UserRequest:
    request = UserRequest(
        request_id=f"00000000-0000-4000-8000-{number:012}",
        postcode="SW1A 1AA",
        product_name="Tea",
        discount=Decimal(number),
        phone_number="+447700900123",
        status=ACTIVE,
        version=1,
        created_at=NOW + timedelta(seconds=number),
        updated_at=NOW,
        expires_at=NOW + YEAR,
    )
    return msgspec.structs.replace(request, **changes)


def stored(store: RequestStore, *requests: UserRequest) -> None:
    for request in requests:
        assert store.put(request) is None


def raised(by: str) -> Callable[[UserRequest], UserRequest]:
    return lambda request: msgspec.structs.replace(request, product_name=request.product_name + by)


def test_a_stored_request_comes_back_the_same(store: RequestStore) -> None:
    request = a_request(1, discount=Decimal("33.333333333333333333"), email="a@example.com", owner="me")
    stored(store, request)
    assert store.get(request.request_id) == request
    assert store.get("00000000-0000-4000-8000-000000000009") is None


def test_the_same_put_again_counts_as_stored_and_another_does_not(store: RequestStore) -> None:
    stored(store, a_request(1))
    assert store.put(a_request(1)) is None
    there = store.put(a_request(1, product_name="Coffee"))
    assert there is not None
    assert there["ProductName"] == {"S": "Tea"}


def test_two_writers_at_once_lose_nothing(store: RequestStore) -> None:
    stored(store, a_request(1, product_name=""))
    barrier = threading.Barrier(4)

    def write(letter: str) -> None:
        barrier.wait()
        store.update(a_request(1).request_id, raised(letter))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, "abcd"))
    after = store.get(a_request(1).request_id)
    assert after is not None
    assert (sorted(after.product_name), after.version) == (list("abcd"), 5)


def test_a_writer_who_is_always_beaten_is_told(store: RequestStore) -> None:
    stored(store, a_request(1))
    other = RequestStore(now=store.now)

    def beaten(request: UserRequest) -> UserRequest:
        other.update(request.request_id, raised("x"))
        return raised("y")(request)

    with pytest.raises(Conflict):
        store.update(a_request(1).request_id, beaten)


def test_an_update_that_changes_nothing_writes_nothing(store: RequestStore) -> None:
    stored(store, a_request(1))
    assert store.update(a_request(1).request_id, lambda request: request) == a_request(1)


def test_a_deleted_request_is_not_brought_back_by_an_update_in_flight(store: RequestStore) -> None:
    stored(store, a_request(1))

    def deleted_meanwhile(request: UserRequest) -> UserRequest:
        store.delete(request.request_id)
        return raised("x")(request)

    assert store.update(a_request(1).request_id, deleted_meanwhile) is None
    assert store.item(a_request(1).request_id) == {}


def test_delete_gives_what_was_there_once_and_only_to_its_owner(store: RequestStore) -> None:
    stored(store, a_request(1, owner="me"))
    identity = a_request(1).request_id
    assert store.delete(identity, owner="you") is None
    assert store.get(identity) is not None
    assert store.delete(identity, owner="me") == a_request(1, owner="me")
    assert store.delete(identity) is None


def test_a_write_whose_answer_was_lost_is_found_done(store: RequestStore, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(store, a_request(1))
    client = aws.dynamodb()
    real = client.update_item

    def twice(**parameters: Any) -> Any:
        real(**parameters)
        return real(**parameters)

    monkeypatch.setattr(client, "update_item", twice)
    after = store.update(a_request(1).request_id, raised("!"))
    assert after is not None
    assert (after.product_name, after.version) == ("Tea!", 2)


def test_get_many_gives_those_that_exist_beyond_a_hundred(store: RequestStore) -> None:
    requests = [a_request(number) for number in range(130)]
    stored(store, *requests)
    asked = [request.request_id for request in requests] * 2 + ["00000000-0000-4000-8000-999999999999"]
    assert Counter(found.request_id for found in store.get_many(asked)) == Counter(
        request.request_id for request in requests
    )


def walk(store: RequestStore, wanted: Filter, limit: int) -> list[list[str]]:
    pages, start = [], None
    while True:
        found, start = store.page(wanted, limit, start)
        pages.append([request.request_id for request in found])
        if start is None:
            return pages


@pytest.mark.parametrize("limit", [1, 3, 4, 7, 12, 13])
def test_pages_hold_everything_once_and_only_the_last_has_no_successor(store: RequestStore, limit: int) -> None:
    statuses = [ACTIVE, PAUSED, PENDING]
    requests = [a_request(number, status=statuses[number % 3]) for number in range(12)]
    stored(store, *requests)
    pages = walk(store, Filter(), limit)
    assert sorted(one for page in pages for one in page) == sorted(request.request_id for request in requests)
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1]


def test_within_a_status_the_newest_comes_first(store: RequestStore) -> None:
    stored(store, *(a_request(number) for number in (2, 3, 1)))
    assert walk(store, Filter(status=ACTIVE), 2) == [
        [a_request(3).request_id, a_request(2).request_id],
        [a_request(1).request_id],
    ]


def test_an_owner_sees_only_their_own_under_every_filter(store: RequestStore) -> None:
    stored(
        store,
        a_request(1, owner="me"),
        a_request(2, owner="you"),
        a_request(3, owner="me", status=PAUSED),
        a_request(4),
    )
    mine = [a_request(3).request_id, a_request(1).request_id]
    assert walk(store, Filter(owner="me"), 10) == [mine]
    assert walk(store, Filter(owner="me", status=PAUSED), 10) == [mine[:1]]
    assert walk(store, Filter(owner="me", postcode="SW1A 1AA", status=ACTIVE), 10) == [mine[1:]]
    assert walk(store, Filter(owner="me", postcode="M1 1AE"), 10) == [[]]


def test_a_request_is_listed_as_expired_when_its_life_is_over(store: RequestStore, clock: Clock) -> None:
    ending = a_request(1)
    proving = a_request(2, status=PENDING, expires_at=NOW + timedelta(days=1))
    stored(store, ending, proving, a_request(3, expires_at=NOW + 2 * YEAR))
    clock.now = NOW + timedelta(days=2)
    assert walk(store, Filter(status=EXPIRED), 10) == [[proving.request_id]]
    clock.now = NOW + YEAR + timedelta(days=1)
    assert sorted(walk(store, Filter(status=EXPIRED), 10)[0]) == [ending.request_id, proving.request_id]
    assert walk(store, Filter(status=ACTIVE), 10) == [[a_request(3).request_id]]
    assert [request.request_id for request in store.active_in("SW1A 1AA")] == [a_request(3).request_id]
    found = store.get(ending.request_id)
    assert found is not None
    assert found.status is EXPIRED


def test_active_postcodes_are_those_of_active_requests(store: RequestStore, clock: Clock) -> None:
    stored(
        store,
        *(a_request(number) for number in range(70)),
        a_request(100, postcode="M1 1AE", status=PAUSED),
        a_request(101, postcode="M1 1AE", expires_at=NOW),
        a_request(102, postcode="AB10 1AB"),
        a_request(103, postcode="ZE1 0AA"),
        a_request(104, postcode="EH1 1YZ", expires_at=NOW),
        a_request(105, postcode="EH1 1YZ"),
    )
    assert store.active_postcodes() == {"SW1A 1AA", "AB10 1AB", "ZE1 0AA", "EH1 1YZ"}
    store.delete(a_request(103).request_id)
    assert store.active_postcodes() == {"SW1A 1AA", "AB10 1AB", "EH1 1YZ"}


def test_active_postcodes_are_had_without_reading_every_request(
    store: RequestStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    postcodes = ["AB10 1AB", "M1 1AE", "SW1A 1AA"]
    stored(store, *(a_request(number, postcode=postcodes[number % 3]) for number in range(300)))
    client = aws.dynamodb()
    real, read = client.query, []

    def counted(**parameters: Any) -> Any:
        answer = real(**parameters)
        read.append(answer["ScannedCount"])
        return answer

    monkeypatch.setattr(client, "query", counted)
    assert store.active_postcodes() == set(postcodes)
    assert len(read) <= len(postcodes) + 1
    assert sum(read) <= 30 * len(postcodes)
