"""Where a local stack lives: its ports and its folders.  The only place to change either.

``run`` is the stack of ``make run``; ``test`` is the one of the end-to-end tests, so that both can be up together.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
TOOLS = BUILD / "tools"
PYTHON = BUILD / "venv" / "bin" / "python"
EMULATOR_PYTHON = BUILD / "ministack-venv" / "bin" / "python"
LAYER = BUILD / "layer" / "selenium-layer.zip"
PACKAGES = BUILD / "packages"
HOST = "127.0.0.1"
REGION = "eu-west-2"


@dataclass(frozen=True)
class Place:
    """Ports and state folder of one local stack."""

    name: str
    emulator_port: int
    opensearch_port: int
    """At most 9299: the runner takes no other."""
    shop_port: int
    api_port: int
    """Of ``chalice local``."""
    preloaded: str = ""
    """Folder put before the functions' own modules: how tests record what functions call."""

    @property
    def state(self) -> Path:
        return BUILD / "state" / self.name

    @property
    def emulator(self) -> str:
        return f"http://{HOST}:{self.emulator_port}"

    @property
    def opensearch(self) -> str:
        return f"http://{HOST}:{self.opensearch_port}"

    @property
    def shop(self) -> str:
        return f"http://{HOST}:{self.shop_port}"


def _port(variable: str, default: int) -> int:
    return int(os.environ.get(variable) or default)


def run_place() -> Place:
    """The stack of ``make run``; each port can be changed by an environment variable."""
    return Place(
        "run",
        _port("EMULATOR_PORT", 4566),
        _port("OPENSEARCH_PORT", 9201),
        _port("SHOP_PORT", 8070),
        _port("API_PORT", 8000),
    )


def test_place() -> Place:
    """The stack of the end-to-end tests."""
    return Place(
        "test",
        _port("TEST_EMULATOR_PORT", 4576),
        _port("TEST_OPENSEARCH_PORT", 9211),
        _port("TEST_SHOP_PORT", 8071),
        _port("TEST_API_PORT", 8001),
    )
