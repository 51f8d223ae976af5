"""A moto server that takes a whole deployment, with four of its gaps filled.

It reads OpenAPI 3 definitions only, where Chalice writes Swagger 2; a stack made by a change set has no outputs; and a
function's temporary disk cannot be changed; and a stack that goes takes along what ``RetainExceptOnCreate`` keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto.apigateway.models import APIGatewayBackend
from moto.awslambda.models import LambdaFunction
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.parsing import ResourceMap
from moto.server import ThreadedMotoServer


def _as_openapi_3(document: dict[str, Any]) -> dict[str, Any]:
    document.pop("swagger", None)
    document.setdefault("openapi", "3.0.1")
    document["info"].setdefault("description", "")
    return document


def _reading_swagger(monkeypatch: pytest.MonkeyPatch) -> None:
    imports, puts, integrates = (
        APIGatewayBackend.import_rest_api,
        APIGatewayBackend.put_rest_api,
        APIGatewayBackend.put_integration,
    )

    def import_rest_api(backend: Any, api_doc: dict[str, Any], *rest: Any, **named: Any) -> Any:
        return imports(backend, _as_openapi_3(api_doc), *rest, **named)

    def put_rest_api(backend: Any, function_id: str, api_doc: dict[str, Any], *rest: Any, **named: Any) -> Any:
        return puts(backend, function_id, _as_openapi_3(api_doc), *rest, **named)

    def put_integration(backend: Any, *parts: Any, uri: str = "", integration_method: str = "", **named: Any) -> Any:
        return integrates(backend, *parts, uri=uri, integration_method=integration_method, **named)

    monkeypatch.setattr(APIGatewayBackend, "import_rest_api", import_rest_api)
    monkeypatch.setattr(APIGatewayBackend, "put_rest_api", put_rest_api)
    monkeypatch.setattr(APIGatewayBackend, "put_integration", put_integration)


def _telling_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    execute = CloudFormationBackend.execute_change_set

    def execute_change_set(backend: Any, change_set_name: str, stack_name: str | None = None) -> None:
        execute(backend, change_set_name, stack_name)
        for stack in backend.stacks.values():
            stack._parse_template()
            stack.output_map = stack._create_output_map()

    monkeypatch.setattr(CloudFormationBackend, "execute_change_set", execute_change_set)


def _changing_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    update = LambdaFunction.update_configuration

    def update_configuration(function: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
        if "EphemeralStorage" in config_updates:
            function.ephemeral_storage = config_updates["EphemeralStorage"]["Size"]
        return update(function, config_updates)

    monkeypatch.setattr(LambdaFunction, "update_configuration", update_configuration)


def _keeping_what_is_retained(monkeypatch: pytest.MonkeyPatch) -> None:
    delete = ResourceMap.delete

    def delete_others(resources: Any) -> None:
        for declared in resources._resource_json_map.values():
            if declared.get("DeletionPolicy") == "RetainExceptOnCreate":
                declared["DeletionPolicy"] = "Retain"
        delete(resources)

    monkeypatch.setattr(ResourceMap, "delete", delete_others)


@contextmanager
def moto_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Endpoint of an empty AWS account on loopback; processes that are started find it in their environment."""
    _reading_swagger(monkeypatch)
    _telling_outputs(monkeypatch)
    _changing_disks(monkeypatch)
    _keeping_what_is_retained(monkeypatch)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    try:
        yield endpoint
    finally:
        server.stop()
