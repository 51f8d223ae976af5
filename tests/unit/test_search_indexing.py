"""What the indexer does with a batch when OpenSearch, SQS or the records misbehave.  OpenSearch is a stand-in here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from botocore.credentials import RefreshableCredentials
from requests import Request

from chalicelib.catalog.changes import as_product
from chalicelib.errors import RetryLater, SettingError
from chalicelib.items import to_item
from chalicelib.search import bulk, client, index, indexing
from chalicelib.search.bulk import Written
from chalicelib.search.indexing import ATTEMPTS, LARGEST_MESSAGE, IndexOutcome, index_records
from tests.fakes.cloud import NOW, Cloud, cloud, scraped, stage
from tests.fakes.search import Answer, FakeIndex, away, put_off, refused

KEY, OTHER = "SW1A1AA", "AB12CD"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(monkeypatch) as made:
        yield made


@pytest.fixture
def opensearch(monkeypatch: pytest.MonkeyPatch) -> FakeIndex:
    fake = FakeIndex()
    monkeypatch.setattr(bulk, "write", fake.write)
    monkeypatch.setattr(index, "targets", lambda: ("products-000001",))
    return fake


def record(number: int, key: str = KEY, version: int | None = None, **changes: Any) -> dict[str, Any]:
    product = as_product(key, scraped(number, **changes), None, NOW)
    product = msgspec.structs.replace(product, version=version or product.version)
    return {
        "eventName": "INSERT",
        "eventSourceARN": f"arn:aws:dynamodb:eu-west-2:123456789012:table/ProductCatalog_{key}/stream/now",
        "dynamodb": {
            "SequenceNumber": f"{number:021}",
            "Keys": {"ProductID": {"S": product.product_id}},
            "NewImage": to_item(product),
        },
    }


def spoilt(number: int) -> dict[str, Any]:
    made = record(number)
    made["dynamodb"]["NewImage"]["Price"] = {"S": "cheap"}
    return made


def run(*records: dict[str, Any]) -> IndexOutcome:
    return index_records({"Records": list(records)})


def test_batch_is_indexed_in_one_call(world: Cloud, opensearch: FakeIndex) -> None:
    outcome = run(record(1), record(2, OTHER), record(3))
    assert outcome == IndexOutcome(failed=[], changed={KEY, OTHER})
    assert opensearch.asked == [["sample-1", "sample-2", "sample-3"]]
    assert outcome.report() == {"batchItemFailures": []}


def test_catalogue_whose_changes_an_earlier_call_wrote_is_reported_too(world: Cloud, opensearch: FakeIndex) -> None:
    """The function may have ended between writing the index and having the catalogue matched."""
    opensearch.answers = [lambda documents: Written(changed=frozenset({1}))]
    assert run(record(1), record(2, OTHER)).changed == {KEY, OTHER}


def test_catalogue_of_which_nothing_is_in_the_index_is_not_reported(world: Cloud, opensearch: FakeIndex) -> None:
    opensearch.answers = [refused(0)]
    assert run(record(1), record(2, OTHER)).changed == {OTHER}


def test_time_is_bounded_however_slowly_opensearch_fails(
    world: Cloud, opensearch: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 10_000, 14))
    monkeypatch.setattr(indexing.time, "monotonic", lambda: next(clock))
    opensearch.answers = [away] * ATTEMPTS
    with pytest.raises(RetryLater):
        run(record(1))
    assert len(opensearch.asked) < ATTEMPTS


def test_only_the_newest_of_a_products_versions_is_written(world: Cloud, opensearch: FakeIndex) -> None:
    assert run(record(1, version=5), record(1, version=7), record(1, version=6)).failed == []
    assert opensearch.asked == [["sample-1"]]


def test_unreadable_record_is_put_aside_with_its_reason_and_its_neighbours_are_indexed(
    world: Cloud, opensearch: FakeIndex
) -> None:
    assert run(record(1), spoilt(2), record(3)).failed == []
    assert opensearch.asked == [["sample-1", "sample-3"]]
    (message,) = world.sqs.sent
    assert message["v"] == 1
    assert "Price" in message["Reason"]
    assert message["Record"]["dynamodb"]["Keys"] == {"ProductID": {"S": "sample-2"}}
    assert message["Source"].endswith("ProductCatalog_SW1A1AA/stream/now")


def test_record_the_index_refuses_is_put_aside_with_its_reason(world: Cloud, opensearch: FakeIndex) -> None:
    opensearch.answers = [refused(1)]
    assert run(record(1), record(2), record(3)).failed == []
    (message,) = world.sqs.sent
    assert message["Reason"] == "mapper_parsing_exception: no number"
    assert message["Record"]["dynamodb"]["SequenceNumber"] == f"{2:021}"


def test_record_that_cannot_be_put_aside_comes_again(world: Cloud, opensearch: FakeIndex) -> None:
    world.sqs.broken = True
    opensearch.answers = [refused(1)]
    assert run(record(1), record(2), spoilt(3)).failed == [f"{3:021}", f"{2:021}"]


def test_large_record_is_put_aside_without_its_images(world: Cloud, opensearch: FakeIndex) -> None:
    large = spoilt(1)
    large["dynamodb"]["NewImage"]["Url"] = {"S": "x" * 2 * LARGEST_MESSAGE}
    run(large)
    (message,) = world.sqs.sent
    assert len(msgspec.json.encode(message)) < LARGEST_MESSAGE
    assert message["Record"]["dynamodb"]["Keys"] == {"ProductID": {"S": "sample-1"}}


def test_documents_put_off_are_tried_again_alone(world: Cloud, opensearch: FakeIndex) -> None:
    opensearch.answers = [put_off(0, 2), put_off(1)]
    assert run(record(1), record(2), record(3)) == IndexOutcome(failed=[], changed={KEY})
    assert opensearch.asked == [["sample-1", "sample-2", "sample-3"], ["sample-1", "sample-3"], ["sample-3"]]


def test_document_put_off_again_and_again_is_reported(world: Cloud, opensearch: FakeIndex) -> None:
    opensearch.answers = [put_off(1), *[put_off(0)] * (ATTEMPTS - 1)]
    outcome = run(record(1), record(2), record(2, version=5), record(3))
    assert outcome.failed == [f"{2:021}"] * 2  # both records of the product: neither is in the index
    assert outcome.report() == {"batchItemFailures": [{"itemIdentifier": f"{2:021}"}] * 2}


def test_short_outage_is_waited_out(world: Cloud, opensearch: FakeIndex) -> None:
    opensearch.answers = [away] * (ATTEMPTS - 1)
    assert run(record(1)) == IndexOutcome(failed=[], changed={KEY})


@pytest.mark.parametrize("answers", [[away] * ATTEMPTS, [put_off(0, 1)] * ATTEMPTS])
def test_opensearch_away_as_a_whole_brings_the_whole_batch_again(
    world: Cloud, opensearch: FakeIndex, answers: list[Answer]
) -> None:
    opensearch.answers = answers
    with pytest.raises(RetryLater):
        run(record(1), record(2))


def test_empty_batch_asks_nothing(world: Cloud, opensearch: FakeIndex) -> None:
    assert run() == IndexOutcome(failed=[], changed=set())
    assert opensearch.asked == []


# The connection -------------------------------------------------------------------------------------------------------


def connection(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> Any:
    with stage(monkeypatch, OPENSEARCH_ENDPOINT=endpoint):
        client.client.cache_clear()
        try:
            return client.client().transport.get_connection()
        finally:
            client.client.cache_clear()


@pytest.mark.parametrize(
    "endpoint", ["http://search.example", "http://10.0.0.1:9200", "ftp://127.0.0.1", "products", ""]
)
def test_unsafe_or_missing_endpoint_is_refused(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    with pytest.raises(SettingError, match="OPENSEARCH_ENDPOINT"):
        connection(monkeypatch, endpoint)


def test_node_on_loopback_is_asked_without_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    made = connection(monkeypatch, "http://127.0.0.1:9200")
    assert made.session.auth is None


@pytest.mark.parametrize("host", ["search-my-products-abc.eu-west-1.es.amazonaws.com", "vpc-x.aos.eu-west-1.on.aws"])
def test_domain_of_aws_is_asked_over_verified_tls_with_signatures_that_renew(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """The credentials change after the client was made: the next request carries the new ones."""
    made = connection(monkeypatch, f"https://{host}")
    assert made.session.verify  # True, or the path of the certificates to trust
    signer = made.session.auth
    signer.refreshable_credentials = RefreshableCredentials(
        "OLDKEY", "secret", "token", NOW.replace(year=2020), lambda: renewed, "test"
    )
    renewed = {"access_key": "NEWKEY", "secret_key": "s", "token": "t", "expiry_time": "2099-01-01T00:00:00Z"}
    request = signer(Request("GET", f"https://{host}/").prepare())
    authorization = str(request.headers["Authorization"])
    assert "Credential=NEWKEY/" in authorization
    assert "/eu-west-1/es/aws4_request" in authorization
