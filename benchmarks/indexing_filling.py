"""Many equal catalogues in tables and index, put there fast: what verification is measured on.

Items and documents are those the app itself makes of the products, for one catalogue; the others differ from it in
their key alone, which is put into the requests as text.  boto3 would spend longer on making its requests than the
database on storing them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import msgspec
import requests

from benchmarks.harness import tell
from benchmarks.indexing_servers import make_catalog
from chalicelib.items import to_item
from chalicelib.models import Product
from chalicelib.search.documents import Document
from local.places import REGION

KEY = "@CATALOG@"
"""The key of the catalogue that the others are made of."""
AT_ONCE = 2
"""Catalogues filled side by side: what the machine is expected to have processors for."""
TOLD_EVERY = 20
"""Catalogues."""
_WRITES = 25
"""Items in one BatchWriteItem (DynamoDB API reference)."""


def fill(keys: Sequence[str], products: Sequence[Product]) -> None:
    """Make the catalogues ``keys`` and put ``products``, which are of catalogue ``KEY``, into each, indexed too."""
    from chalicelib.search.documents import of_product

    calls = list(_calls(products))
    documents = [of_product(product) for product in products]

    def filled(key: str) -> None:
        make_catalog(key, streamed=False)
        with requests.Session() as session:
            for call in calls:
                _store(session, call.replace(KEY, key))
        _index([_of_catalog(document, key) for document in documents])

    with _no_refreshes(), ThreadPoolExecutor(AT_ONCE) as pool:
        for done, _ in enumerate(pool.map(filled, keys), 1):
            if done % TOLD_EVERY == 0:
                tell(f"{done} of {len(keys)} catalogues filled")


def _calls(products: Sequence[Product]) -> Iterator[str]:
    items = [to_item(product, Discount=product.discount) for product in products]
    for start in range(0, len(items), _WRITES):
        puts = [{"PutRequest": {"Item": item}} for item in items[start : start + _WRITES]]
        yield json.dumps({"RequestItems": {f"ProductCatalog_{KEY}": puts}})


def _store(session: requests.Session, body: str) -> None:
    """DynamoDB Local takes account and region from the credential, and checks no signature."""
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/20260101/{REGION}/dynamodb/aws4_request"
    answer = session.post(
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"],
        data=body.encode(),
        headers={
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0",
        },
        timeout=60,
    )
    assert answer.json() == {"UnprocessedItems": {}}, answer.text


def _of_catalog(document: Document, key: str) -> Document:
    return msgspec.structs.replace(document, key=key, body=document.body.replace(KEY.encode(), key.encode()))


def _index(documents: Sequence[Document]) -> None:
    from chalicelib.search import bulk, index

    written = bulk.write(documents, index.targets())
    assert len(written.changed) == len(documents), written


@contextmanager
def _no_refreshes() -> Iterator[None]:
    """What the block writes can be found only after it, which makes writing faster."""
    from chalicelib.search import index
    from chalicelib.search.client import client
    from chalicelib.search.mapping import SETTINGS

    def refresh_every(interval: str) -> None:
        client().indices.put_settings(index=index.write_alias(), body={"index.refresh_interval": interval})

    refresh_every("-1")
    yield
    refresh_every(SETTINGS["refresh_interval"])
    index.refresh()
