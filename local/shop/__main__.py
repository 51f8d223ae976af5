"""``python -m local.shop --port 8070``: opens the sample shop on this machine until it is interrupted."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
from types import FrameType

from werkzeug.serving import WSGIRequestHandler, make_server

from local.shop.stock import Stock, read_stock
from local.shop.web import create_app


class QuietHandler(WSGIRequestHandler):
    """Leaves out the line per request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""


def main() -> None:
    """Serves until SIGINT or SIGTERM.  A busy port is said in one line."""
    asked = argparse.ArgumentParser(prog="python -m local.shop", description="Opens the sample shop on 127.0.0.1.")
    asked.add_argument("--port", type=int, default=8070)
    port = asked.parse_args().port
    try:
        door = socket.create_server(("127.0.0.1", port))
    except OSError:
        sys.exit(f"Port {port} is busy: stop what listens there, or choose another with --port.")
    app = create_app(Stock(read_stock()))
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=QuietHandler, fd=door.fileno())
    signal.signal(signal.SIGTERM, _stop)
    print(f"The sample shop is open at http://127.0.0.1:{port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
