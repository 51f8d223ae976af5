"""The gateway's own refusals, put by calls: the emulator and a plain ``chalice deploy`` read none in a template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.packaging import read_template

API_STAGE = "api"
"""Name of the API's stage, as ``.chalice/config.json`` has it."""


def refusals() -> dict[str, Any]:
    """What the gateway refuses of itself, by the type of its refusal, as SAM declares it."""
    found: dict[str, Any] = read_template("overrides.yaml")["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    return found


def put_refusals(gateway: Any, api_id: str) -> None:
    """Give the API the ``GatewayResponses`` of the overrides and deploy it, from when on they are in effect.

    ``gateway`` is an API Gateway client.  Doing it again changes nothing.
    """
    for kind, refusal in refusals().items():
        gateway.put_gateway_response(restApiId=api_id, responseType=kind, **_as_call(refusal))
    gateway.create_deployment(restApiId=api_id, stageName=API_STAGE)


def _as_call(refusal: Mapping[str, Any]) -> dict[str, Any]:
    """A gateway response as SAM declares it, as arguments of ``PutGatewayResponse``."""
    headers = refusal["ResponseParameters"]["Headers"]
    status = {"statusCode": str(refusal["StatusCode"])} if "StatusCode" in refusal else {}
    return {
        "responseParameters": {f"gatewayresponse.header.{name}": value for name, value in headers.items()},
        "responseTemplates": dict(refusal["ResponseTemplates"]),
        **status,
    }
