"""Email addresses and webhook URLs, where a stage has those channels."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from chalicelib.requests.wrong import Wrong

_EMAIL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
"""What HTML's email input accepts, with a dot demanded in the domain."""
WEBHOOK_PATTERN = r"^https://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,63}(?::443)?(?:[/?][!-~]*)?$"
"""A named host with a dot, no user, no other port: an address literal can never be written this way."""
_PRIVATE_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "test", "invalid")


def read_email(text: str) -> str:
    """The address with its domain in lower case.  Raises ``Wrong`` for what no mail server would take."""
    if len(text) > 254 or not re.fullmatch(_EMAIL, text):
        raise Wrong("InvalidEmail", "is not an email address, such as shopper@example.com")
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def read_webhook(text: str) -> str:
    """The URL.  Raises ``Wrong`` unless it is https on a public name.

    Where the name leads is checked again by the sender, at the time of sending.
    """
    if len(text) > 2048 or not re.fullmatch(WEBHOOK_PATTERN[1:-1], text):
        raise Wrong("InvalidWebhookUrl", "must be an https URL on a named host, such as https://example.com/hook")
    host = urlsplit(text).hostname or ""
    if host.rsplit(".", 1)[-1] in _PRIVATE_NAMES:
        raise Wrong("InvalidWebhookUrl", "must be on a public host")
    return text
