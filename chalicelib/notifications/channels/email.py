"""Mail by Amazon SES, where the stage has a sender and the request an address: one attempt, plain text."""

from __future__ import annotations

from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import aws
from chalicelib.models import UserRequest
from chalicelib.notifications import message as wording
from chalicelib.notifications.channels import Hold, Letter, Limit, Reply
from chalicelib.notifications.channels.answers import reply_to
from chalicelib.notifications.messages import Channel, NotifiedProduct, UserNotification
from chalicelib.notifications.states import State
from chalicelib.settings import settings

_MISCONFIGURED = {
    *("AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException", "NotFoundException"),
}


class Email:
    """Mail has no quiet hours, no price worth counting, and a list as long as need be."""

    def wants(self, request: UserRequest) -> bool:
        return Channel.EMAIL in settings().channels and bool(settings().email_sender and request.email)

    def held(self, request: UserRequest, now: datetime) -> Hold | None:
        return None

    def compose(self, request: UserRequest, items: tuple[NotifiedProduct, ...], now: datetime) -> Letter:
        subject, body = wording.mail(request.phone_number, request.product_name, items)
        return Letter(body=body, subject=subject)

    def limits(self, request: UserRequest, letter: Letter, now: datetime) -> list[Limit]:
        return []

    def pace(self) -> None:
        """SES throttles by itself, and says so before it takes a mail."""

    def send(self, request: UserRequest, message: UserNotification, letter: Letter) -> Reply:
        try:
            answer = aws.ses_mail().send_email(
                FromEmailAddress=settings().email_sender,
                Destination={"ToAddresses": [request.email or ""]},
                Content={
                    "Simple": {
                        "Subject": {"Data": letter.subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": letter.body, "Charset": "UTF-8"}},
                    }
                },
            )
        except (ClientError, BotoCoreError) as error:
            return reply_to(error, "SES", _MISCONFIGURED)
        return Reply(State.SENT, message_id=answer["MessageId"])

    def opted_out(self, request: UserRequest, now: datetime) -> None:
        """SES keeps the list of addresses that do not want mail, and drops what goes there."""


SENDER = Email()
