"""Texting codes by SNS."""

from __future__ import annotations

from chalicelib import aws
from chalicelib.errors import FieldError, InvalidRequest, RetryLater


def send_text(phone: str, text: str) -> None:
    """Text ``text`` to ``phone`` (E.164).

    Raises ``InvalidRequest`` for a number SNS will not text (opted out, say), ``RetryLater`` for any other failure.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        aws.sns_sms().publish(
            PhoneNumber=phone,
            Message=text,
            MessageAttributes={"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in ("InvalidParameter", "InvalidParameterValue", "OptedOut"):
            message = "PhoneNumber cannot be texted; it may have opted out"
            raise InvalidRequest(message, (FieldError("PhoneNumber", "NotReachable", message),)) from None
        raise RetryLater("texts cannot be sent now", after_seconds=60) from None
    except BotoCoreError:
        raise RetryLater("texts cannot be sent now", after_seconds=60) from None
