"""What the benchmarks of catalogues and index share: servers of their own, and products to fill them with."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

from benchmarks.harness import CannotRun
from chalicelib.catalog.changes import as_product
from chalicelib.items import to_item
from chalicelib.models import ScrapedProduct
from local.dynamodb import dynamodb_local
from local.opensearch import opensearch
from local.places import BUILD, REGION
from local.processes import free_port, start, stop, wait_ready
from local.trouble import Trouble
from tests.fakes.cloud import NOW, PIPELINE_TABLE, scraped

WORDS = ("oak", "table", "pine", "chair", "cotton", "shirt", "steel", "kettle", "glass", "wool", "green", "tea", "rice")


@contextmanager
def servers(heap_megabytes: int = 512) -> Iterator[None]:
    """OpenSearch and DynamoDB Local, empty, and an environment that points to them.  ``CannotRun`` without Java.

    Each has a heap of ``heap_megabytes``.
    """
    folder = BUILD / "state" / f"bench-indexing-{os.getpid()}"
    try:
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            search = _served(stack, folder, partial(opensearch, heap_megabytes=heap_megabytes), 9240, 9259)
            tables = _served(stack, folder, partial(dynamodb_local, heap_megabytes=heap_megabytes), 8300, 8399)
            os.environ.update(_environment(search, tables))
            _make_pipeline_table()
            yield
    except Trouble as trouble:
        raise CannotRun(str(trouble)) from trouble


def _served(stack: ExitStack, folder: Path, service: Any, first: int, last: int) -> str:
    port = free_port(first, last)
    made = service(folder, port)
    stack.callback(stop, made)
    start(made)
    wait_ready(made)
    return f"http://127.0.0.1:{port}"


def _environment(search: str, tables: str) -> dict[str, str]:
    return {
        "OPENSEARCH_ENDPOINT": search,
        "OPENSEARCH_INDEX": "bench",
        "AWS_ENDPOINT_URL_DYNAMODB": tables,
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": tables,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "test",
        "LOG_LEVEL": "CRITICAL",
        "INDEXER_FUNCTION": "indexer",
    }


def _make_pipeline_table() -> None:
    from chalicelib import aws

    aws.dynamodb().create_table(**PIPELINE_TABLE)


def make_catalog(key: str, streamed: bool = True) -> None:
    """The catalogue's table, with a stream or without, but without a mapping: there is no Lambda here."""
    from chalicelib import aws

    aws.dynamodb().create_table(
        TableName=f"ProductCatalog_{key}",
        KeySchema=[{"AttributeName": "ProductID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "ProductID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        if streamed
        else {"StreamEnabled": False},
    )


@contextmanager
def counted_bulk_calls() -> Iterator[list[int]]:
    """The size in bytes of each ``_bulk`` call made in the block."""
    from chalicelib.search.client import client

    real, sizes = client().bulk, list[int]()

    def counted(body: bytes, **options: Any) -> Any:
        sizes.append(len(body))
        return real(body=body, **options)

    client().bulk = counted
    yield sizes
    client().bulk = real


@cache
def products(number: int) -> list[ScrapedProduct]:
    """Different products with names of seven words and a size, the same in every run."""
    chance = random.Random(7)
    return [
        scraped(
            place,
            product_name=f"{' '.join(chance.choices(WORDS, k=7))} {chance.randint(1, 20) * 50} ml".title(),
            brand=chance.choice(WORDS).title(),
            price=Decimal(chance.randint(100, 9000)) / 100,
            was_price=Decimal(chance.randint(9000, 12000)) / 100,
            image_url=f"https://shop.example/images/{place}.jpg",
        )
        for place in range(number)
    ]


def records(key: str, number: int) -> list[dict[str, Any]]:
    """Stream records as Lambda hands them to the indexer: ``number`` new products of one catalogue."""
    arn = f"arn:aws:dynamodb:{REGION}:000000000000:table/ProductCatalog_{key}/stream/2026-01-01T00:00:00.000"
    made = []
    for place, page in enumerate(products(number)):
        product = as_product(key, page, None, NOW)
        change = {
            "SequenceNumber": f"{place:021}",
            "Keys": {"ProductID": {"S": product.product_id}},
            "NewImage": to_item(product, Discount=product.discount),
        }
        made.append({"eventName": "INSERT", "eventSourceARN": arn, "dynamodb": change})
    return made
