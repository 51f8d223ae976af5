"""Products as the index holds them, and back.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from chalicelib.models import Product, Record

LARGEST_VERSION = 2**63 - 1
"""An external version is a Java long below its largest (OpenSearch, "Index document": ``version``)."""
LONGEST_ID = 512
"""Bytes of a document's id (OpenSearch, "Index document")."""


class Tombstone(Record, frozen=True, kw_only=True):
    """What is left of a removed product, so that a late older record does not bring it back.

    OpenSearch forgets the version of a deleted document after a minute (``index.gc_deletes``).
    """

    product_id: str
    postcode: str
    version: int
    removed: bool
    removed_at: datetime


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One write to the index."""

    key: str
    """Catalogue key; also the routing."""
    product_id: str
    version: int
    body: bytes
    """JSON of a product without its price history, or of a tombstone."""

    @property
    def id(self) -> str:
        """The document's id in the index."""
        return document_id(self.key, self.product_id)


def document_id(key: str, product_id: str) -> str:
    """A product's id in the index, which holds all catalogues: ``SW1A1AA:sample-42``."""
    return f"{key}:{product_id}"


def unfit(document: Document) -> str | None:
    """Why the index can never hold the document, where that is known beforehand: such a one spoils a whole call."""
    if not 0 < document.version < LARGEST_VERSION:
        return f"version {document.version} is none the index takes"
    if len(document.id.encode()) > LONGEST_ID:
        return f"the product's id is longer than {LONGEST_ID} bytes"
    return None


def of_product(product: Product) -> Document:
    """The document of ``product``."""
    body = msgspec.structs.replace(product, price_history=())
    return _document(product.postcode, product.product_id, product.version, msgspec.json.encode(body))


def of_image(image: Mapping[str, Mapping[str, Any]]) -> Document:
    """The document of a stream record's new image.  ``msgspec.ValidationError`` for one that is no product."""
    flat = {name: _value(tagged) for name, tagged in image.items() if name != "PriceHistory"}
    return of_product(msgspec.convert(flat, Product, strict=False))


def of_removal(key: str, product_id: str, last_version: int, now: datetime) -> Document:
    """The tombstone of a product that was removed when it was at ``last_version``."""
    version = last_version + 1
    tombstone = Tombstone(product_id=product_id, postcode=key, version=version, removed=True, removed_at=now)
    return _document(key, product_id, version, msgspec.json.encode(tombstone))


def product_of(source: Mapping[str, Any]) -> Product:
    """The product a document's ``_source`` holds.  ``msgspec.ValidationError`` for anything else."""
    return msgspec.convert(source, Product, strict=False)


def _document(key: str, product_id: str, version: int, body: bytes) -> Document:
    return Document(key=key, product_id=product_id, version=version, body=body)


def _value(tagged: Mapping[str, Any]) -> Any:
    """The value of ``{"S": "…"}`` or ``{"N": "…"}``; products have no other kinds outside their price history."""
    ((_, value),) = tagged.items()
    return value
