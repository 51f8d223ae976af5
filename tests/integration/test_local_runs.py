"""Two runs on one machine: the later one replaces the first, which then leaves the servers alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import places, run, stack
from local.places import Place
from local.processes import Service, free_port, pid_of

TAKE_OVER = """
import pathlib, sys
from local.processes import identity
pathlib.Path(sys.argv[1]).write_text(identity())
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A place whose only server is a small one."""
    ports = [free_port(8090 + 10 * at, 8099 + 10 * at) for at in range(4)]
    made = Place("test", *ports)
    monkeypatch.setattr(places, "BUILD", tmp_path)
    command = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(ports[2]))
    served = Service(name="shop", command=command, folder=made.state, port=ports[2])
    for module in (stack, run):
        monkeypatch.setattr(module, "services", lambda place: (served,))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(run, "run_place", lambda: made)
    yield made
    for number, handler in handlers.items():
        signal.signal(number, handler)
    stack.bring_down(made)


def runs_until_shown(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object] = lambda: None) -> int:
    """``make run`` with a pipeline that is right at once; ``meanwhile`` is called before it stays up."""

    def up(place: Place, *_: object, **__: object) -> bool:
        stack.bring_up(place, keep=False)
        meanwhile()
        return True

    monkeypatch.setattr(run, "run", up)
    return run.main()


def test_a_run_stops_what_it_started(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCE", "1")
    assert runs_until_shown(monkeypatch) == 0
    assert [pid_of(service) for service in stack.services(place)] == [None]


def test_a_run_that_another_has_replaced_ends_and_leaves_the_servers_alone(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ONCE", raising=False)
    monkeypatch.setattr(run, "inbox", lambda place: [])
    another = [sys.executable, "-c", TAKE_OVER, str(place.state / "owner")]
    assert runs_until_shown(monkeypatch, meanwhile=lambda: subprocess.run(another, check=True)) == 0
    assert all(pid_of(service) is not None for service in stack.services(place))
    assert "another run has taken over" in capsys.readouterr().out
