"""The servers that tests and the local stack rely on."""

from __future__ import annotations

import json
import socket
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from local.places import REGION


def listening_addresses(port: int) -> set[str]:
    """Local addresses (hex, as in proc(5)) of sockets that listen on ``port``."""
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}


LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F"}
"""127.0.0.1 in IPv4 and mapped into IPv6, little-endian words."""


def test_opensearch_is_a_2_19_node(opensearch_url: str) -> None:
    with urllib.request.urlopen(opensearch_url, timeout=5) as answer:
        version = json.load(answer)["version"]
    assert version["number"].startswith("2.19.")


def test_dynamodb_local_refuses_what_aws_refuses(dynamodb_local: str) -> None:
    client = boto3.client("dynamodb", endpoint_url=dynamodb_local, region_name=REGION)
    client.create_table(
        TableName="LocalServersTest",
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(ClientError, match="reserved keyword"):
        client.update_item(TableName="LocalServersTest", Key={"Id": {"S": "1"}}, UpdateExpression="REMOVE Status")


@pytest.mark.parametrize("server", ["opensearch_url", "dynamodb_local"])
def test_servers_listen_on_the_loopback_interface_only(server: str, request: pytest.FixtureRequest) -> None:
    port = urlsplit(request.getfixturevalue(server)).port
    assert port
    addresses = listening_addresses(port)
    assert addresses
    assert addresses <= LOOPBACK, socket.gethostname()
