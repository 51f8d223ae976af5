"""Plain HTTP for what needs no browser: robots.txt, sitemaps, and shops whose pages are complete without scripts.

The same guard as the browser's: every hop is checked, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import gzip
import http.client
import io
import socket
import ssl
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.parse import SplitResult, urljoin, urlsplit

from chalicelib.scraping.guard import DEFAULT_PORTS, Guard
from chalicelib.scraping.pages import MAX_HTML, PAGE_BYTES, PageFailed

SECONDS = 20
"""For one answer, redirects included."""
REDIRECTS = 5
MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: address after redirects, status, header fields and body."""

    url: str
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, by its declared character set (UTF-8 unless told)."""
        charset = self.headers.get_content_charset() or "utf-8"
        try:
            return self.body[: MAX_HTML * 4].decode(charset, "replace")[:MAX_HTML]
        except LookupError:
            return self.body[: MAX_HTML * 4].decode("utf-8", "replace")[:MAX_HTML]


class Fetcher:
    """HTTP GET for one shop: one kept connection per host, cookies of its own, redirects within the guard."""

    def __init__(self, guard: Guard, user_agent: str) -> None:
        self._guard, self._user_agent = guard, user_agent
        self._connections: dict[str, http.client.HTTPConnection] = {}
        self.cookies: dict[str, str] = {}

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer for ``url``.

        ``Forbidden`` for a hop outside the shop; ``PageFailed`` when there is no answer, or one that is too large, too
        slow or goes in circles.
        """
        deadline = time.monotonic() + SECONDS
        for _ in range(REDIRECTS + 1):
            self._guard.check_page(url)
            answer = self._ask(url, headers or {}, deadline)
            target = answer.headers.get("location")
            if answer.status not in MOVED or target is None:
                return answer
            url = urljoin(url, target)
        raise PageFailed("the page redirects too often")

    def close(self) -> None:
        """Close the kept connections."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def _ask(self, url: str, headers: Mapping[str, str], deadline: float) -> Answer:
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc}"
        kept = place in self._connections
        try:
            return self._answer(parts, headers, deadline)
        except (OSError, http.client.HTTPException) as error:
            self._forget(place)
            if kept and not isinstance(
                error, TimeoutError
            ):  # the server closed a kept connection: once more on a new one
                return self._ask(url, headers, deadline)
            raise PageFailed(f"the shop cannot be reached: {str(error)[:80] or type(error).__name__}") from error

    def _answer(self, parts: SplitResult, headers: Mapping[str, str], deadline: float) -> Answer:
        connection = self._connection(parts)
        path = parts.path or "/"
        connection.request(
            "GET", f"{path}?{parts.query}" if parts.query else path, headers={**self._headers(), **headers}
        )
        response = connection.getresponse()
        body = self._body(response, deadline)
        if response.will_close:
            self._forget(f"{parts.scheme}://{parts.netloc}")
        self._remember_cookies(response)
        return Answer(parts.geturl(), response.status, response.headers, _decoded(body, response.headers))

    def _connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        place = f"{parts.scheme}://{parts.netloc}"
        if place not in self._connections:
            host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
            connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
            connection.sock = self._socket(host, port, secure=parts.scheme == "https")
            self._connections[place] = connection
        return self._connections[place]

    def _socket(self, host: str, port: int, secure: bool) -> socket.socket:
        failure: OSError = OSError("no address")
        for address in self._guard.addresses(host, port):
            try:
                plain = socket.create_connection((address, port), SECONDS)
                return ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
            except OSError as error:
                failure = error
        raise failure

    def _headers(self) -> dict[str, str]:
        sent = {
            "User-Agent": self._user_agent,
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        }
        sent |= {"Accept-Language": "en-GB,en;q=0.8", "Accept-Encoding": "gzip"}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return sent

    def _body(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        pieces, size = [], 0
        while piece := response.read1(65536):
            size += len(piece)
            if size > PAGE_BYTES:
                raise self._too_much(f"the page is larger than {PAGE_BYTES} bytes")
            if time.monotonic() > deadline:
                raise self._too_much("the page takes too long")
            pieces.append(piece)
        return b"".join(pieces)

    def _too_much(self, reason: str) -> PageFailed:
        self.close()
        return PageFailed(reason)

    def _remember_cookies(self, response: http.client.HTTPResponse) -> None:
        for line in response.headers.get_all("set-cookie") or []:
            name, _, value = line.split(";", 1)[0].partition("=")
            if name.strip() and len(self.cookies) < 50 and len(value) < 4096:
                self.cookies[name.strip()] = value.strip()

    def _forget(self, place: str) -> None:
        connection = self._connections.pop(place, None)
        if connection is not None:
            connection.close()


def _decoded(body: bytes, headers: Message) -> bytes:
    """The body without its gzip coding.  ``PageFailed`` when it is broken or unpacks to more than a page may have."""
    if headers.get("content-encoding", "").lower() != "gzip":
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            plain = packed.read(PAGE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise PageFailed("the page is broken") from error
    if len(plain) > PAGE_BYTES:
        raise PageFailed(f"the page is larger than {PAGE_BYTES} bytes")
    return plain
