"""The connection to OpenSearch, and what its errors mean to the caller."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from opensearchpy import OpenSearch, RequestsHttpConnection
from opensearchpy.exceptions import ConnectionError as UnreachableError
from opensearchpy.exceptions import TransportError

from chalicelib.errors import RetryLater, SettingError
from chalicelib.settings import settings
from chalicelib.tracing import traced

TIMEOUT = 15
"""Seconds for one answer.  Repeating is the caller's decision: it knows what a lost answer means."""
_AWS_HOST = re.compile(r"\.(?:([a-z0-9-]+)\.es\.amazonaws\.com(?:\.cn)?|aos\.([a-z0-9-]+)\.on\.aws)$")
"""Hosts of OpenSearch Service domains (developer guide, "Creating domains"); they name the region."""


class ServerFault(RetryLater):
    """OpenSearch answers 500: it is ill for the moment, or it can never do what was asked."""


@cache
def client() -> OpenSearch:
    """The client of this process; one kept connection.  ``SettingError`` where the endpoint is missing or unsafe."""
    endpoint = urlsplit(settings().require("opensearch_endpoint"))
    secure = endpoint.scheme == "https"
    if not endpoint.hostname or not (secure or (endpoint.scheme == "http" and _is_loopback(endpoint.hostname))):
        raise SettingError("OPENSEARCH_ENDPOINT must be https://… (http:// only on loopback)")
    return OpenSearch(
        hosts=[{"host": endpoint.hostname, "port": endpoint.port or (443 if secure else 80), "use_ssl": secure}],
        http_auth=_signature(endpoint.hostname),
        verify_certs=secure,
        http_compress=secure,
        connection_class=RequestsHttpConnection,
        timeout=TIMEOUT,
        max_retries=0,
        retry_on_timeout=False,
    )


@contextmanager
def understood() -> Iterator[None]:
    """OpenSearch being away, overloaded or closed to us leaves the block as ``RetryLater``; other errors do not."""
    try:
        with traced("OpenSearch"):
            yield
    except UnreachableError as error:
        raise RetryLater("OpenSearch does not answer") from error
    except TransportError as error:
        if is_passing(error.status_code):
            fault = ServerFault if error.status_code == 500 else RetryLater
            raise fault(f"OpenSearch answers {error.status_code}") from error
        raise


def is_passing(status: Any) -> bool:
    """Whether an HTTP status may be another one later: overload, server faults, and access an operator can mend."""
    return status in (401, 403, 408, 429) or (isinstance(status, int) and status >= 500)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _signature(host: str) -> Any:
    """Signature Version 4 with the function's own credentials, which botocore renews before they expire.

    ``None`` for a node that is not AWS's.
    """
    domain = _AWS_HOST.search(host)
    if domain is None:
        return None
    import boto3
    from requests_aws4auth import AWS4Auth

    region = domain[1] or domain[2]
    return AWS4Auth(region=region, service="es", refreshable_credentials=boto3.Session().get_credentials())
