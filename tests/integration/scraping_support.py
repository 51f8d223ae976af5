"""What the scraping tests share: a pipeline table, the layer's browser, and small shops served on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3

from chalicelib.scraping import preview
from chalicelib.scraping.guard import Guard, guard_of
from chalicelib.scraping.shops.declaration import Shop
from local.places import LAYER


def make_pipeline_table(endpoint: str) -> str:
    """A pipeline table of its own name in DynamoDB Local; gives the name."""
    name = f"Pipeline-{uuid4().hex[:12]}"
    boto3.client("dynamodb", endpoint_url=endpoint).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("PK", "SK")],
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
    )
    return name


class Answer:
    """What a test shop answers: status, body and headers."""

    def __init__(self, body: str | bytes = "", status: int = 200, **headers: str) -> None:
        self.body = body.encode() if isinstance(body, str) else body
        self.status = status
        self.headers = {"Content-Type": "text/html; charset=utf-8"} | {
            name.replace("_", "-").title(): value for name, value in headers.items()
        }


class TestShop:
    """A web server on loopback whose pages are functions of the request; remembers what it was asked for."""

    __test__ = False

    def __init__(self, answer: Callable[[str, dict[str, str]], Answer]) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                shop.asked.append((self.path, headers))
                self._send(answer(self.path, headers))

            def _send(self, given: Answer) -> None:
                with contextlib.suppress(OSError):
                    self.send_response(given.status)
                    for name, value in {**given.headers, "Content-Length": str(len(given.body))}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(given.body)

            def log_message(self, *words: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def place(self) -> str:
        """``127.0.0.1:port``."""
        return f"127.0.0.1:{self.server.server_address[1]}"

    @property
    def origin(self) -> str:
        return f"http://{self.place}"

    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [path for path, _ in self.asked]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextlib.contextmanager
def serving(answer: Callable[[str, dict[str, str]], Answer]) -> Iterator[TestShop]:
    """A test shop while the block runs."""
    shop = TestShop(answer)
    try:
        yield shop
    finally:
        shop.close()


def unpacked_layer() -> Path:
    """The browser's layer, unpacked under ``build/``; the zip is what ``make layer`` builds."""
    return preview.unpacked_layer(LAYER)


def shop_at(origin: str, **declared: Any) -> Shop:
    """A test shop's declaration: at ``origin``, no pause."""
    place = origin.partition("//")[2]
    return Shop(**{"key": "test", "name": "Test", "hosts": (place,), "start": (f"{origin}/",), "pause": 0, **declared})


def private_guard(shop: Shop) -> Guard:
    """A guard that lets the shop lie on loopback."""
    return guard_of(shop, (*shop.hosts, *shop.asset_hosts))


class Listener:
    """A socket that must hear nothing: counts connections."""

    def __init__(self) -> None:
        self.heard = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.heard += 1
                connection.close()

    def close(self) -> None:
        self.socket.close()
