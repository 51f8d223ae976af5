"""Who calls, from what API Gateway has checked: an API key, or a user of a Cognito pool."""

from __future__ import annotations

from chalicelib.errors import Unauthorized
from chalicelib.requests.asked import Asked
from chalicelib.requests.service import Caller
from chalicelib.settings import settings


def caller_of(asked: Asked) -> Caller:
    """The caller of a request that the gateway let in.

    Where the stage has users, raises ``Unauthorized`` for a request without one: a route that lost its authorizer
    must show nobody's requests.
    """
    if settings().access == "cognito":
        subject = asked.context.get("authorizer", {}).get("claims", {}).get("sub")
        if not subject:
            raise Unauthorized("sign in first")
        return Caller(name=str(subject), owner=str(subject))
    identity = asked.context.get("identity", {})
    return Caller(name=str(identity.get("apiKeyId") or identity.get("sourceIp") or ""))
