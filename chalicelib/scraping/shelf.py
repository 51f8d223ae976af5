"""What a job has read so far, kept in the pipeline table until all of it is read.

Catalogues change only when a shop was read completely, and one job may take several calls of the worker: the pages wait
here in between.  A part that is done again overwrites its own pages.

    Pages#<run>#<shop>#<region> / <part>#<number>#<piece>   products of one page (JSON, zlib)
    Shop#<shop>                 / Yield#<region>            how many products the last good scrape found
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence

import msgspec

from chalicelib import aws
from chalicelib.items import Item
from chalicelib.models import ScrapedProduct
from chalicelib.scraping.messages import ScrapeJob
from chalicelib.settings import settings

PIECE = 300
"""Products to an item: far below DynamoDB's 400 KB, even with the longest names."""
KEPT_SECONDS = 3 * 86_400


class Shelf:
    """The kept pages of jobs, and the last yield of shops."""

    def __init__(self, table: str | None = None) -> None:
        self._table = table or settings().pipeline_table

    def keep(self, job: ScrapeJob, number: int, products: Sequence[ScrapedProduct]) -> None:
        """Keep the products of page ``number`` of the job's present part."""
        for piece, start in enumerate(range(0, len(products), PIECE)):
            content = zlib.compress(msgspec.json.encode(products[start : start + PIECE]), 6)
            item: Item = {
                "PK": {"S": _pages(job)},
                "SK": {"S": f"{job.part:05}#{number:06}#{piece:04}"},
                "Products": {"B": content},
                "ExpiresAt": {"N": str(int(time.time()) + KEPT_SECONDS)},
            }
            aws.dynamodb().put_item(TableName=self._table, Item=item)

    def products(self, job: ScrapeJob) -> list[ScrapedProduct]:
        """Every product the job has read in all its parts, once each: the last page that shows one counts."""
        found: dict[str, ScrapedProduct] = {}
        pages = (
            aws.dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=self._table,
                KeyConditionExpression="PK = :pages",
                ExpressionAttributeValues={":pages": {"S": _pages(job)}},
                ConsistentRead=True,
            )
        )
        for page in pages:
            for item in page["Items"]:
                products = msgspec.json.decode(zlib.decompress(bytes(item["Products"]["B"])), type=list[ScrapedProduct])
                found.update((product.shop_product_id, product) for product in products)
        return list(found.values())

    def last_yield(self, job: ScrapeJob) -> int | None:
        """Products the last good scrape of the shop's region found; ``None`` before the first."""
        answer = aws.dynamodb().get_item(TableName=self._table, Key=_yield_key(job))
        item = answer.get("Item")
        return int(item["Products"]["N"]) if item else None

    def note_yield(self, job: ScrapeJob, products: int) -> None:
        """Remember how many products a good scrape found."""
        item = _yield_key(job) | {"Products": {"N": str(products)}, "RunID": {"S": job.run_id}}
        aws.dynamodb().put_item(TableName=self._table, Item=item)


def _pages(job: ScrapeJob) -> str:
    return f"Pages#{job.run_id}#{job.name}"


def _yield_key(job: ScrapeJob) -> Item:
    return {"PK": {"S": f"Shop#{job.shop}"}, "SK": {"S": f"Yield#{job.region}"}}
