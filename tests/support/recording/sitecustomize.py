"""Python loads this first in every function of a recorded stack: it notes which actions the function asks of AWS.

Each line of ``calls.jsonl`` in the home folder is ``[function, IAM action, resource ARN]``, each triple once a process.
Actions and resources are those of the service authorization reference, so that policies can be held against them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ACCOUNT = "eu-west-2:000000000000"
WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
BATCHES = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage"}


def asked(service: str, operation: str, call: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """``(action, resource)`` of everything that one call of boto3 has to be allowed."""
    if service == "dynamodb":
        yield from _of_dynamodb(operation, call)
    elif service == "sqs":
        queue = call.get("QueueName") or call["QueueUrl"].rsplit("/", 1)[1]
        yield f"sqs:{BATCHES.get(operation, operation)}", f"arn:aws:sqs:{ACCOUNT}:{queue}"
    elif service == "lambda":
        yield (
            f"lambda:{operation}",
            f"arn:aws:lambda:{ACCOUNT}:event-source-mapping:{call['UUID']}" if "UUID" in call else "*",
        )
    elif service == "sesv2":
        yield f"ses:{operation}", f"arn:aws:ses:{ACCOUNT}:identity/{call['FromEmailAddress']}"
    else:
        yield f"{service}:{operation}", call.get("TopicArn", "*")


def _of_dynamodb(operation: str, call: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if operation == "TransactWriteItems":
        for item in call["TransactItems"]:
            for kind, part in item.items():
                yield f"dynamodb:{WRITES[kind]}", _table(part["TableName"])
    elif "RequestItems" in call:
        for name in call["RequestItems"]:
            yield f"dynamodb:{operation}", _table(name)
    elif "TableName" in call:
        index = f"/index/{call['IndexName']}" if "IndexName" in call else ""
        yield f"dynamodb:{operation}", _table(call["TableName"]) + index
        if "Tags" in call:
            yield "dynamodb:TagResource", _table(call["TableName"])
    else:
        yield f"dynamodb:{operation}", call.get("ResourceArn", "*")


def _table(name: str) -> str:
    return f"arn:aws:dynamodb:{ACCOUNT}:table/{name}"


def record(function: str) -> None:
    """Note every call of boto3 and every request to OpenSearch of this process."""
    from botocore.client import BaseClient

    noted: set[tuple[str, str]] = set()
    call, request = BaseClient._make_api_call, HTTPConnection.putrequest
    file = Path.home() / "calls.jsonl"

    def note(action: str, resource: str) -> None:
        if (action, resource) not in noted:
            noted.add((action, resource))
            with file.open("a") as lines:
                lines.write(json.dumps([function, action, resource]) + "\n")

    def noting_call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        for action, resource in asked(client.meta.service_model.service_name, operation, parameters):
            note(action, resource)
        return call(client, operation, parameters)

    def noting_request(connection: HTTPConnection, method: str, url: str, *rest: Any, **named: Any) -> None:
        if f"{connection.host}:{connection.port}" in os.environ["OPENSEARCH_ENDPOINT"]:
            path = url.partition("?")[0]
            note(f"es:ESHttp{method.title()}", f"arn:aws:es:{ACCOUNT}:domain/shelfwatch-local{path}")
        request(connection, method, url, *rest, **named)

    BaseClient._make_api_call = noting_call
    HTTPConnection.putrequest = noting_request  # type: ignore[method-assign]


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    record(os.environ["AWS_LAMBDA_FUNCTION_NAME"])
