"""The containers are the parts of ``make run``: the same ports, settings and versions."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from local.emulator import emulator
from local.places import ROOT, run_place

COMPOSE = yaml.safe_load((ROOT / "local" / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


def test_the_emulator_is_set_as_without_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMULATOR_PORT", raising=False)
    told, wanted = SERVICES["emulator"]["environment"], emulator(run_place()).environment
    assert {name: wanted[name] for name in told} == told


def test_every_server_listens_where_it_does_without_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENSEARCH_PORT", "SHOP_PORT", "EMULATOR_PORT"):
        monkeypatch.delenv(name, raising=False)
    place = run_place()
    asked = {name: service["healthcheck"]["test"][-1] for name, service in SERVICES.items() if "healthcheck" in service}
    assert asked["opensearch"].startswith(place.opensearch + "/")
    assert asked["shop"].startswith(place.shop + "/")
    assert asked["emulator"].startswith(place.emulator + "/")
    assert all(service["network_mode"] == "host" for service in SERVICES.values())


def test_opensearch_is_of_the_version_that_the_jars_are_of() -> None:
    pinned = re.search(r"<version>(2\.\d+\.\d+)", (ROOT / "local/jars/opensearch/pom.xml").read_text())
    assert pinned
    assert SERVICES["opensearch"]["image"].endswith(f":{pinned[1]}")


def test_each_part_waits_for_those_it_needs() -> None:
    needs = {name: set(service.get("depends_on", ())) for name, service in SERVICES.items()}
    assert needs["app"] == {"emulator", "opensearch", "shop"}
    assert needs["emulator"] == needs["shop"] == {"setup"}
