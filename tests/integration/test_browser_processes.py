"""What browsers leave behind: nothing, whether they were closed, restarted or lost with their worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from scraping_support import Answer, private_guard, serving, shop_at, unpacked_layer

from chalicelib.scraping import chromium
from chalicelib.scraping.browser import Browser
from chalicelib.scraping.process import start_browser
from local.places import ROOT
from local.processes import wait_for


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def left(folder: Path) -> set[str]:
    """What lies in the temporary folder, but for the unpacked browser that is kept for the next one."""
    return {
        path.name for path in folder.iterdir() if not path.name.startswith(("shelfwatch-browser", "shelfwatch-fonts"))
    }


def read_one(browser: Browser, origin: str) -> None:
    assert "tea" in browser.open(f"{origin}/").html


def test_restarts_leave_neither_processes_nor_files(tmp_path: Path) -> None:
    with serving(lambda path, headers: Answer("<p>tea</p>")) as served:
        for _ in range(5):
            with start_browser(unpacked_layer()) as browser:
                browser.serve(private_guard(shop_at(served.origin)))
                read_one(browser, served.origin)
                assert len(chromium.own_processes()) >= 2
                browser.restart()
                read_one(browser, served.origin)
            assert chromium.own_processes() == []
            assert left(tmp_path) == set()
        assert len([path for path in tmp_path.iterdir() if path.name.startswith("shelfwatch-browser")]) == 1


def test_two_browsers_of_one_process_end_apart() -> None:
    with serving(lambda path, headers: Answer("<p>tea</p>")) as served, start_browser(unpacked_layer()) as kept:
        guard = private_guard(shop_at(served.origin))
        kept.serve(guard)
        read_one(kept, served.origin)
        session = kept.session
        with start_browser(unpacked_layer()) as other:
            other.serve(guard)
            read_one(other, served.origin)
        read_one(kept, served.origin)
        assert kept.session == session


ORPHAN = """
import sys, tempfile, time
from pathlib import Path
tempfile.tempdir = sys.argv[2]
from chalicelib.scraping.process import start_browser
browser = start_browser(Path(sys.argv[1]))
browser._ready_driver()
print("ready", flush=True)
time.sleep(600)
"""


def test_a_killed_worker_s_browser_is_ended_by_the_next_one(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ORPHAN, str(unpacked_layer()), str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        os.kill(worker.pid, signal.SIGKILL)
    orphans = browsers_in(tmp_path)
    assert orphans
    assert left(tmp_path)
    with start_browser(unpacked_layer()):
        assert wait_for(lambda: not browsers_in(tmp_path), 5)
        assert left(tmp_path) == set()


def browsers_in(folder: Path) -> list[int]:
    """Processes whose program lies in ``folder``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "exe").readlink().is_relative_to(folder):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def test_a_half_unpacked_browser_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(folder: Path, layer: Path, target: Path) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(chromium, "_copy_rest", interrupted)
        with pytest.raises(OSError, match="no space"):
            chromium.unpack(unpacked_layer())
    unpacked = chromium.unpack(unpacked_layer())
    assert os.access(unpacked.binary, os.X_OK)
    assert os.access(unpacked.driver, os.X_OK)
    assert left(tmp_path) == set()
