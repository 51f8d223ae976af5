"""Names: which catalogue a product belongs to, what its table is called, how a product is told from another.  Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from chalicelib.settings import settings

LONGEST_PRODUCT_ID = 200
"""Bytes.  With the catalogue's key in front the id stays below the 512 bytes of an OpenSearch document id."""
LONGEST_KEY = 120
"""Bytes of a catalogue's key: with its prefix a table's name has at most 255."""
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


def postcode_key(postcode: str) -> str:
    """``SW1A 1AA`` → ``SW1A1AA``."""
    return postcode.replace(" ", "")


def catalog_key(postcode: str, shop: str, region: str) -> str:
    """The key of the catalogue that holds what ``shop`` offers in ``postcode``.

    It is the postcode's own key; where the stage is set to ``CATALOG_KEYS=region`` it is the code of the shop's region,
    which many postcodes share: an account ends at 2,500 tables (DynamoDB developer guide, "Service quotas").  A region
    that is no name for a table (``North East``) is told from its like (``North_East``) by its digest.
    """
    if settings().catalog_keys != "region":
        return postcode_key(postcode)
    whole = f"{shop}-{region}"
    key = _NOT_IN_A_NAME.sub("_", whole)
    return key if key == whole and len(key) <= LONGEST_KEY else _with_digest(key, whole, LONGEST_KEY)


def catalogs_of(postcode: str, regions: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of every catalogue that serves ``postcode``; ``regions`` says for each shop which region it lies in."""
    if settings().catalog_keys == "region":
        return tuple(sorted({catalog_key(postcode, shop, region) for shop, region in regions.items()}))
    return (postcode_key(postcode),)


def table_name(key: str) -> str:
    """The name of a catalogue's table: ``SW1A1AA`` → ``ProductCatalog_SW1A1AA``."""
    return settings().catalog_table_prefix + key


def key_of_table(name: str) -> str | None:
    """The catalogue key in a table's name; ``None`` for a table that holds no catalogue."""
    prefix = settings().catalog_table_prefix
    return name.removeprefix(prefix) if name.startswith(prefix) and name != prefix else None


def table_of_stream(stream_arn: str) -> str:
    """The table's name in a stream's ARN (``arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>``)."""
    return stream_arn.split(":table/", 1)[-1].split("/", 1)[0]


def product_id(shop: str, shop_product_id: str) -> str:
    """``<shop>-<the shop's stable id>``, the same in every catalogue; an overlong id is cut and ends in its digest."""
    whole = f"{shop}-{shop_product_id}"
    if len(whole.encode()) <= LONGEST_PRODUCT_ID:
        return whole
    return _with_digest(whole, whole, LONGEST_PRODUCT_ID)


def _with_digest(name: str, whole: str, longest: int) -> str:
    """``name``, cut to ``longest`` bytes, ending in the digest of the ``whole`` it stands for."""
    digest = hashlib.blake2b(whole.encode(), digest_size=16).hexdigest()
    return name.encode()[: longest - len(digest) - 1].decode(errors="ignore") + "-" + digest
