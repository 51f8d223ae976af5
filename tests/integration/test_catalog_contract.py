"""What the catalogues expect of DynamoDB and Lambda: the stand-ins of the other tests keep to it as the real ones do.

DynamoDB is DynamoDB Local, Lambda's mappings are moto's.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from chalicelib import aws
from chalicelib.catalog import mappings, registry, store, tables
from chalicelib.catalog.changes import CatalogChange
from chalicelib.catalog.registry import CatalogState
from chalicelib.catalog.tables import ensure_catalog
from chalicelib.catalog.writing import finish_scrape, write_products
from chalicelib.errors import RetryLater
from chalicelib.models import Availability
from tests.fakes.cloud import NOW, PIPELINE_TABLE, Cloud, cloud, scraped
from tests.fakes.lambda_ import FakeLambda
from tests.fakes.poller import number_of, shards_of

DAY = timedelta(days=1)
KEY = "SW1A1AA"


@dataclass
class Place:
    """Where the catalogues of a test are."""

    dynamodb: Any
    streams: Any = None
    fake: Cloud | None = None

    def records(self, key: str) -> list[dict[str, Any]]:
        """The records of the catalogue's stream, in order for each product."""
        if self.fake:
            return self.fake.dynamodb.tables[tables.table_name(key)].records
        arn = str(tables.stream_of(key))
        return [dict(record) for shard in shards_of(self.streams, arn) for record in shard.records]


@pytest.fixture(params=["fake", "DynamoDB Local"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with cloud(monkeypatch, CATALOG_REMOVE_DAYS="14", CATALOG_TABLE_PREFIX="ContractCatalog_") as made:
        if request.param == "fake":
            yield Place(made.dynamodb, fake=made)
            return
        url = request.getfixturevalue("dynamodb_local")
        client = boto3.client("dynamodb", endpoint_url=url)
        monkeypatch.setattr(aws, "dynamodb", lambda: client)
        monkeypatch.setenv("PIPELINE_TABLE", "ContractPipelineTable")
        tables.settings.cache_clear()
        client.create_table(**PIPELINE_TABLE | {"TableName": "ContractPipelineTable"})
        yield Place(client, boto3.client("dynamodbstreams", endpoint_url=url))
        for name in client.list_tables()["TableNames"]:
            if name.startswith("Contract"):
                client.delete_table(TableName=name)


def test_table_is_made_once_with_its_key_and_stream(place: Place) -> None:
    for _ in range(2):
        ensure_catalog(KEY, thoroughly=True)
    table = place.dynamodb.describe_table(TableName=f"ContractCatalog_{KEY}")["Table"]
    assert table["TableStatus"] == "ACTIVE"
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert tables.catalog_keys() == [KEY]
    assert tables.stream_of(KEY) == table["LatestStreamArn"]
    assert tables.stream_of("ZZ99ZZ") is None


def test_table_without_the_right_stream_gets_it(place: Place) -> None:
    ensure_catalog(KEY)
    name = f"ContractCatalog_{KEY}"
    place.dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
    ensure_catalog(KEY, thoroughly=True)
    assert place.dynamodb.describe_table(TableName=name)["Table"]["StreamSpecification"]["StreamEnabled"]


def test_removed_table_is_gone_and_removing_it_again_is_fine(place: Place) -> None:
    ensure_catalog(KEY)
    tables.remove_table(KEY)
    tables.remove_table(KEY)
    assert tables.catalog_keys() == []
    with pytest.raises(RetryLater):
        list(store.products(KEY))


def test_products_come_back_as_they_were_stored(place: Place) -> None:
    ensure_catalog(KEY)
    products = [scraped(number, price=Decimal(number + 1) / 100, brand="Müller") for number in range(230)]
    assert write_products(KEY, "sample", products, NOW) == CatalogChange(written=230)
    stored = {product.product_id: product for product in store.products(KEY)}
    assert len(stored) == 230
    assert stored["sample-7"].price == Decimal("0.08")
    assert stored["sample-7"].brand == "Müller"
    assert store.products_of(KEY, [*stored, "sample-999"]) == stored
    assert {stamp.product_id: stamp.version for stamp in store.stamps(KEY)} == {
        product_id: product.version for product_id, product in stored.items()
    }
    assert len(list(store.stamps_of_shop(KEY, "sample"))) == 230
    assert list(store.stamps_of_shop(KEY, "other")) == []


def test_each_change_makes_one_record_and_no_change_makes_none(place: Place) -> None:
    ensure_catalog(KEY)
    write_products(KEY, "sample", [scraped(1), scraped(2)], NOW)
    write_products(KEY, "sample", [scraped(1), scraped(2)], NOW + DAY)
    write_products(KEY, "sample", [scraped(1, price=Decimal(5)), scraped(2)], NOW + DAY)
    finish_scrape(KEY, "sample", ["1"], NOW + 2 * DAY)
    finish_scrape(KEY, "sample", ["1"], NOW + 16 * DAY)
    records = sorted(place.records(KEY), key=number_of)
    names = [(record["dynamodb"]["Keys"]["ProductID"]["S"], record["eventName"]) for record in records]
    of_one = [name for product_id, name in names if product_id == "sample-1"]
    of_two = [name for product_id, name in names if product_id == "sample-2"]
    assert of_one == ["INSERT", "MODIFY"]
    assert of_two == ["INSERT", "MODIFY", "REMOVE"]
    last = next(record for record in reversed(records) if record["eventName"] == "REMOVE")["dynamodb"]
    assert "NewImage" not in last
    assert last["OldImage"]["Availability"] == {"S": "OutOfStock"}


def test_removal_and_lifting_only_where_the_version_is_as_expected(place: Place) -> None:
    ensure_catalog(KEY)
    write_products(KEY, "sample", [scraped(1)], NOW)
    version = store.products_of(KEY, ["sample-1"])["sample-1"].version
    assert not store.remove(KEY, "sample-1", version - 1)
    assert not store.raise_version(KEY, "sample-1", version - 1)
    assert not store.raise_version(KEY, "sample-9", version)
    assert store.raise_version(KEY, "sample-1", version + 4)
    assert store.products_of(KEY, ["sample-1"])["sample-1"].version == version + 5
    assert store.remove(KEY, "sample-1", version + 5)
    assert not store.remove(KEY, "sample-1", version + 5)
    assert list(store.products(KEY)) == []


def test_what_cannot_be_stored_is_put_aside_alone(place: Place) -> None:
    ensure_catalog(KEY)
    products = [scraped(1), scraped(2, url="x" * 500_000), scraped(3)]
    assert write_products(KEY, "sample", products, NOW) == CatalogChange(written=2, refused=1)
    assert {product.product_id for product in store.products(KEY)} == {"sample-1", "sample-3"}


def test_missing_products_go_out_of_stock_and_come_back(place: Place) -> None:
    ensure_catalog(KEY)
    write_products(KEY, "sample", [scraped(1), scraped(2)], NOW)
    finish_scrape(KEY, "sample", ["1"], NOW + DAY)
    assert store.products_of(KEY, ["sample-2"])["sample-2"].availability is Availability.OUT_OF_STOCK
    write_products(KEY, "sample", [scraped(2)], NOW + 2 * DAY)
    assert store.products_of(KEY, ["sample-2"])["sample-2"].availability is Availability.IN_STOCK
    assert registry.last_read(KEY) == {"sample": NOW + DAY}


def test_states_of_catalogues_are_kept_until_cleared(place: Place) -> None:
    assert registry.states() == {}
    assert registry.state(KEY) == CatalogState()
    registry.set_state(KEY, CatalogState(unasked_since=NOW))
    registry.set_state("AB12CD", CatalogState(unasked_since=NOW, retiring_since=NOW + DAY))
    assert registry.states() == {
        KEY: CatalogState(unasked_since=NOW),
        "AB12CD": CatalogState(unasked_since=NOW, retiring_since=NOW + DAY),
    }
    registry.clear_state(KEY)
    registry.clear_state(KEY)
    assert registry.state(KEY) == CatalogState()


def test_batches_larger_than_dynamodb_takes_are_refused(place: Place) -> None:
    ensure_catalog(KEY)
    name = f"ContractCatalog_{KEY}"
    puts = [{"PutRequest": {"Item": {"ProductID": {"S": str(number)}}}} for number in range(26)]
    with pytest.raises(ClientError, match="ValidationException"):
        place.dynamodb.batch_write_item(RequestItems={name: puts})
    with pytest.raises(ClientError, match="ValidationException"):
        place.dynamodb.batch_write_item(RequestItems={name: [puts[0], puts[0]]})


# Lambda ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["fake", "moto"])
def streams(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """ARNs of streams that a function ``indexer`` can be attached to."""
    with cloud(monkeypatch), mock_aws():
        database = boto3.client("dynamodb")
        key = {"KeySchema": [{"AttributeName": "ProductID", "KeyType": "HASH"}]}
        attributes = {"AttributeDefinitions": [{"AttributeName": "ProductID", "AttributeType": "S"}]}
        stream = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}
        made = [
            database.create_table(
                TableName=f"ProductCatalog_{name}", BillingMode="PAY_PER_REQUEST", **key, **attributes, **stream
            )["TableDescription"]["LatestStreamArn"]
            for name in ("A1", "B2")
        ]
        if request.param == "moto":
            client = boto3.client("lambda")
            make_function(client)
            monkeypatch.setattr(aws, "lambda_", lambda: client)
        else:
            fake = FakeLambda()
            monkeypatch.setattr(aws, "lambda_", lambda: fake)
        yield made


def make_function(client: Any) -> None:
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role = boto3.client("iam").create_role(RoleName="indexer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", "")
    code = {"ZipFile": package.getvalue()}
    client.create_function(FunctionName="indexer", Runtime="python3.13", Role=role, Handler="app.indexer", Code=code)


def test_stream_is_attached_once_and_found_again(streams: list[str]) -> None:
    for _ in range(2):
        for arn in streams:
            mappings.attach(arn)
    found = mappings.all_mappings()
    assert sorted(str(mapping["EventSourceArn"]) for mapping in found) == sorted(streams)
    assert sorted(str(mappings.key_of_mapping(mapping)) for mapping in found) == ["A1", "B2"]
    assert len(mappings.mappings_of("ProductCatalog_A1")) == 1


def test_detached_stream_can_be_attached_again(streams: list[str]) -> None:
    mappings.attach(streams[0])
    mappings.detach_all(mappings.all_mappings())
    mappings.detach_all(mappings.all_mappings())
    assert mappings.all_mappings() == []
    mappings.attach(streams[0])
    assert len(mappings.all_mappings()) == 1
