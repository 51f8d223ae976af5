"""The servers of one local stack and the app on it: started together, found again, stopped together."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from local.deployment import deploy
from local.emulator import client, emulator, forget_stream_positions
from local.gateway import put_refusals
from local.opensearch import opensearch
from local.packaging import package
from local.places import LAYER, PYTHON, ROOT, Place
from local.processes import Service, demand_port, identity, start, stop, wait_ready
from local.trouble import Trouble

STAGE = "local"


@dataclass(frozen=True)
class Api:
    """How to call the deployed API: its id, the URL that the routes follow, the key for the ``x-api-key`` header."""

    id: str
    url: str
    key: str


def shop(place: Place) -> Service:
    """The sample shop."""
    return Service(
        name="shop",
        command=(str(PYTHON), "-m", "local.shop", "--port", str(place.shop_port)),
        folder=place.state,
        port=place.shop_port,
        health=f"{place.shop}/robots.txt",
        remedy="set SHOP_PORT to a free port, or stop what uses it",
        environment={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )


def services(place: Place) -> tuple[Service, ...]:
    """The servers in the order in which they are stopped: first those whose work needs the others."""
    return emulator(place), shop(place), search_server(place)


def search_server(place: Place) -> Service:
    """OpenSearch."""
    return opensearch(place.state, place.opensearch_port)


def bring_up(place: Place, keep: bool) -> None:
    """Start every server; they get ready side by side.  Without ``keep`` nothing of an earlier run is left."""
    bring_down(place)
    if keep:
        forget_stream_positions(place)
    else:
        shutil.rmtree(place.state, ignore_errors=True)
    place.state.mkdir(parents=True, exist_ok=True)
    _owner(place).write_text(identity())
    for service in services(place):
        demand_port(service)
    for service in services(place):
        start(service)


def is_ours(place: Place) -> bool:
    """Whether no other process has brought up the servers of ``place`` since this one did."""
    owner = _owner(place)
    return not owner.exists() or owner.read_text() == identity()


def _owner(place: Place) -> Path:
    return place.state / "owner"


def bring_down(place: Place) -> list[str]:
    """Stop every server of ``place`` and whatever they started; gives the names of those that ran."""
    return [service.name for service in services(place) if stop(service)]


def put_app(place: Place, settle_seconds: int = 2) -> Api:
    """Package and deploy the app to the running servers of ``place``; gives how to call it."""
    made = package(STAGE)
    if not LAYER.exists():
        raise Trouble("the browser's layer is not built: make layer")
    wait_ready(emulator(place))
    deploy(place, made, parameters(place, settle_seconds))
    found = api(place)
    put_refusals(client(place, "apigateway"), found.id)
    return found


def wait_up(place: Place) -> None:
    """Return once every server answers."""
    for service in services(place):
        wait_ready(service)


def parameters(place: Place, settle_seconds: int) -> Mapping[str, str]:
    """What the local stage decides in its stack."""
    return {
        "Stage": STAGE,
        "AppVersion": version(),
        "OpenSearchEndpoint": place.opensearch,
        "ShopKeys": "sample",
        "ShopOrigins": f"sample={place.shop}",
        "PrivateHosts": urlsplit(place.shop).netloc,
        "SettleSeconds": str(settle_seconds),
    }


def api(place: Place) -> Api:
    """How to call the API that is deployed at ``place``.  ``Trouble`` when there is none."""
    gateway = client(place, "apigateway")
    found = [entry["id"] for entry in gateway.get_rest_apis()["items"]]
    ids = [
        entry
        for entry in found
        if any(stage["stageName"] == "api" for stage in gateway.get_stages(restApiId=entry)["item"])
    ]
    keys = gateway.get_api_keys(includeValues=True)["items"]
    if not ids or not keys:
        raise Trouble("no API is deployed: make run")
    return Api(id=ids[0], url=f"{place.emulator}/_aws/execute-api/{ids[0]}/api", key=keys[0]["value"])


def version() -> str:
    """The commit, for the API and traces."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "local"
