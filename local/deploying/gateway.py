"""What stands in front of the API: key and usage plan, answers of the gateway's own, access logs, tracing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from local.deploying import declared
from local.deploying.stage import APP, Stage
from local.gateway import API_STAGE, put_refusals

_LOGGED = {
    name: f"$context.{name}"
    for name in ("requestId", "requestTime", "httpMethod", "resourcePath", "status", "responseLatency")
}


@dataclass(frozen=True)
class Gateway:
    """The finished gateway: where the API is, the key's name and id, and what could not be done."""

    url: str
    key_name: str
    key_id: str
    advice: tuple[str, ...] = ()


def take_unrecorded(stage: Stage, recorded: Mapping[str, Any]) -> list[str]:
    """Delete the APIs that failed deployments of this stage left behind; gives their ids.

    All stages' APIs have the app's name: which stage one belongs to is told by the function behind it.
    """
    gateways = stage.client("apigateway")
    known = {made.get("rest_api_id") for made in recorded.values()}
    pages = gateways.get_paginator("get_rest_apis").paginate()
    ours = [api["id"] for page in pages for api in page["items"] if api["name"] == APP]
    unknown = [api for api in ours if api not in known and _calls(gateways, api, stage)]
    for api in unknown:
        gateways.delete_rest_api(restApiId=api)
    return unknown


def _calls(gateways: Any, api: str, stage: Stage) -> bool:
    pages = gateways.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"])
    methods = [
        (resource["id"], method)
        for page in pages
        for resource in page["items"]
        for method in resource.get("resourceMethods", {})
        if method != "OPTIONS"
    ]
    if not methods:
        return False
    resource, method = methods[0]
    integration = gateways.get_integration(restApiId=api, resourceId=resource, httpMethod=method)
    return f":function:{stage.function('api_handler')}/" in str(integration.get("uri", ""))


def finish(stage: Stage, api: str) -> Gateway:
    """Put in front of the API with the id ``api`` what Chalice does not; repeating it changes nothing."""
    gateways = stage.client("apigateway")
    key_name = stage.stack
    key = _newest_key(gateways, key_name)
    admit(gateways, key, _plan(gateways, stage.stack, api))
    put_refusals(gateways, api)
    _hold_back(gateways, api)
    advice = _log_calls(stage, gateways, api)
    url = f"https://{api}.execute-api.{stage.region}.amazonaws.com/{API_STAGE}/"
    return Gateway(url, key_name, key, tuple(advice))


def keys(gateways: Any, name: str) -> list[dict[str, Any]]:
    """The keys called ``name``, oldest first; the search by name also finds names that only begin with it.

    AWS tells the second in which a key was made; of two of the same second, the description tells (``make_key``).
    """
    pages = gateways.get_paginator("get_api_keys").paginate(nameQuery=name)
    found = [key for page in pages for key in page["items"] if key["name"] == name]
    return sorted(found, key=lambda key: (key["createdDate"], key.get("description", "")))


def make_key(gateways: Any, name: str) -> str:
    """A new key called ``name``; gives its id."""
    description = f"made at {datetime.now(UTC).isoformat()}"
    return str(gateways.create_api_key(name=name, description=description, enabled=True)["id"])


def _newest_key(gateways: Any, name: str) -> str:
    found = keys(gateways, name)
    return str(found[-1]["id"]) if found else make_key(gateways, name)


def _plan(gateways: Any, name: str, api: str) -> str:
    rate, burst = declared.throttle()
    pages = gateways.get_paginator("get_usage_plans").paginate()
    found = [plan for page in pages for plan in page["items"] if plan["name"] == name]
    plan = (
        found[0] if found else gateways.create_usage_plan(name=name, throttle={"rateLimit": rate, "burstLimit": burst})
    )
    changes = [
        {"op": "replace", "path": "/throttle/rateLimit", "value": str(rate)},
        {"op": "replace", "path": "/throttle/burstLimit", "value": str(burst)},
    ]
    stages = {(one["apiId"], one["stage"]) for one in plan.get("apiStages", [])}
    changes += [{"op": "remove", "path": "/apiStages", "value": ":".join(one)} for one in stages if one[0] != api]
    if (api, API_STAGE) not in stages:
        changes.append({"op": "add", "path": "/apiStages", "value": f"{api}:{API_STAGE}"})
    gateways.update_usage_plan(usagePlanId=plan["id"], patchOperations=changes)
    return str(plan["id"])


def admit(gateways: Any, key: str, plan: str) -> None:
    """Let callers with ``key`` in by the usage plan with the id ``plan``; safe to repeat."""
    there = gateways.get_usage_plan_keys(usagePlanId=plan, limit=500)["items"]
    if key not in [one["id"] for one in there]:
        gateways.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")


def _hold_back(gateways: Any, api: str) -> None:
    """The throttle of the stage: it counts what needs no key, and where users sign in, everything."""
    rate, burst = declared.throttle()
    changes = [
        {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": str(rate)},
        {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": str(burst)},
    ]
    gateways.update_stage(restApiId=api, stageName=API_STAGE, patchOperations=changes)


def _log_calls(stage: Stage, gateways: Any, api: str) -> list[str]:
    """Access logs and tracing of the API's stage; gives what the account does not allow yet."""
    group = f"/aws/apigateway/{stage.stack}"
    destination = f"arn:aws:logs:{stage.region}:{stage.account}:log-group:{group}"
    changes = [
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": destination},
        {"op": "replace", "path": "/accessLogSettings/format", "value": json.dumps(_LOGGED)},
        {"op": "replace", "path": "/tracingEnabled", "value": "true"},
    ]
    try:
        gateways.update_stage(restApiId=api, stageName=API_STAGE, patchOperations=changes)
    except ClientError as error:
        return [f"calls are not logged yet: {error.response['Error']['Message']}"]
    return []


def delete(stage: Stage) -> None:
    """Delete the key and the usage plan of ``stage``; the API itself is Chalice's."""
    gateways = stage.client("apigateway")
    for plan in gateways.get_usage_plans(limit=500)["items"]:
        if plan["name"] == stage.stack:
            for used in plan.get("apiStages", []):
                removal = {"op": "remove", "path": "/apiStages", "value": f"{used['apiId']}:{used['stage']}"}
                gateways.update_usage_plan(usagePlanId=plan["id"], patchOperations=[removal])
            gateways.delete_usage_plan(usagePlanId=plan["id"])
    for key in keys(gateways, stage.stack):
        gateways.delete_api_key(apiKey=key["id"])
