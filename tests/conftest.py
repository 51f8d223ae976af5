"""Servers that tests may ask for: started on first use, stopped at the end of the session by their pid."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from local.dynamodb import dynamodb_local as dynamodb_server
from local.opensearch import opensearch
from local.places import BUILD, REGION
from local.processes import Service, free_port, start, stop, wait_ready

_STACK = "tests/end_to_end/"

os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_REGION=REGION,
    AWS_DEFAULT_REGION=REGION,
    AWS_EC2_METADATA_DISABLED="true",
)
for _name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(_name, None)


class _ByFile(LoadScopeScheduling):
    """Where tests run side by side, those of one file stay in one process, and so do all that share the local stack.

    Written here because the mark ``xdist_group`` does nothing under this version of pytest.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _STACK if file.startswith(_STACK) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:
    """The hook by which pytest-xdist asks how to share tests out."""
    return _ByFile(config, log)


_TEST_PHONE = re.compile(r"(?:\+44|0044|(?<!\d)0)[ ]?7700[ ]?900\d{3}")
"""The numbers that tests use: those Ofcom keeps for fiction."""


@pytest.fixture(autouse=True)
def no_phone_in_any_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Reads the log output of every test of the suite: no line may hold a phone number."""
    yield
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    lines = [f"{record.getMessage()} {record.exc_text or ''}" for record in records]
    assert [line for line in lines if _TEST_PHONE.search(line)] == []


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for the servers of this session, removed when it ends."""
    folder = BUILD / "state" / f"session-{os.getpid()}"
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def opensearch_url(server_folder: Path) -> Iterator[str]:
    """URL of a real OpenSearch node.  Tests share it: use index names of your own."""
    port = free_port(9220, 9279)
    yield from _served(opensearch(server_folder, port), port)


@pytest.fixture(scope="session")
def dynamodb_local(server_folder: Path) -> Iterator[str]:
    """Endpoint of DynamoDB Local.  Tests share it: use table names of your own."""
    port = free_port(9700, 9779)
    yield from _served(dynamodb_server(server_folder, port), port)


def _served(service: Service, port: int) -> Iterator[str]:
    try:
        start(service)
        wait_ready(service)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(service)
