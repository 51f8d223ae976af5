"""The strict SNS behind HTTP, for real clients in real processes: SNS's query protocol, on the loopback interface."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from tests.support.strict_sns import Refusal, StrictSns

_SPACE = "http://sns.amazonaws.com/doc/2010-03-31/"


@contextmanager
def serving(sns: StrictSns, port: int = 0) -> Iterator[str]:
    """Serve ``sns`` while the block runs; gives the endpoint.  Its times of acceptance are in ``sns.accepted_at``."""
    server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"sns": sns}))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers are killed in tests: a connection that breaks is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sns: StrictSns

    def do_POST(self) -> None:
        """One call."""
        length = int(self.headers["Content-Length"])
        content = self.rfile.read(length)
        if len(content) < length:
            return  # the caller was killed in mid-sentence
        asked = dict(parse_qsl(content.decode(), keep_blank_values=True))
        with self.sns.lock:
            try:
                body = self._result(asked)
            except Refusal as refusal:
                self._answer(refusal.status, _refused(refusal))
                return
            if asked["Action"] == "Publish" and self.sns.random.random() < self.sns.lose_after:
                self.close_connection = True
                return  # accepted, and the answer is lost
        self._answer(200, body)

    def _result(self, asked: dict[str, str]) -> str:
        action = asked.get("Action", "")
        if action == "Publish" and "PhoneNumber" in asked:
            self.sns.calls += 1
            message_id = self.sns.accept(asked["PhoneNumber"], asked.get("Message", ""), _attributes(asked))
            self.sns.accepted_at.append(time.time())
            return _done(action, f"<MessageId>{message_id}</MessageId>")
        if action == "CheckIfPhoneNumberIsOptedOut":
            answer = self.sns.check_if_phone_number_is_opted_out(phoneNumber=asked["phoneNumber"])
            return _done(action, f"<isOptedOut>{str(answer['isOptedOut']).lower()}</isOptedOut>")
        if action == "ListPhoneNumbersOptedOut":
            page = self.sns.list_phone_numbers_opted_out(asked.get("nextToken", ""))
            phones = "".join(f"<member>{phone}</member>" for phone in page["phoneNumbers"])
            more = f"<nextToken>{page['nextToken']}</nextToken>" if "nextToken" in page else ""
            return _done(action, f"<phoneNumbers>{phones}</phoneNumbers>{more}")
        raise Refusal("InvalidAction", "only texts and opt-outs are known here", 400)

    def _answer(self, status: int, body: str) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Nothing to say."""


def _attributes(asked: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, name in asked.items():
        entry = re.fullmatch(r"(MessageAttributes\.entry\.\d+)\.Name", key)
        if entry:
            value = f"{entry.group(1)}.Value"
            found[name] = {"DataType": asked[f"{value}.DataType"], "StringValue": asked.get(f"{value}.StringValue", "")}
    return found


def _done(action: str, result: str) -> str:
    about = "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
    return f'<{action}Response xmlns="{_SPACE}"><{action}Result>{result}</{action}Result>{about}</{action}Response>'


def _refused(refusal: Refusal) -> str:
    error = f"<Error><Type>Sender</Type><Code>{refusal.code}</Code><Message>{escape(refusal.text)}</Message></Error>"
    return f'<ErrorResponse xmlns="{_SPACE}">{error}<RequestId>1</RequestId></ErrorResponse>'
