"""The strict stand-in for SNS keeps to what other stand-ins for SNS do, wherever they know the call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.support.strict_sns import StrictSns
from tests.support.strict_sns_server import serving

OPTED_OUT = "+447911000099"
"""A number that moto takes for opted out (any that ends with 99)."""
PHONE = "+447911000001"


@pytest.fixture(params=["strict", "strict over HTTP", "moto"])
def sns(request: pytest.FixtureRequest) -> Iterator[Any]:
    strict = StrictSns(opted_out={OPTED_OUT})
    if request.param == "strict":
        yield strict
    elif request.param == "moto":
        with mock_aws():
            yield boto3.client("sns")
    else:
        with serving(strict) as endpoint:
            yield boto3.client("sns", endpoint_url=endpoint)


def publish(sns: Any, phone: str = PHONE, body: str = "Beans", **attributes: str) -> dict[str, Any]:
    typed = {f"AWS.SNS.SMS.{name}": {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    answer: dict[str, Any] = sns.publish(PhoneNumber=phone, Message=body, MessageAttributes=typed)
    return answer


def test_each_text_that_is_taken_has_an_id_of_its_own(sns: Any) -> None:
    taken = [publish(sns), publish(sns, SMSType="Promotional", SenderID="Shelfwatch"), publish(sns, body="x" * 1600)]
    assert len({answer["MessageId"] for answer in taken}) == 3
    assert [answer["ResponseMetadata"]["HTTPStatusCode"] for answer in taken] == [200] * 3


@pytest.mark.parametrize("phone", ["07911000001", "+0447911000001", "+44 7911 000001", "phone", "+"])
def test_a_number_that_is_not_e164_is_refused_for_good(sns: Any, phone: str) -> None:
    assert refusal(sns, phone) == ("InvalidParameter", 400)


def test_a_text_of_more_than_1600_bytes_is_refused_for_good(sns: Any) -> None:
    assert refusal(sns, PHONE, "x" * 1601) == ("InvalidParameter", 400)


def refusal(sns: Any, phone: str, body: str = "Beans") -> tuple[str, int]:
    with pytest.raises(ClientError) as raised:
        publish(sns, phone, body)
    answer = raised.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_phones_that_have_opted_out_are_told_and_listed(sns: Any) -> None:
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=OPTED_OUT)["isOptedOut"] is True
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=PHONE)["isOptedOut"] is False
    listed = sns.list_phone_numbers_opted_out()["phoneNumbers"]
    assert [phone for phone in listed if not re.fullmatch(r"\+[1-9]\d{6,14}", phone)] == []


def test_the_list_of_opt_outs_comes_in_pages_of_a_hundred() -> None:
    phones = {f"+44791200{number:04d}" for number in range(250)}
    with serving(StrictSns(opted_out=set(phones))) as endpoint:
        pages = boto3.client("sns", endpoint_url=endpoint).get_paginator("list_phone_numbers_opted_out").paginate()
        listed = [page["phoneNumbers"] for page in pages]
    assert [len(page) for page in listed] == [100, 100, 50]
    assert {phone for page in listed for phone in page} == phones
