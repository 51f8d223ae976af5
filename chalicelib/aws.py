"""AWS clients: made on first use, with endpoints, timeouts and retries in one place.

The endpoint comes from ``AWS_ENDPOINT_URL`` (boto3 reads it itself), so that the same code talks to AWS and to
the emulator of the local stack.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.errors import SettingError
from chalicelib.tracing import trace_calls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient


def dynamodb() -> DynamoDBClient:
    """DynamoDB: answers in milliseconds, so a short timeout and a few quick retries."""
    client: DynamoDBClient = _client("dynamodb", connect=1, read=5, attempts=4)
    return client


def sqs() -> SQSClient:
    """SQS."""
    client: SQSClient = _client("sqs", connect=1, read=10, attempts=4)
    return client


def lambda_() -> LambdaClient:
    """Lambda's control plane (event source mappings), slow and limited: patient retries."""
    client: LambdaClient = _client("lambda", connect=2, read=20, attempts=8)
    return client


def sns_topic() -> SNSClient:
    """SNS for publishing to a topic, where a repeated message does no harm."""
    client: SNSClient = _client("sns", connect=1, read=10, attempts=4)
    return client


def sns_sms() -> SNSClient:
    """SNS for texts: one attempt only, because a retry after a lost answer would text the shopper twice."""
    client: SNSClient = _client("sns", connect=2, read=15, attempts=1)
    return client


def ses_mail() -> SESV2Client:
    """SES for mail: one attempt only, for the same reason."""
    client: SESV2Client = _client("sesv2", connect=2, read=15, attempts=1)
    return client


@cache
def _client(service: str, connect: int, read: int, attempts: int) -> Any:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import NoRegionError

    config = Config(
        connect_timeout=connect, read_timeout=read, retries={"mode": "standard", "total_max_attempts": attempts}
    )
    try:
        client = boto3.client(service, config=config)  # type: ignore[call-overload]
    except NoRegionError:
        raise SettingError("AWS_REGION is not set: export AWS_REGION, e.g. eu-west-2") from None
    trace_calls(client.meta.events, service)
    return client
