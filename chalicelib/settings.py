"""Every environment variable, read and checked once.

A stage's values come from ``.chalice/config.json`` or from the stack's outputs; ``docs/settings.md`` lists them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from chalicelib.errors import SettingError

T = TypeVar("T")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError("must be on or off")
    return text == "on"


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError("must be a whole number")
    return int(text)


def _at_least(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = _whole(text)
        if number < least:
            raise ValueError(f"must be {least} or more")
        return number

    return read


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return read


def _pairs(text: str) -> Mapping[str, str]:
    """``sample=http://127.0.0.1:8070,other=https://…`` as a mapping."""
    return dict(pair.split("=", 1) for pair in _words(text))


def _amounts(text: str) -> Mapping[str, Decimal]:
    """``GB=0.05,IE=0.08`` as a mapping to decimals."""
    return {name: _amount(value) for name, value in _pairs(text).items()}


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except ArithmeticError:
        raise ValueError("must be a decimal number") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError("must be a decimal number, 0 or more")
    return amount


def _setting(name: str, default: str, help: str, read: Callable[[str], T] = str) -> T:  # type: ignore[assignment]
    """Declares a setting: its environment variable, its default and how to read it."""
    made: T = field(metadata={"name": name, "default": default, "help": help, "read": read})
    return made


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What a stage decides.  ``require`` raises ``SettingError`` for one that is empty where it is needed."""

    stage: str = _setting("STAGE", "dev", "name of the stage")
    version: str = _setting("APP_VERSION", "dev", "version shown by the API and in traces")

    # Tables, queues and topic (from the stack)
    user_requests_table: str = _setting("USER_REQUESTS_TABLE", "UserRequestsTable", "table of user requests")
    notifications_table: str = _setting("NOTIFICATIONS_TABLE", "NotificationsTable", "the ledger")
    pipeline_table: str = _setting("PIPELINE_TABLE", "PipelineTable", "runs, leases, markers, known catalogues")
    catalog_table_prefix: str = _setting("CATALOG_TABLE_PREFIX", "ProductCatalog_", "catalogue tables start with this")
    scrape_jobs_queue_url: str = _setting("SCRAPE_JOBS_QUEUE_URL", "", "queue of the scrape worker")
    match_tasks_queue_url: str = _setting("MATCH_TASKS_QUEUE_URL", "", "queue of the match worker")
    deliveries_queue_url: str = _setting("DELIVERIES_QUEUE_URL", "", "queue of the delivery worker")
    notifications_topic_arn: str = _setting("NOTIFICATIONS_TOPIC_ARN", "", "topic UserNotifications")
    indexer_function: str = _setting("INDEXER_FUNCTION", "", "function that catalogue streams are attached to")
    indexer_failures_queue_arn: str = _setting("INDEXER_FAILURES_QUEUE_ARN", "", "where unindexable records end")

    # Requests
    country: str = _setting("COUNTRY", "GB", "ISO 3166 code of the country whose postcodes are served")
    sms_countries: tuple[str, ...] = _setting("SMS_COUNTRIES", "GB", "countries whose phones get texts", _words)
    phone_proof: bool = _setting("PHONE_PROOF", "off", "on: a new phone has to confirm a code", _switch)
    request_life_days: int = _setting("REQUEST_LIFE_DAYS", "365", "a request ends by itself after this", _whole)
    cors_origins: tuple[str, ...] = _setting("CORS_ORIGINS", "*", "allowed origins of browsers", _words)
    channels: tuple[str, ...] = _setting("CHANNELS", "sms", "ways a shopper is told: sms, email, webhook", _words)
    access: str = _setting(
        "ACCESS", "api_key", "who may call: api_key or cognito; packaged with it", _one_of("api_key", "cognito")
    )
    user_pool_arn: str = _setting("USER_POOL_ARN", "", "Cognito user pool, where ACCESS is cognito")
    token_key: str = _setting("TOKEN_KEY", "", "secret that signs page tokens and hides phone numbers in keys")
    example_phones: bool = _setting("EXAMPLE_PHONES", "on", "on: numbers reserved for examples are accepted", _switch)
    requests_per_phone: int = _setting("REQUESTS_PER_PHONE", "20", "live requests of one phone; 0: no cap", _whole)
    code_caps: Mapping[str, str] = _setting(
        "CODE_CAPS", "phone=5,prefix=50,caller=500,stage=1000", "codes texted in 24 hours, at most", _pairs
    )

    # Scraping
    shops: tuple[str, ...] = _setting("SHOPS", "sample", "keys of the shops this stage reads", _words)
    shop_origins: Mapping[str, str] = _setting(
        "SHOP_ORIGINS", "", "shop=origin, where a shop is read from another place than it declares", _pairs
    )
    private_hosts: tuple[str, ...] = _setting(
        "SCRAPE_PRIVATE_HOSTS", "", "host:port of shops that may lie on private addresses (local stage only)", _words
    )
    scrape_contact: str = _setting("SCRAPE_CONTACT", "shelfwatch@example.com", "contact named in the user agent")
    scrape_window: str = _setting("SCRAPE_WINDOW", "", "hours (UTC) in which shops are read, like 22:00-06:00")
    selenium_layer: str = _setting(
        "SELENIUM_LAYER", "", "folder of the unpacked layer, where Selenium is not imported from it (tests, preview)"
    )

    scrape_schedule: str = _setting(
        "SCRAPE_SCHEDULE", "rate(7 days)", "how often shops are read, as EventBridge has it"
    )

    # Catalogues
    catalog_keys: str = _setting(
        "CATALOG_KEYS", "postcode", "one table per postcode, or per shop region", _one_of("postcode", "region")
    )
    catalog_remove_days: int = _setting(
        "CATALOG_REMOVE_DAYS", "14", "a product no longer listed is removed after this", _whole
    )
    catalog_retire_days: int = _setting(
        "CATALOG_RETIRE_DAYS", "14", "a catalogue nobody asks for is removed after this", _whole
    )
    table_quota: int = _setting("TABLE_QUOTA", "2500", "tables this account may have in the region", _whole)

    # Index and matching
    opensearch_endpoint: str = _setting("OPENSEARCH_ENDPOINT", "", "https://… of the domain (http:// only on loopback)")
    opensearch_index: str = _setting("OPENSEARCH_INDEX", "products", "alias of the product index")
    match_schedule: str = _setting("MATCH_SCHEDULE", "rate(1 day)", "how often every postcode is matched")
    settle_seconds: int = _setting("SETTLE_SECONDS", "60", "matching waits this long after a catalogue changed", _whole)

    # Notifications
    notification_history_days: int = _setting(
        "NOTIFICATION_HISTORY_DAYS", "400", "how long the ledger is kept", _at_least(30)
    )
    quiet_hours: str = _setting("QUIET_HOURS", "21:00-08:00", "no texts then, by the phone's time zone; or off")
    sms_daily_cap: int = _setting("SMS_DAILY_CAP", "5", "texts per phone and day", _whole)
    sms_monthly_cap: int = _setting("SMS_MONTHLY_CAP", "50", "spend on texts per month, in US dollars", _whole)
    sms_prices: Mapping[str, Decimal] = _setting(
        "SMS_PRICES", "", "country=US dollars per part of a text; a country without one gets no texts", _amounts
    )
    sms_rate: int = _setting("SMS_RATE", "20", "texts per second the account may send", _at_least(1))
    delivery_workers: int = _setting(
        "DELIVERY_WORKERS", "5", "delivery workers at once; each sends its share of SMS_RATE", _at_least(2)
    )
    sms_types: Mapping[str, str] = _setting(
        "SMS_TYPES", "", "country=Promotional or Transactional (the latter where not told)", _pairs
    )
    sms_sender_ids: Mapping[str, str] = _setting("SMS_SENDER_IDS", "", "country=sender id registered there", _pairs)
    sms_origination_numbers: Mapping[str, str] = _setting(
        "SMS_ORIGINATION_NUMBERS", "", "country=number that texts to it come from", _pairs
    )
    sms_stop_link: str = _setting(
        "SMS_STOP_LINK", "", "page where texts and mails are stopped; empty: by replying STOP to a text"
    )
    email_sender: str = _setting("EMAIL_SENDER", "", "verified address notifications are mailed from; empty: no email")
    webhook_key: str = _setting("WEBHOOK_KEY", "", "secret that signs webhook calls; empty: no webhooks")
    webhook_private_hosts: tuple[str, ...] = _setting(
        "WEBHOOK_PRIVATE_HOSTS", "", "host:port called by plain http on private addresses (local stage only)", _words
    )

    def require(self, attribute: str) -> str:
        """The value of ``attribute``; ``SettingError`` naming its environment variable where it is empty."""
        value = getattr(self, attribute)
        if not value:
            described = _declared()[attribute]
            raise SettingError(f"{described['name']} is not set: {described['help']}")
        return str(value)


def _declared() -> dict[str, Mapping[str, Any]]:
    return {declared.name: declared.metadata for declared in fields(Settings)}


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings an environment holds.  ``SettingError`` names the first variable that cannot be read."""
    values: dict[str, Any] = {}
    for attribute, declared in _declared().items():
        text = environment.get(declared["name"], declared["default"]) or declared["default"] or ""
        try:
            values[attribute] = declared["read"](text)
        except ValueError as error:
            raise SettingError(f"{declared['name']}={text!r} {error}: {declared['help']}") from None
    return Settings(**values)


@cache
def settings() -> Settings:
    """The settings of this process, read from its environment on first use."""
    return read_settings(os.environ)


def declared_arn(variable: str) -> str:
    """The ARN an event source is declared with.

    Packaged templates replace it by a reference to the stack's own resource, so any well-formed value will do there;
    a plain ``chalice deploy`` finds the real one in the stage's environment.
    """
    if variable.endswith("_STREAM_ARN"):
        placeholder = "dynamodb:eu-west-2:000000000000:table/Declared/stream/2026-01-01T00:00:00.000"
    else:
        placeholder = f"sqs:eu-west-2:000000000000:{variable}"
    return os.environ.get(variable) or f"arn:aws:{placeholder}"
