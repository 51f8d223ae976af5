"""The browser's only way out: a proxy on loopback that connects to nothing but what the shop's guard allows.

Everything Chromium loads comes through here, redirects, scripts, frames, workers and sockets alike, and names are
resolved here too: no page can talk it into another connection.  Bytes are counted, so that a page has a greatest size.
"""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import socketserver
import threading
from collections import Counter
from http.client import HTTPConnection, HTTPException
from typing import BinaryIO, cast
from urllib.parse import urlsplit

from chalicelib.errors import ShelfwatchError
from chalicelib.scraping.guard import Forbidden, Guard

CONNECT_SECONDS = 10
IDLE_SECONDS = 30
CHUNK = 65536
_HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
"""Headers that are meant for the next hop only (RFC 9110, section 7.6.1)."""


class TooMuch(Exception):
    """The page has had its bytes."""


class Proxy:
    """A running proxy.  ``serve`` says for whom; ``begin_page`` gives the next page its budget of bytes."""

    def __init__(self) -> None:
        self.guard = Guard(frozenset())
        self.refused: Counter[str] = Counter()
        """What was refused since ``serve``: reason → times."""
        self.page_bytes = 0
        self.exhausted = False
        self._left = 0
        self._lock = threading.Lock()
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="proxy", daemon=True).start()

    @property
    def address(self) -> str:
        """``host:port`` it listens at; loopback only."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def serve(self, guard: Guard) -> None:
        """From now on allow what ``guard`` allows."""
        self.guard = guard
        self.refused = Counter()

    def begin_page(self, limit: int) -> None:
        """Give the page that follows ``limit`` bytes, of everything it loads together."""
        with self._lock:
            self._left, self.page_bytes, self.exhausted = limit, 0, False

    def take(self, size: int) -> None:
        """Count bytes of the present page; ``TooMuch`` when it has had its share."""
        with self._lock:
            self._left -= size
            self.page_bytes += size
            if self._left < 0:
                self.exhausted = True
                raise TooMuch

    def refuse(self, error: Exception) -> None:
        """Note what was refused, a bounded number of different reasons."""
        with self._lock:
            if len(self.refused) < 100 or str(error) in self.refused:
                self.refused[str(error)] += 1

    def open(self, host: str, port: int) -> socket.socket:
        """A connection to a checked address of the host.  ``Forbidden``, ``RetryLater`` or ``OSError``."""
        failure: OSError | None = None
        for address in self.guard.addresses(host, port):
            try:
                return socket.create_connection((address, port), CONNECT_SECONDS)
            except OSError as error:
                failure = error
        raise failure or OSError("no address")

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A broken connection is the browser's to notice."""


class _Handler(socketserver.StreamRequestHandler):
    """One connection of the browser: a tunnel (https, sockets) or one plain request."""

    timeout = IDLE_SECONDS

    def handle(self) -> None:
        proxy = cast(_Server, self.server).proxy
        line = self.rfile.readline(CHUNK).decode("latin-1").split()
        if len(line) != 3:
            return
        try:
            headers = http.client.parse_headers(cast(BinaryIO, self.rfile))
            if line[0] == "CONNECT":
                self._tunnel(proxy, line[1])
            else:
                self._forward(proxy, line[0], line[1], headers)
        except (ShelfwatchError, ValueError) as error:
            proxy.refuse(error)
            self._answer("403 Forbidden")
        except (OSError, HTTPException, TooMuch):
            self._answer("502 Bad Gateway")

    def _answer(self, status: str) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    def _tunnel(self, proxy: Proxy, target: str) -> None:
        host, _, port = target.rpartition(":")
        with proxy.open(host.strip("[]"), int(port)) as upstream:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            with contextlib.suppress(OSError, TooMuch):
                _relay(proxy, self.connection, upstream)

    def _forward(self, proxy: Proxy, method: str, url: str, headers: http.client.HTTPMessage) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise Forbidden(f"not an http address: {url[:80]!r}")
        host, port = parts.hostname, parts.port or 80
        upstream = HTTPConnection(host, port, timeout=IDLE_SECONDS)
        upstream.sock = proxy.open(host, port)
        with contextlib.closing(upstream):
            body = self.rfile.read(min(int(headers.get("Content-Length") or 0), CHUNK * 16))
            path = parts.path or "/"
            sent = {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}
            upstream.request(
                method, f"{path}?{parts.query}" if parts.query else path, body or None, sent | {"Connection": "close"}
            )
            self._pass_on(proxy, upstream.getresponse())

    def _pass_on(self, proxy: Proxy, answer: http.client.HTTPResponse) -> None:
        head = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        head += [f"{name}: {value}" for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP]
        self.wfile.write("\r\n".join([*head, "Connection: close", "", ""]).encode("latin-1", "replace"))
        with contextlib.suppress(OSError, HTTPException, TooMuch):
            while chunk := answer.read1(CHUNK):
                proxy.take(len(chunk))
                self.wfile.write(chunk)


def _relay(proxy: Proxy, browser: socket.socket, upstream: socket.socket) -> None:
    """Pass bytes both ways until one side closes or nothing comes for a while."""
    other = {browser: upstream, upstream: browser}
    while True:
        ready, _, _ = select.select(list(other), [], [], IDLE_SECONDS)
        if not ready:
            return
        for source in ready:
            chunk = source.recv(CHUNK)
            if not chunk:
                return
            if source is upstream:
                proxy.take(len(chunk))
            other[source].sendall(chunk)
