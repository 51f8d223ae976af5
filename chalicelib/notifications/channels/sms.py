"""Texts by Amazon SNS, straight to the phone: one attempt, and what its answer means."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import aws
from chalicelib.models import UserRequest
from chalicelib.notifications import allowance, gsm, hours, message, optouts
from chalicelib.notifications.channels import Hold, Letter, Limit, Reply
from chalicelib.notifications.channels.answers import reply_to
from chalicelib.notifications.messages import NotifiedProduct, UserNotification
from chalicelib.notifications.pacing import Pacer
from chalicelib.notifications.phones import country
from chalicelib.notifications.states import State
from chalicelib.settings import settings
from chalicelib.telemetry import logger


class Sms:
    """Every request has a phone, every stage has texts."""

    def __init__(self) -> None:
        self._pacer = Pacer()

    def wants(self, request: UserRequest) -> bool:
        return bool(request.phone_number)

    def held(self, request: UserRequest, now: datetime) -> Hold | None:
        phone = request.phone_number
        if _price(phone) is None:
            logger().error("no price for texts to a country", extra={"country": country(phone)})
            return hours.next_day(phone, now), "no price is set for texts to the phone's country"
        until = hours.quiet_until(phone, now, hours.read_hours(settings().quiet_hours))
        return (until, "quiet hours") if until else None

    def compose(self, request: UserRequest, items: tuple[NotifiedProduct, ...], now: datetime) -> Letter:
        body = message.text(request.phone_number, items, now)
        parts = gsm.parts(body)
        return Letter(body=body, parts=parts, cost=parts * (_price(request.phone_number) or Decimal(0)))

    def limits(self, request: UserRequest, letter: Letter, now: datetime) -> list[Limit]:
        phone = request.phone_number
        return [
            allowance.opted_out(phone),
            allowance.daily_cap(phone, now),
            allowance.monthly_cap(phone, letter.cost, now),
        ]

    def pace(self) -> None:
        self._pacer.wait()

    def send(self, request: UserRequest, message: UserNotification, letter: Letter) -> Reply:
        self._pacer.take(settings().sms_rate / settings().delivery_workers)
        try:
            answer = aws.sns_sms().publish(
                PhoneNumber=request.phone_number,
                Message=letter.body,
                MessageAttributes=_attributes(request.phone_number),
            )
        except (ClientError, BotoCoreError) as error:
            return reply_to(error, "SNS")
        return Reply(State.SENT, message_id=answer["MessageId"])

    def opted_out(self, request: UserRequest, now: datetime) -> None:
        optouts.remember(request.phone_number, now)


SENDER = Sms()


def _price(phone: str) -> Decimal | None:
    return settings().sms_prices.get(country(phone))


def _attributes(phone: str) -> dict[str, Any]:
    """Type, sender id and origination number of texts to the phone's country, as the stage has registered them."""
    where, stage = country(phone), settings()
    values = {
        "AWS.SNS.SMS.SMSType": stage.sms_types.get(where, "Transactional"),
        "AWS.SNS.SMS.SenderID": stage.sms_sender_ids.get(where, ""),
        "AWS.MM.SMS.OriginationNumber": stage.sms_origination_numbers.get(where, ""),
    }
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items() if value}
