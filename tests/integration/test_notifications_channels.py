"""What each channel's other side may do, and what is made of it: real clients, real sockets."""

from __future__ import annotations

import hashlib
import hmac
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib import aws
from chalicelib.notifications import channels
from chalicelib.notifications.channels import Letter, Reply, outside, sms, webhook
from chalicelib.notifications.channels import email as mail
from chalicelib.notifications.messages import Channel, UserNotification, notified
from chalicelib.notifications.states import State
from chalicelib.settings import settings
from tests.support.notifications import NOON, product, request
from tests.support.strict_sns import StrictSns
from tests.support.strict_sns_server import serving


def message(claimed_at: datetime = NOON, channel: Channel = Channel.SMS) -> UserNotification:
    return UserNotification(
        v=1,
        notification_id="n1",
        request_id="request-1",
        postcode="SW1A 1AA",
        channel=channel,
        channels=(channel,),
        items=(notified(product(), 1),),
        claimed_at=claimed_at,
    )


@pytest.fixture(autouse=True)
def _stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    values = {
        "SMS_SENDER_IDS": "GB=Shelfwatch",
        "SMS_TYPES": "DE=Promotional",
        "SMS_ORIGINATION_NUMBERS": "US=+12065550100",
        "CHANNELS": "sms,email,webhook",
        "EMAIL_SENDER": "watch@example.com",
        "WEBHOOK_KEY": "stage-key",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield
    settings.cache_clear()


# Texts ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sns() -> StrictSns:
    return StrictSns()


@pytest.fixture
def texts(sns: StrictSns, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The stage's own SNS client against the strict SNS; gives its endpoint."""
    with serving(sns) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        aws._client.cache_clear()
        yield endpoint
    aws._client.cache_clear()


def text(phone: str = "+447911000001", body: str = "Beans") -> Reply:
    return sms.SENDER.send(request(phone_number=phone), message(), Letter(body))


@pytest.mark.usefixtures("texts")
def test_a_text_goes_out_as_its_country_asks(sns: StrictSns) -> None:
    replies = [text(phone) for phone in ("+447911000001", "+4915112345678", "+12125550123")]
    assert [reply.state for reply in replies] == [State.SENT] * 3
    assert [reply.message_id for reply in replies] == [got.message_id for got in sns.inbox]
    assert [dict(got.attributes) for got in sns.inbox] == [
        {"AWS.SNS.SMS.SMSType": "Transactional", "AWS.SNS.SMS.SenderID": "Shelfwatch"},
        {"AWS.SNS.SMS.SMSType": "Promotional"},
        {"AWS.SNS.SMS.SMSType": "Transactional", "AWS.MM.SMS.OriginationNumber": "+12065550100"},
    ]


@pytest.mark.usefixtures("texts")
def test_what_sns_refuses_for_good_has_failed(sns: StrictSns) -> None:
    sns.rejected_prefixes = ("+44",)
    assert text().state is State.FAILED
    assert text("+0123").state is State.FAILED
    assert text("+4915112345678", "x" * 1601).state is State.FAILED
    assert text("+4915112345678", "é" * 800).state is State.SENT
    assert sns.calls == 4, "one attempt each"


@pytest.mark.usefixtures("texts")
def test_what_sns_refuses_for_now_goes_back(sns: StrictSns) -> None:
    sns.throttle = 1
    assert text() == Reply(State.CLAIMED, reason="SNS throttles", after=5)
    assert sns.calls == 1


@pytest.mark.usefixtures("texts")
def test_an_opted_out_phone_is_said_so(sns: StrictSns) -> None:
    sns.opted_out.add("+447911000001")
    assert text().state is State.SUPPRESSED


@pytest.mark.usefixtures("texts")
def test_an_answer_lost_after_the_text_was_taken_is_unknown_and_not_asked_for_again(sns: StrictSns) -> None:
    sns.lose_after = 1
    assert text().state is State.UNKNOWN
    assert (sns.calls, len(sns.inbox)) == (1, 1)


@pytest.mark.usefixtures("texts")
def test_a_failure_inside_sns_is_unknown(sns: StrictSns) -> None:
    sns.fail = 1
    assert text().state is State.UNKNOWN
    assert sns.calls == 1


def test_an_sns_that_is_not_there_took_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        aws._client.cache_clear()
        assert text().state is State.CLAIMED
    aws._client.cache_clear()


# Mail ----------------------------------------------------------------------------------------------------------------


class Ses:
    """Takes a mail, or raises."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.sent: list[dict[str, Any]] = []

    def send_email(self, **arguments: Any) -> dict[str, str]:
        if self.error:
            raise self.error
        self.sent.append(arguments)
        return {"MessageId": "mail-1"}


def ses_error(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendEmail")


def test_a_mail_says_what_the_text_says(monkeypatch: pytest.MonkeyPatch) -> None:
    ses = Ses()
    monkeypatch.setattr(aws, "ses_mail", lambda: ses)
    wish = request(email="shopper@example.com")
    letter = mail.SENDER.compose(wish, message().items, NOON)
    assert mail.SENDER.send(wish, message(), letter) == Reply(State.SENT, message_id="mail-1")
    (sent,) = ses.sent
    assert (sent["FromEmailAddress"], sent["Destination"]) == (
        "watch@example.com",
        {"ToAddresses": ["shopper@example.com"]},
    )
    assert "£1.20" in sent["Content"]["Simple"]["Body"]["Text"]["Data"]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ses_error("TooManyRequestsException", 429), State.CLAIMED),
        (ses_error("SendingPausedException", 400), State.CLAIMED),
        (ses_error("AccessDeniedException", 403), State.CLAIMED),
        (ses_error("MessageRejected", 400), State.FAILED),
        (ses_error("InternalFailure", 500), State.UNKNOWN),
        (ReadTimeoutError(endpoint_url="https://mail.example"), State.UNKNOWN),
    ],
)
def test_what_ses_answers(error: Exception, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "ses_mail", lambda: Ses(error))
    assert mail.SENDER.send(request(email="shopper@example.com"), message(), Letter("x")).state is state


# Webhooks ------------------------------------------------------------------------------------------------------------


@contextmanager
def receiver(status: int, location: str = "") -> Iterator[tuple[str, list[tuple[Any, bytes]]]]:
    """A shopper's server that answers ``status``; gives its ``host:port`` and what it was called with."""
    calls: list[tuple[Any, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            calls.append((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", calls
    finally:
        server.shutdown()
        server.server_close()


def call(host: str, monkeypatch: pytest.MonkeyPatch, age: timedelta = timedelta()) -> Reply:
    monkeypatch.setenv("WEBHOOK_PRIVATE_HOSTS", host)
    settings.cache_clear()
    wish = request(webhook_url=f"http://{host}/hook?a=1")
    letter = webhook.SENDER.compose(wish, message().items, NOON)
    return webhook.SENDER.send(wish, message(datetime.now(UTC) - age, Channel.WEBHOOK), letter)


def test_a_call_is_signed_timestamped_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(204) as (host, calls):
        assert call(host, monkeypatch).state is State.SENT
    ((headers, body),) = calls
    key = webhook.key_for(f"http://{host}/hook?a=1").encode()
    expected = hmac.new(key, headers["Shelfwatch-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Shelfwatch-Signature"] == f"v1={expected}"
    assert abs(int(headers["Shelfwatch-Timestamp"]) - datetime.now(UTC).timestamp()) < 60
    assert headers["Shelfwatch-Notification"] == "n1"
    assert b'"ProductID":"sample-1"' in body
    assert b"+44" not in body


def test_each_address_has_a_key_of_its_own() -> None:
    assert webhook.key_for("https://a.example/") != webhook.key_for("https://b.example/")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *((status, State.SENT) for status in (200, 204)),
        *((status, State.FAILED) for status in (302, 404, 410)),
        *((status, State.CLAIMED) for status in (408, 429, 500, 503)),
    ],
)
def test_what_a_receiver_answers(status: int, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(status, location="http://169.254.169.254/") as (host, calls):
        assert call(host, monkeypatch).state is state
    assert len(calls) == 1, "no redirect is followed"


def test_a_receiver_that_is_away_for_a_day_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(500) as (host, _):
        assert call(host, monkeypatch, timedelta(hours=23)).state is State.CLAIMED
        assert call(host, monkeypatch, timedelta(hours=25)).state is State.FAILED


@pytest.mark.parametrize(
    "url",
    [
        "http://public.example/",
        "https://public.example:8443/",
        "https://user@public.example/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[::127.0.0.1]/",
        "https://[fd00:ec2::254]/",
        "https:///x",
        "https://[",
        "file:///etc/passwd",
        "ftp://public.example/",
    ],
)
def test_only_public_hosts_are_called(url: str) -> None:
    with pytest.raises(outside.Unreachable):
        outside.post(url, b"", {})


def test_a_receiver_that_answers_drop_by_drop_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "TIMEOUT", 0.3)
    stopped = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 2")
            while not stopped.wait(0.05):
                connection.sendall(b"0")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=drip, args=(listening,), daemon=True).start()
        began = time.monotonic()
        assert call(f"127.0.0.1:{listening.getsockname()[1]}", monkeypatch).state is State.CLAIMED
        assert time.monotonic() - began < 5
        stopped.set()


def test_a_name_with_one_private_address_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(outside.Unreachable, match="not public"):
        outside.post("https://rebinding.example/", b"", {})


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("0.0.0.0", False),
        ("100.64.0.1", False),
        ("192.168.1.1", False),
        ("224.0.0.1", False),
        ("2002:0a00:0001::1", False),  # 10.0.0.1 by 6to4
        ("fe80::1%eth0", False),
        ("::7f00:1", False),  # 127.0.0.1 in the old way of IPv6
        ("::ffff:0:7f00:1", False),
        ("fec0::1", False),
        ("3fff::1", False),
        ("64:ff9b::5db8:d822", True),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert outside.is_public(address) is public


# All channels --------------------------------------------------------------------------------------------------------


def test_a_notification_goes_where_stage_and_request_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = request(email="a@example.com", webhook_url="https://a.example/")
    assert channels.wanted(everything) == (Channel.SMS, Channel.EMAIL, Channel.WEBHOOK)
    assert channels.wanted(request()) == (Channel.SMS,)
    monkeypatch.setenv("CHANNELS", "sms")
    settings.cache_clear()
    assert channels.wanted(everything) == (Channel.SMS,)


def test_every_channel_has_a_module() -> None:
    assert set(channels._MODULES) == set(Channel)
    assert boto3.session.Session().get_available_services().count("sesv2") == 1
