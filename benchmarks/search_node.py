"""An OpenSearch node of one's own for a benchmark, filled with products."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.harness import CannotRun
from chalicelib.models import Product
from chalicelib.search import bulk, client, index
from chalicelib.search.documents import of_product
from chalicelib.settings import settings
from local.opensearch import opensearch
from local.processes import free_port, start, stop, wait_ready
from local.trouble import Trouble

HEAP_MEGABYTES = 1024


@contextmanager
def search_node() -> Iterator[None]:
    """A fresh node that the search package talks to until the block is left.  ``CannotRun`` where none starts."""
    folder = Path(tempfile.mkdtemp(prefix="shelfwatch-search-"))
    try:
        port = free_port(9241, 9279)
        node = opensearch(folder, port, HEAP_MEGABYTES)
        try:
            start(node)
            wait_ready(node)
            os.environ.update(OPENSEARCH_ENDPOINT=f"http://127.0.0.1:{port}", OPENSEARCH_INDEX="bench")
            _forget()
            index.ensure_index()
            yield
        except Trouble as trouble:
            raise CannotRun(str(trouble)) from trouble
        finally:
            stop(node)
    finally:
        _forget()
        shutil.rmtree(folder, ignore_errors=True)


def fill(products: Iterable[Product]) -> int:
    """Index ``products`` and make them findable; gives their number."""
    documents = [of_product(product) for product in products]
    for at in range(0, len(documents), 2000):
        written = bulk.write(documents[at : at + 2000], index.targets())
        if written.refused or written.waiting:
            raise CannotRun("OpenSearch refused products")
    index.refresh()
    return len(documents)


def _forget() -> None:
    """Settings, client and index names are kept per process: let them be read again."""
    settings.cache_clear()
    client.client.cache_clear()
    index.forget_targets()
