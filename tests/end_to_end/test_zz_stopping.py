"""Stopping leaves nothing running: no server, no function, no browser.  The very last: it stops the session's stack."""

from __future__ import annotations

import contextlib
from pathlib import Path

from system import System

from local.processes import port_is_free
from local.stack import bring_down


def test_stopping_ends_every_process_and_frees_every_port(system: System) -> None:
    system.begin_scrape()  # so that browsers are at work
    system.kill("chromedriver")  # leaves its browser behind
    assert bring_down(system.place) == ["emulator", "shop", "opensearch"]
    mark = f"TMPDIR={system.place.state}".encode()
    left = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and mark in (process / "environ").read_bytes():
                left.append((process / "cmdline").read_bytes())
    assert left == []
    ports = (system.place.emulator_port, system.place.opensearch_port, system.place.shop_port)
    assert all(port_is_free(port) for port in ports)
    assert list(system.place.state.glob("*.tmp")) == []
