"""Starting servers, waiting until they answer, and stopping them and whatever they started.

Each server leads a session of its own, so that Ctrl-C reaches only the command in front, which then stops them in
order.  Its children carry its ``TMPDIR`` in their environment: by that mark the browsers and drivers that an emulator
function left behind are found and ended too, and never a process of somebody else.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.places import HOST
from local.trouble import Trouble

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True)
class Service:
    """A server as a child process; everything it writes lies in ``folder``."""

    name: str
    command: tuple[str, ...]
    folder: Path
    port: int
    health: str = ""
    """URL that answers 2xx once the server is ready; empty: it is ready as soon as it listens."""
    remedy: str = ""
    """What to change when the port is taken."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The child's whole environment, apart from ``TMPDIR``, ``PATH`` and ``HOME``."""

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    @property
    def temporary(self) -> Path:
        return self.folder / f"{self.name}.tmp"


def start(service: Service, outlives: bool = False) -> None:
    """Start ``service`` (see ``wait_ready``); unless it ``outlives`` this process it is ended with it.

    ``Trouble`` when its port is taken or its program is missing.
    """
    demand_port(service)
    for folder in (service.log.parent, service.temporary):
        folder.mkdir(parents=True, exist_ok=True)
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(service.folder), "LANG": "C.UTF-8"}
    environment |= {**service.environment, "TMPDIR": str(service.temporary)}
    with service.log.open("ab") as log:
        try:
            child = subprocess.Popen(
                service.command,
                env=environment,
                cwd=service.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=None if outlives else _ends_with_parent,
            )
        except OSError as error:
            raise Trouble(f"cannot start {service.name}: {error}") from None
    service.pid_file.write_text(f"{child.pid} {_started(child.pid)}\n")


def demand_port(service: Service) -> None:
    """``Trouble`` with the remedy when the port of ``service`` is taken."""
    if not port_is_free(service.port):
        raise Trouble(f"port {service.port} is busy ({service.name} needs it): {service.remedy or 'stop what uses it'}")


def _ends_with_parent() -> None:
    """In the child: be asked to end when the starting process dies, even by SIGKILL."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_ready(service: Service, seconds: float = 90) -> None:
    """Return once ``service`` answers.  ``Trouble`` with the end of its log when it ends or stays silent."""
    deadline = time.monotonic() + seconds
    while not is_ready(service):
        if pid_of(service) is None:
            raise Trouble(f"{service.name} ended while starting: {_last_line(service.log)} (see {service.log})")
        if time.monotonic() > deadline:
            raise Trouble(f"{service.name} did not answer within {seconds:.0f} s: see {service.log}")
        time.sleep(0.05)


def stop(service: Service, seconds: float = 120, keep_temporary: bool = False) -> bool:
    """End ``service`` and all its descendants; gives whether it was running.

    SIGTERM first; only after ``seconds``, long enough for an emulator to save its state on a busy machine, SIGKILL.
    """
    leader = pid_of(service)
    if leader is not None:
        _end([leader], seconds)
    marked = _marked(service.temporary)
    _end(marked, 2)
    service.pid_file.unlink(missing_ok=True)
    if not keep_temporary:
        shutil.rmtree(service.temporary, ignore_errors=True)
    return leader is not None or bool(marked)


def pid_of(service: Service) -> int | None:
    """The pid of the running server, ``None`` when it is not running or the pid now belongs to another process."""
    try:
        pid, started = service.pid_file.read_text().split()
    except (OSError, ValueError):
        return None
    _reap(int(pid))
    return int(pid) if _started(int(pid)) == started else None


def is_ready(service: Service) -> bool:
    """Whether ``service`` can be used now."""
    return answers(service.health) if service.health else not port_is_free(service.port)


def answers(url: str, seconds: float = 1.5) -> bool:
    """Whether ``url`` answers 2xx within ``seconds``."""
    with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(url, timeout=seconds) as answer:
        return bool(200 <= answer.status < 300)
    return False


def port_is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` of the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port(first: int, last: int) -> int:
    """A port between ``first`` and ``last`` that nobody listens on; which one differs from process to process."""
    count = last - first + 1
    for step in range(count):
        port = first + (os.getpid() + step) % count
        if port_is_free(port):
            return port
    raise Trouble(f"no free port between {first} and {last}: stop a server there")


def wait_for(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Whether ``condition`` came true within ``seconds``; asks every ``pause`` seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def _end(pids: list[int], seconds: float) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        pids = [pid for pid in pids if _alive(pid)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_for(lambda: not any(_alive(pid) for pid in pids), seconds, 0.02):  # noqa: B023
            return


def _marked(temporary: Path) -> list[int]:
    """Processes that a service started, by the ``TMPDIR`` in their environment."""
    mark = f"TMPDIR={temporary}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and any(
                part.startswith(mark) for part in (entry / "environ").read_bytes().split(b"\0")
            ):
                found.append(int(entry.name))
    return found


def identity() -> str:
    """Of this process, for a file: pid and start time, since pids come again."""
    return f"{os.getpid()} {_started(os.getpid())}"


def _started(pid: int) -> str | None:
    """Start time in clock ticks since boot (field 22 of proc(5)); ``None`` for a dead process or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def _alive(pid: int) -> bool:
    _reap(pid)
    return _started(pid) is not None


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1][:300] if lines else "no output"
