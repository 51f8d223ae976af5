"""What the scraping benchmarks read: a heavy product page on loopback, and the sample shop."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.harness import CannotRun
from chalicelib.errors import SettingError
from chalicelib.scraping import preview
from local.places import LAYER, ROOT
from local.processes import answers, free_port, wait_for

IMAGES, IMAGE_SECONDS, SCRIPT_SECONDS = 40, 0.15, 3.0
PORTS = (8130, 8199)


class _Handler(BaseHTTPRequestHandler):
    """The heavy page, its slow images, and the third party's slower script."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/image"):
            time.sleep(IMAGE_SECONDS)
            self._send(b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "image/svg+xml")
        elif self.path.startswith("/third-party"):
            time.sleep(SCRIPT_SECONDS)
            self._send(b"window.third = 1;", "text/javascript")
        else:
            self._send(self.server.page.encode(), "text/html; charset=utf-8")  # type: ignore[attr-defined]

    def _send(self, body: bytes, kind: str) -> None:
        with contextlib.suppress(OSError):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        """Says nothing."""


@contextlib.contextmanager
def heavy_page() -> Iterator[str]:
    """URL of a product page with 40 images of 150 ms and a third party's script of 3 s."""
    third, shop = (ThreadingHTTPServer(("127.0.0.1", free_port(*PORTS)), _Handler) for _ in range(2))
    images = "".join(f'<img src="/image/{number}.png" width="90" height="90">' for number in range(IMAGES))
    shop.page = (  # type: ignore[attr-defined]
        f'<!doctype html><html lang="en-GB"><head><title>Kettle</title></head><body><main><h1>Copper kettle 1.7 l</h1>'
        f'<p class="price">£24.99</p><button>Add to basket</button>{images}</main>'
        f'<script src="http://127.0.0.1:{third.server_address[1]}/third-party.js"></script></body></html>'
    )
    for server in (third, shop):
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{shop.server_address[1]}/kettle"
    finally:
        for server in (third, shop):
            server.shutdown()
            server.server_close()


@contextlib.contextmanager
def sample_shop() -> Iterator[str]:
    """Origin of a sample shop of its own."""
    port = free_port(*PORTS)
    shop = subprocess.Popen(
        [sys.executable, "-m", "local.shop", "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        if not wait_for(lambda: answers(f"http://127.0.0.1:{port}/"), 20):
            raise CannotRun("The sample shop does not start: python -m local.shop says why.")
        yield f"http://127.0.0.1:{port}"
    finally:
        shop.terminate()
        shop.wait(10)


def layer_folder() -> Path:
    """The browser's layer, unpacked.  ``CannotRun`` while it is not built."""
    try:
        return preview.unpacked_layer(LAYER)
    except SettingError as error:
        raise CannotRun(str(error)) from None
