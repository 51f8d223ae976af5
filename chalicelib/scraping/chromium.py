"""Chromium's files and processes: unpacking it from the layer, what it runs in, and leaving nothing behind.

Lambda mounts the layer read-only and offers /tmp only; an emulator may lose the layer's exec bits and set no library
path.  So browser and driver are copied to /tmp, once for all processes there, and told everything explicitly.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from chalicelib.errors import SettingError

OWNER = "SHELFWATCH_BROWSER_OWNER"
"""Environment variable of every browser process: which Python process started it, ``pid:start time``."""
PREFIX = "shelfwatch-"
PACKED = "chromium.lz4"
CHUNK = 256 * 1024
"""Bytes unpacked at a time, the size of the blocks: small enough to stay in the processor's cache."""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir>
<match target="pattern">
<edit name="family" mode="append_last" binding="strong"><string>Open Sans</string></edit>
</match>
</fontconfig>
"""
"""Whatever family a page asks for is found: one that is not there aborts this build of Chromium now and then
("SkFontMgr_FontConfigInterface: Not implemented", one launch in five)."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """Where the unpacked browser is, and the layer with its libraries and fonts."""

    folder: Path
    layer: Path

    @property
    def binary(self) -> Path:
        return self.folder / "chromium"

    @property
    def driver(self) -> Path:
        return self.folder / "chromedriver"

    def environment(self, scratch: Path) -> dict[str, str]:
        """What driver and browser run in: the layer's libraries and fonts, and ``scratch`` for all they write."""
        libraries = [str(self.layer / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": ":".join(filter(None, libraries)),
            "FONTCONFIG_PATH": str(self.folder),
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            OWNER: _owner(),
        }


def layer_of_selenium() -> Path:
    """Where the layer is: Lambda and emulators unpack it to different places, but Selenium always comes from it.

    ``SettingError`` when there is no Selenium.
    """
    found = find_spec("selenium")
    if found is None or found.origin is None:
        raise SettingError(
            "Selenium is missing: the function needs the layer that vendor/selenium-layer/build.py builds"
        )
    return Path(found.origin).resolve().parents[2]


def unpack(layer: Path) -> Chromium:
    """The layer's browser, unpacked under the temporary folder unless another process has done so already.

    It is written under a name of this process and then renamed, so that a half-written browser is never run.
    ``SettingError`` when ``layer`` holds none.
    """
    layer = layer.resolve()
    packed = layer / "chromium" / PACKED
    if not packed.is_file():
        raise SettingError(f"no browser in {layer}: build the layer with vendor/selenium-layer/build.py")
    sizes = [file.stat().st_size for file in (packed, layer / "bin" / "chromedriver")]
    name = hashlib.sha256(repr((sizes, FONTS, "own fonts")).encode()).hexdigest()[:12]
    target = Path(tempfile.gettempdir()) / f"{PREFIX}browser-{name}"
    if not target.exists():
        partial = Path(tempfile.mkdtemp(prefix=f"{PREFIX}unpacking-{os.getpid()}-"))
        try:
            _unpack_browser(packed, partial / "chromium")
            _copy_rest(partial, layer, target)
            partial.rename(target)
        except OSError:
            if not target.exists():  # else another process was first
                raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return Chromium(target, layer)


def _unpack_browser(packed: Path, binary: Path) -> None:
    from lz4.frame import open as open_packed  # in the layer, like Selenium: the API's function does not have it

    with open_packed(packed) as content, binary.open("wb") as unpacked:
        shutil.copyfileobj(content, unpacked, CHUNK)
    binary.chmod(0o755)


def _copy_rest(folder: Path, layer: Path, target: Path) -> None:
    """Everything small; ``target`` is what ``folder`` will be called.  The layer may move while the copy is in use."""
    shutil.copyfile(layer / "bin" / "chromedriver", folder / "chromedriver")
    (folder / "chromedriver").chmod(0o755)
    for file in (layer / "chromium").iterdir():
        if file.name != PACKED:
            shutil.copyfile(file, folder / file.name)
    cache = Path(tempfile.gettempdir()) / f"{PREFIX}fonts"
    shutil.copytree(layer / "fonts", folder / "fonts", copy_function=shutil.copyfile)
    (folder / "fonts.conf").write_text(FONTS.format(fonts=target / "fonts", cache=cache))


def scratch_folder() -> Path:
    """A new folder for one launch of the browser; its name says whose it is."""
    pid, started = _owner().split(":")
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}run-{pid}-{started}-"))


def end_launch(scratch: Path) -> None:
    """End the browser processes of one launch and remove what they wrote."""
    _kill(lambda process: process.scratch == str(scratch))
    shutil.rmtree(scratch, ignore_errors=True)


def clean_orphans() -> None:
    """End browser processes and remove folders whose Python process is gone (killed, timed out, updated)."""
    _kill(lambda process: not _alive(process.owner))
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}run-*"):
        pid, started = folder.name.removeprefix(f"{PREFIX}run-").split("-")[:2]
        if not _alive(f"{pid}:{started}"):
            shutil.rmtree(folder, ignore_errors=True)
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}unpacking-*"):
        if not Path(f"/proc/{folder.name.split('-')[2]}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def own_processes(scratch: Path | None = None) -> list[int]:
    """Process ids of the browser processes this process started; of one launch, where ``scratch`` names it."""
    own = (process for process in _browser_processes() if process.owner == _owner())
    return [process.pid for process in own if scratch is None or process.scratch == str(scratch)]


def resident_bytes(scratch: Path | None = None) -> int:
    """Memory of those processes together (resident set)."""
    total = 0
    for pid in own_processes(scratch):
        with contextlib.suppress(OSError, IndexError, ValueError):
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return total


@dataclass(frozen=True, slots=True)
class _Process:
    """A browser process: whose it is, and the folder of its launch."""

    pid: int
    owner: str
    scratch: str


def _kill(doomed: Callable[[_Process], bool]) -> None:
    deadline = time.monotonic() + 5
    while True:
        found = [process.pid for process in _browser_processes() if doomed(process)]
        if not found or time.monotonic() > deadline:
            return
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.01)


def _browser_processes() -> Iterator[_Process]:
    """Every living process that carries our mark, but for this one."""
    mark = f"{OWNER}=".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            variables = (entry / "environ").read_bytes().split(b"\0")
            owner = next((text for text in variables if text.startswith(mark)), None)
            if owner is not None:
                scratch = next((text for text in variables if text.startswith(b"TMPDIR=")), b"TMPDIR=")
                yield _Process(int(entry.name), owner[len(mark) :].decode(), scratch[7:].decode())


def _owner() -> str:
    return f"{os.getpid()}:{_start_time(os.getpid())}"


def _alive(owner: str) -> bool:
    pid, _, started = owner.partition(":")
    return pid.isdigit() and _start_time(int(pid)) == started


def _start_time(pid: int) -> str:
    """When a process began, in clock ticks since boot; empty when there is none (proc(5), field 22 of stat)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
