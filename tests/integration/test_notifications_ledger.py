"""The flow from match to text against a faithful DynamoDB: nothing is told twice, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import boto3
import msgspec
import pytest

from chalicelib import aws
from chalicelib.errors import RetryLater
from chalicelib.items import plain
from chalicelib.models import RequestStatus, UserRequest
from chalicelib.notifications import allowance, ledger, moves, optouts, store
from chalicelib.notifications.delivery import OLDEST, deliver
from chalicelib.notifications.messages import UserNotification
from chalicelib.notifications.observing import Observed, observe
from chalicelib.notifications.publishing import publish
from chalicelib.notifications.states import State
from chalicelib.notifications.sweeping import Swept, sweep
from chalicelib.settings import settings
from local.operating import telling
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.notifications import INDEXES, NOON, match, product, request, table_definition
from tests.support.strict_sns import StrictSns


class Topic:
    """Stands in for the topic and its queue: what was published, in order."""

    def __init__(self) -> None:
        self.messages: list[UserNotification] = []
        self.attributes: list[dict[str, Any]] = []

    def publish(self, *, TopicArn: str, Message: str, MessageAttributes: dict[str, Any]) -> None:  # noqa: N803
        self.messages.append(msgspec.json.decode(Message, type=UserNotification))
        self.attributes.append(MessageAttributes)

    def take(self) -> UserNotification:
        return self.messages.pop(0)


@pytest.fixture(params=["DynamoDB Local", "memory"])
def table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The ledger's table, in a faithful DynamoDB and in the one in memory that the simulation trusts."""
    name = f"Notifications{uuid4().hex[:8]}"
    monkeypatch.setenv("NOTIFICATIONS_TABLE", name)
    monkeypatch.setenv("NOTIFICATIONS_TOPIC_ARN", "arn:aws:sns:eu-west-2:000000000000:UserNotifications")
    monkeypatch.setenv("SMS_DAILY_CAP", "3")
    monkeypatch.setenv("SMS_PRICES", "GB=0.05")
    monkeypatch.setenv("SMS_RATE", "1000")
    settings.cache_clear()
    if request.param == "memory":
        memory = MemoryDynamoDB(INDEXES)
        monkeypatch.setattr(aws, "dynamodb", lambda: memory)
    else:
        client = boto3.client("dynamodb", endpoint_url=request.getfixturevalue("dynamodb_local"))
        client.create_table(**table_definition(name))
        monkeypatch.setattr(aws, "dynamodb", lambda: client)
    yield
    settings.cache_clear()


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Topic:
    made = Topic()
    monkeypatch.setattr(aws, "sns_topic", lambda: made)
    return made


@pytest.fixture
def sns(monkeypatch: pytest.MonkeyPatch) -> StrictSns:
    made = StrictSns()
    monkeypatch.setattr(aws, "sns_sms", lambda: made)
    monkeypatch.setattr(optouts, "_sns", lambda: made)
    return made


def at(moment: datetime) -> Any:
    return lambda: moment


def deliver_at(message: UserNotification, wish: UserRequest | None, moment: datetime = NOON, **more: Any) -> State:
    return deliver(message, lambda _: wish, clock=at(moment), **more)


pytestmark = pytest.mark.usefixtures("table")


def test_a_match_is_told_once(topic: Topic, sns: StrictSns) -> None:
    wish, offer = request(), product()
    assert publish(wish, [match(wish, offer)], "c1", now=NOON) == 1
    assert publish(wish, [match(wish, offer)], "c2", now=NOON) == 0
    message = topic.take()
    assert deliver_at(message, wish) is State.SENT
    assert deliver_at(message, wish) is State.SENT
    assert len(sns.inbox) == 1
    (told,) = ledger.history(wish.request_id)
    assert told.delivery_state is State.SENT
    assert told.message_id == sns.inbox[0].message_id
    assert told.message == message
    assert (told.parts, told.attempts, told.due_at) == (1, 1, None)


def test_several_products_of_one_run_make_one_text(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    offers = [product("sample-1"), product("sample-2", "1.00"), product("other-3", "1.50")]
    assert publish(wish, [match(wish, offer) for offer in offers], now=NOON) == 1
    message = topic.take()
    assert [item.product_id for item in message.items] == ["sample-2", "sample-1", "other-3"]
    assert topic.attributes[0]["Shop"] == {"DataType": "String.Array", "StringValue": '["other", "sample"]'}
    assert "+44" not in str(topic.attributes) + str(message)
    deliver_at(message, wish)
    assert [all(offer.product_name in text.body for offer in offers) for text in sns.inbox] == [True]


def test_a_later_run_tells_only_what_is_new(topic: Topic) -> None:
    wish = request()
    publish(wish, [match(wish, product("sample-1"))], now=NOON)
    publish(wish, [match(wish, product("sample-1")), match(wish, product("sample-2"))], now=NOON)
    assert [[item.product_id for item in message.items] for message in topic.messages] == [["sample-1"], ["sample-2"]]


def test_a_further_fall_is_told_only_after_the_first_text_went(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    publish(wish, [match(wish, product(price="1.50"))], now=NOON)
    assert publish(wish, [match(wish, product(price="1.30"))], now=NOON) == 0
    deliver_at(topic.take(), wish)
    assert publish(wish, [match(wish, product(price="1.31"))], now=NOON) == 0
    assert publish(wish, [match(wish, product(price="1.30"))], now=NOON) == 1
    assert topic.take().items[0].episode == 2


def test_two_good_scrapes_without_the_offer_make_it_news_again(topic: Topic, sns: StrictSns) -> None:
    wish, offer = request(), product()
    pair = (wish.request_id, offer.product_id)

    def scraped(run: str, *satisfied: tuple[str, str], shops: tuple[str, ...] = ("sample",)) -> Observed:
        return observe("SW1A 1AA", run, shops, {wish.request_id}, satisfied, now=NOON)

    publish(wish, [match(wish, offer)], now=NOON)
    assert scraped("20260601T000000Z-a", pair) == Observed()
    assert scraped("20260602T000000Z-a") == Observed(wavering=1)
    assert scraped("20260602T000000Z-a") == Observed(), "the same run again"
    assert scraped("20260603T000000Z-a", pair) == Observed(recovered=1)
    assert scraped("20260602T000000Z-a") == Observed(), "an earlier run, late"
    assert scraped("20260604T000000Z-a") == Observed(wavering=1)
    assert scraped("20260605T000000Z-a", shops=()) == Observed(), "its shop could not be read"
    assert publish(wish, [match(wish, offer)], now=NOON) == 0
    assert scraped("20260606T000000Z-a") == Observed(ended=1)
    assert publish(wish, [match(wish, offer)], now=NOON) == 1
    assert [message.items[0].episode for message in topic.messages] == [1, 2]


def test_a_miss_counts_only_where_the_catalogue_confirms_it(topic: Topic) -> None:
    wish, there, gone = request(), product("sample-1"), product("sample-2")
    publish(wish, [match(wish, there), match(wish, gone)], now=NOON)
    asked: list[set[tuple[str, str]]] = []

    def confirm(pairs: Any) -> list[tuple[str, str]]:
        asked.append(set(pairs))
        return [(wish.request_id, there.product_id)]

    judged, run = {wish.request_id}, "20260601T000000Z-a"
    assert observe("SW1A 1AA", run, ["sample"], judged, (), confirm=confirm, now=NOON) == Observed(wavering=1)
    assert asked == [{(wish.request_id, "sample-1"), (wish.request_id, "sample-2")}]


def test_requests_that_were_not_judged_keep_their_episodes(topic: Topic) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    assert observe("SW1A 1AA", "20260601T000000Z-a", ["sample"], {"another"}, (), now=NOON) == Observed()


@pytest.mark.parametrize("gone", [None, request(status=RequestStatus.PAUSED)])
def test_a_deleted_or_paused_request_stops_a_queued_text(
    gone: UserRequest | None, topic: Topic, sns: StrictSns
) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    message = topic.take()
    assert deliver_at(message, gone) is State.SUPPRESSED
    assert deliver_at(message, wish) is State.SUPPRESSED, "resumed too late for this one"
    assert sns.inbox == []
    assert publish(wish, [match(wish, product())], now=NOON) == 1, "it was never told, so it is news"
    assert deliver_at(topic.take(), wish) is State.SENT


def test_a_claim_that_was_never_published_is_published_by_the_sweep(
    topic: Topic, sns: StrictSns, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = request()

    class Away:
        def publish(self, **_: Any) -> None:
            from botocore.exceptions import EndpointConnectionError

            raise EndpointConnectionError(endpoint_url="https://sns.example")

    monkeypatch.setattr(aws, "sns_topic", Away)
    assert publish(wish, [match(wish, product())], now=NOON) == 0
    monkeypatch.setattr(aws, "sns_topic", lambda: topic)
    assert sweep(at(NOON + timedelta(seconds=299))) == Swept()
    assert sweep(at(NOON + timedelta(seconds=301)), lambda: 9.9) == Swept(), "no time left"
    assert sweep(at(NOON + timedelta(seconds=301))) == Swept(published=1)
    assert sweep(at(NOON + timedelta(seconds=302))) == Swept()
    assert deliver_at(topic.take(), wish) is State.SENT


def test_a_worker_that_stops_while_sending_leaves_it_unknown_for_ever(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    message = topic.take()
    begun = moves.begin(message, [], [], 1, Decimal("0.05"), NOON)
    assert deliver_at(message, wish, NOON + timedelta(seconds=59)) is State.SENDING
    assert deliver_at(message, wish, NOON + timedelta(seconds=60)) is State.UNKNOWN
    assert deliver_at(message, wish, NOON + timedelta(seconds=70)) is State.UNKNOWN
    assert sns.inbox == []
    assert [one.message for one in ledger.unknown(NOON + timedelta(minutes=2))] == [message]
    assert publish(wish, [match(wish, product())], now=NOON + timedelta(hours=1)) == 0
    moves.finish(begun, State.SENT, NOON, message_id="late")
    assert [told.delivery_state for told in ledger.history(wish.request_id)] == [State.SENT]


def test_the_sweep_parks_what_no_message_brings_back(topic: Topic) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    moves.begin(topic.take(), [], [], 1, Decimal("0.05"), NOON)
    assert sweep(at(NOON + timedelta(seconds=61))) == Swept(parked=1)
    assert [told.delivery_state for told in ledger.history(wish.request_id)] == [State.UNKNOWN]


def test_at_night_a_text_is_held_and_goes_in_the_morning_with_what_is_true_then(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    night = NOON.replace(hour=22)
    morning = night.replace(day=16, hour=7)  # 08:00 in London in summer
    publish(wish, [match(wish, product("sample-1")), match(wish, product("sample-2"))], now=night)
    message = topic.take()
    assert deliver_at(message, wish, night) is State.CLAIMED
    assert sweep(at(morning - timedelta(seconds=1))) == Swept()
    assert sweep(at(morning + timedelta(seconds=1))) == Swept(published=1)
    cheaper = product("sample-1", "0.90")
    again = topic.take()
    assert deliver_at(again, wish, morning + timedelta(seconds=2), still_true=lambda *_: [cheaper]) is State.SENT
    assert "£0.90" in sns.inbox[0].body
    assert "sample-2" not in sns.inbox[0].body
    later = morning + timedelta(hours=1)
    assert publish(wish, [match(wish, cheaper)], now=later) == 0, "told at that price"
    assert publish(wish, [match(wish, product("sample-2"))], now=later) == 1, "was not told"


def test_what_is_not_true_any_more_in_the_morning_is_not_sent(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    message = topic.take()
    assert deliver_at(message, wish, NOON + timedelta(hours=2), still_true=lambda *_: []) is State.EXPIRED
    assert sns.inbox == []
    assert publish(wish, [match(wish, product())], now=NOON + timedelta(hours=3)) == 1


def test_a_text_younger_than_the_last_change_of_its_request_is_sent_only_if_it_fits_the_change(
    topic: Topic, sns: StrictSns
) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    wants_more = request(discount=Decimal(50), updated_at=NOON + timedelta(seconds=1))
    assert deliver_at(topic.take(), wants_more, NOON + timedelta(seconds=2), still_true=lambda *_: []) is State.EXPIRED
    assert sns.inbox == []


def test_a_phone_gets_no_more_texts_a_day_than_its_cap(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    for number in range(5):
        publish(wish, [match(wish, product(f"sample-{number}"))], now=NOON)
    states = [deliver_at(topic.take(), wish) for _ in range(5)]
    assert states == [State.SENT] * 3 + [State.CLAIMED] * 2
    tomorrow = NOON.replace(day=15, hour=23) + timedelta(seconds=1)  # midnight in London in summer
    assert sweep(at(tomorrow)).published == 2


def test_an_opted_out_phone_is_remembered_and_its_request_paused(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    sns.opted_out.add(wish.phone_number)
    paused: list[str] = []

    def pause(one: UserRequest) -> None:
        paused.append(one.request_id)

    publish(wish, [match(wish, product("sample-1"))], now=NOON)
    publish(wish, [match(wish, product("sample-2"))], now=NOON)
    assert deliver_at(topic.take(), wish, pause=pause) is State.SUPPRESSED
    assert deliver_at(topic.take(), wish, pause=pause) is State.SUPPRESSED
    assert paused == [wish.request_id] * 2
    assert sns.calls == 1, "the second text was not offered to SNS"
    sns.opted_out.clear()
    assert publish(wish, [match(wish, product("sample-2"))], now=NOON) == 1
    assert deliver_at(topic.take(), wish, pause=pause) is State.SENT, "the phone is in again"


def test_a_request_that_cannot_be_paused_leaves_no_text_unknown(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    sns.opted_out.add(wish.phone_number)
    publish(wish, [match(wish, product())], now=NOON)

    def away(_: UserRequest) -> None:
        raise RetryLater("the requests are not there now")

    with pytest.raises(RetryLater):
        deliver_at(topic.take(), wish, pause=away)
    assert [told.delivery_state for told in ledger.history(wish.request_id)] == [State.SUPPRESSED]


def test_opt_outs_that_sns_only_lists_are_remembered(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    sns.says_opted_out = False
    sns.opted_out.update({wish.phone_number, *(f"+44791200{number:04d}" for number in range(150))})
    assert optouts.refresh_when_due(NOON)
    assert not optouts.refresh_when_due(NOON + timedelta(hours=5))
    assert optouts.refresh(NOON) == 151
    publish(wish, [match(wish, product())], now=NOON)
    assert deliver_at(topic.take(), wish) is State.SUPPRESSED
    assert sns.calls == 0


def test_a_throttled_text_goes_back_and_counts_for_nothing(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    message = topic.take()
    sns.throttle = 1
    for _ in range(4):  # more often than the daily cap
        with pytest.raises(RetryLater):
            deliver_at(message, wish)
    sns.throttle = 0
    assert deliver_at(message, wish) is State.SENT
    assert len(sns.inbox) == 1


def test_a_message_of_no_delivery_is_dropped(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    stray = msgspec.structs.replace(topic.take(), notification_id="left-the-history")
    assert deliver_at(stray, wish) is State.EXPIRED
    assert sns.calls == 0


def test_nothing_is_begun_that_the_functions_end_would_cut_off(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    message = topic.take()
    with pytest.raises(RetryLater):
        deliver_at(message, wish, seconds_left=lambda: 29.9)
    assert sns.calls == 0
    assert deliver_at(message, wish, seconds_left=lambda: 30.0) is State.SENT


def test_a_lost_answer_is_unknown_and_never_sent_again(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    message = topic.take()
    sns.lose_after = 1
    assert deliver_at(message, wish) is State.UNKNOWN
    sns.lose_after = 0
    assert deliver_at(message, wish) is State.UNKNOWN
    assert len(sns.inbox) == 1


def test_the_months_spend_stops_texts_before_the_cap_is_passed(
    topic: Topic, sns: StrictSns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMS_MONTHLY_CAP", "1")
    settings.cache_clear()
    for number in range(1, 24):
        wish = request(number)
        publish(wish, [match(wish, product())], now=NOON)
        deliver_at(topic.take(), wish)
    assert len(sns.inbox) == 20
    assert allowance.spent(NOON) == 1
    assert allowance.report(NOON) == 100
    assert allowance.spent(NOON + timedelta(days=30)) == 0


def test_a_country_without_a_price_gets_no_texts(topic: Topic, sns: StrictSns) -> None:
    wish = request(phone_number="+33612345678")
    publish(wish, [match(wish, product())], now=NOON)
    assert deliver_at(topic.take(), wish) is State.CLAIMED
    assert sns.calls == 0


# Several channels ----------------------------------------------------------------------------------------------------


@pytest.fixture
def mailed(monkeypatch: pytest.MonkeyPatch) -> UserRequest:
    """A request that is told by text and by mail; every mail is taken."""
    monkeypatch.setenv("CHANNELS", "sms,email")
    monkeypatch.setenv("EMAIL_SENDER", "watch@example.com")
    settings.cache_clear()

    class Ses:
        def send_email(self, **_: Any) -> dict[str, str]:
            return {"MessageId": "mail-1"}

    monkeypatch.setattr(aws, "ses_mail", Ses)
    return request(email="shopper@example.com")


def test_each_channel_has_its_own_message_and_state(topic: Topic, sns: StrictSns, mailed: UserRequest) -> None:
    assert publish(mailed, [match(mailed, product())], now=NOON) == 2
    by_text, by_mail = topic.take(), topic.take()
    assert [attributes["Channel"]["StringValue"] for attributes in topic.attributes] == ["sms", "email"]
    sns.lose_after = 1
    assert deliver_at(by_mail, mailed) is State.SENT
    assert deliver_at(by_text, mailed) is State.UNKNOWN
    states = {told.message.channel: told.delivery_state for told in ledger.history(mailed.request_id)}
    assert states == {"sms": State.UNKNOWN, "email": State.SENT}


def test_what_one_channel_told_is_no_news_when_another_could_not(
    topic: Topic, sns: StrictSns, mailed: UserRequest
) -> None:
    publish(mailed, [match(mailed, product())], now=NOON)
    by_text, by_mail = topic.take(), topic.take()
    assert deliver_at(by_mail, mailed) is State.SENT
    later = NOON + timedelta(hours=1)
    assert deliver_at(by_text, mailed, later, still_true=lambda *_: []) is State.EXPIRED
    assert publish(mailed, [match(mailed, product())], now=later) == 0


def test_what_no_channel_told_is_news_again(topic: Topic, mailed: UserRequest) -> None:
    publish(mailed, [match(mailed, product())], now=NOON)
    for message in (topic.take(), topic.take()):
        assert publish(mailed, [match(mailed, product())], now=NOON) == 0
        assert deliver_at(message, None) is State.SUPPRESSED
    assert publish(mailed, [match(mailed, product())], now=NOON) == 2


# What a further fall becomes when it cannot be told ------------------------------------------------------------------


def test_a_further_fall_that_is_over_is_not_told_and_leaves_the_first_text_standing(
    topic: Topic, sns: StrictSns
) -> None:
    wish = request()
    publish(wish, [match(wish, product(price="1.20"))], now=NOON)
    deliver_at(topic.take(), wish)
    publish(wish, [match(wish, product(price="0.90"))], now=NOON)
    later = NOON + timedelta(hours=1)
    back = product(price="1.20")
    assert deliver_at(topic.take(), wish, later, still_true=lambda *_: [back]) is State.EXPIRED
    assert len(sns.inbox) == 1
    assert publish(wish, [match(wish, back)], now=later) == 0, "told at that price before"
    assert publish(wish, [match(wish, product(price="1.00"))], now=later) == 1, "ten points below what was told"


# Cost ----------------------------------------------------------------------------------------------------------------


def test_a_delivery_costs_three_requests_with_the_one_for_the_users_request(topic: Topic, sns: StrictSns) -> None:
    wishes = [request(number) for number in range(1, 12)]
    for wish in wishes:
        publish(wish, [match(wish, product())], now=NOON)
    costs = []
    for wish in wishes:
        before = requests_made()
        assert deliver_at(topic.take(), wish) is State.SENT
        costs.append(requests_made() - before)
    assert costs == [2] * 11, "to begin and to finish; the user's request is read by whoever delivers"


def test_a_match_costs_two_requests_to_claim(topic: Topic) -> None:
    before = requests_made()
    publish(request(), [match(request(), product("sample-1")), match(request(), product("sample-2"))], now=NOON)
    assert requests_made() - before == 2


def requests_made() -> int:
    """Requests to DynamoDB so far, retries included."""
    client = aws.dynamodb()
    if isinstance(client, MemoryDynamoDB):
        return client.requests
    if not hasattr(client, "sent"):
        client.sent = [0]

        def count(**_: Any) -> None:
            client.sent[0] += 1

        client.meta.events.register("before-send.dynamodb", count)
    return int(client.sent[0])


def test_a_text_that_goes_out_at_a_lower_price_while_a_match_looks_is_not_told_again(
    topic: Topic, sns: StrictSns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two reads of a claim the waiting text is rechecked, and sent with the price that the match brings."""
    wish, cheaper, later = request(), product(price="0.90"), NOON + timedelta(hours=1)
    publish(wish, [match(wish, product(price="1.60"))], now=NOON)
    waiting, read = topic.take(), ledger.deliveries

    def meanwhile(request_id: str, notification_ids: set[str]) -> list[ledger.Delivery]:
        deliver_at(waiting, wish, later, still_true=lambda *_: [cheaper])
        return read(request_id, notification_ids)

    monkeypatch.setattr(ledger, "deliveries", meanwhile)
    assert publish(wish, [match(wish, cheaper)], now=later) == 0
    assert ["£0.90" in text.body for text in sns.inbox] == [True]


# History -------------------------------------------------------------------------------------------------------------


def test_what_was_told_is_known_as_long_as_its_request_lives(
    topic: Topic, sns: StrictSns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time to live takes no episode away that a match could still meet, and no delivery that may still be sent."""
    monkeypatch.setenv("NOTIFICATION_HISTORY_DAYS", "30")
    settings.cache_clear()
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    deliver_at(topic.take(), wish)
    items = {item["SK"]["S"].split("#")[0]: plain(item) for item in store.query(ledger.partition(wish.request_id))}
    assert items["Product"]["ExpiresAt"] >= (wish.expires_at + timedelta(days=30)).timestamp()
    assert items["Delivery"]["ExpiresAt"] >= (NOON + OLDEST + timedelta(days=20)).timestamp()
    (spend,) = store.query(f"Spend#{NOON:%Y-%m}")
    assert plain(spend)["ExpiresAt"] >= (NOON + timedelta(days=31)).timestamp(), "the month's spend is not forgotten"


# For the operator ----------------------------------------------------------------------------------------------------


def test_the_operator_sees_a_requests_history(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    deliver_at(topic.take(), wish)
    assert telling.told(wish.request_id, NOON) == [
        f"2026-06-15 12:00:00  request-1  sms  sent  {sns.inbox[0].message_id}",
        "    sample-1  episode 1  1.20 GBP, 40.0000 % off",
    ]
    assert telling.told("request-9", NOON) == []
    assert telling.told("", NOON) == []


def test_the_operator_sees_what_nobody_can_tell_of(topic: Topic, sns: StrictSns) -> None:
    wish = request()
    publish(wish, [match(wish, product())], now=NOON)
    sns.lose_after = 1
    deliver_at(topic.take(), wish)
    assert telling.told("", NOON)[0].endswith("unknown  no answer from SNS: ReadTimeoutError")
