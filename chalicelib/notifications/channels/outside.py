"""HTTP to addresses that strangers have chosen: https to public hosts, no redirects, nothing read but the status.

The name is looked up once and the connection made to the very address that was checked, so that a name that changes
its mind between the two (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

from chalicelib.errors import ShelfwatchError

TIMEOUT = 10
"""Seconds, for the connection and again for the whole call: a receiver that answers drop by drop is cut off."""
_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is given out for the open internet (IANA, "IPv6 Global Unicast Address Assignments")."""
_DOCUMENTATION = ipaddress.ip_network("3fff::/20")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unreachable(ShelfwatchError):
    """The address is not one that may be called."""


def post(url: str, body: bytes, headers: Mapping[str, str], private_hosts: Collection[str] = ()) -> int:
    """POST ``body``; gives the status.

    ``private_hosts`` (``host:port``) may be called by plain http and wherever they lie.  Raises ``Unreachable`` for an
    address that must not be called, ``OSError`` or ``HTTPException`` where there is no answer.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Unreachable("not a web address") from None
    private = f"{host}:{port}" in private_hosts
    if not private and (parts.scheme != "https" or port != 443):
        raise Unreachable("only https on port 443 is called")
    if not host or parts.username or parts.password:
        raise Unreachable("an address without a user is called")
    connection = _connection(host, port, _address(host, port, private), parts.scheme == "https")
    cut_off = threading.Timer(TIMEOUT, _hang_up, [connection.sock])
    cut_off.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {"User-Agent": "Shelfwatch", **headers})
        return connection.getresponse().status
    finally:
        cut_off.cancel()
        connection.close()


def _hang_up(connected: socket.socket) -> None:
    """Whoever waits for an answer gets an ``OSError`` or ``HTTPException``."""
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _address(host: str, port: int, private: bool) -> str:
    """The address to connect to.  Every address of the name must be public: one that is not is no accident."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private and not all(map(is_public, found)):
        raise Unreachable("the host is not public")
    return found[0]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also behind the ways of writing IPv4 as IPv6."""
    parsed = ipaddress.ip_address(address.split("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo or (None, None))[1]
        if parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if parsed not in _UNICAST or parsed in _DOCUMENTATION:
            return False
    return parsed.is_global and not parsed.is_multicast


def _connection(host: str, port: int, address: str, secure: bool) -> HTTPConnection:
    if not secure:
        plain = HTTPConnection(host, port, timeout=TIMEOUT)
        plain.sock = socket.create_connection((address, port), TIMEOUT)
        return plain
    context = ssl.create_default_context()
    connection = HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
    connection.sock = context.wrap_socket(socket.create_connection((address, port), TIMEOUT), server_hostname=host)
    return connection
