"""Which changes of the request table make a request worth matching at once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from chalicelib.models import RequestStatus, UserRequest
from chalicelib.requests.changes import to_match
from chalicelib.requests.records import as_item

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WISH = UserRequest(
    request_id="r1",
    postcode="SW1A 1AA",
    product_name="olive oil",
    discount=Decimal(20),
    phone_number="+447700900123",
    status=RequestStatus.ACTIVE,
    version=1,
    created_at=NOW,
    updated_at=NOW,
    expires_at=NOW + timedelta(days=365),
)


def changed(**changes: Any) -> UserRequest:
    return msgspec.structs.replace(WISH, **changes)


def record(after: UserRequest | None, before: UserRequest | None = None) -> dict[str, Any]:
    images = {"NewImage": after, "OldImage": before}
    return {"dynamodb": {name: as_item(image) for name, image in images.items() if image is not None}}


def test_a_new_active_request_is_matched() -> None:
    assert to_match([record(WISH)]) == [WISH]


def test_a_pending_one_waits_until_its_phone_is_proven() -> None:
    pending = changed(status=RequestStatus.PENDING)
    assert to_match([record(pending)]) == []
    assert to_match([record(WISH, before=pending)]) == [WISH]


def test_a_changed_wish_is_matched_again() -> None:
    for other in (changed(product_name="vinegar"), changed(discount=Decimal(10)), changed(status=RequestStatus.PAUSED)):
        assert to_match([record(WISH, before=other)]) == [WISH]


def test_a_change_of_phone_alone_is_no_new_wish() -> None:
    assert to_match([record(WISH, before=changed(phone_number="+447700900124", version=0))]) == []


def test_paused_and_deleted_requests_are_not_matched() -> None:
    assert to_match([record(changed(status=RequestStatus.PAUSED), before=WISH), record(None, before=WISH)]) == []


def test_of_several_changes_the_last_decides_and_counts_once() -> None:
    newer = changed(discount=Decimal(30), version=2)
    paused = changed(status=RequestStatus.PAUSED, version=3)
    assert to_match([record(WISH), record(newer, before=WISH)]) == [newer]
    assert to_match([record(WISH), record(paused, before=WISH)]) == []


def test_what_is_no_request_is_passed_over() -> None:
    tombstone = {"dynamodb": {"NewImage": {"RequestID": {"S": "r2"}}}}
    broken = {"dynamodb": {"NewImage": {"RequestID": {"S": "r3"}, "Status": {"S": "active"}}}}
    assert to_match([tombstone, broken, record(WISH)]) == [WISH]
