"""Servers are started, awaited and ended with everything they started, and nobody else's processes are touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.places import ROOT
from local.processes import Service, free_port, is_ready, pid_of, port_is_free, start, stop, wait_for, wait_ready
from local.trouble import Trouble

# Serves, and starts a child in a session of its own that ignores SIGTERM, as a stray browser might.
SERVER = textwrap.dedent(
    """
    import http.server, pathlib, subprocess, sys
    child = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('ready', flush=True); time.sleep(600)"
    stray = subprocess.Popen([sys.executable, "-c", child], start_new_session=True, stdout=subprocess.PIPE)
    stray.stdout.readline()
    pathlib.Path("stray").write_text(str(stray.pid))
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
    """
)


def runs(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def service(folder: Path, *command: str) -> Service:
    port = free_port(8200, 8299)
    words = command or (sys.executable, "-c", SERVER, str(port))
    return Service("thing", words, folder, port, f"http://127.0.0.1:{port}/", remedy="choose another")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Service]:
    made = service(tmp_path)
    start(made)
    wait_ready(made, 20)
    yield made
    stop(made)


def test_a_started_server_answers_until_it_is_stopped_with_its_stray_children(server: Service) -> None:
    leader, stray = pid_of(server), int((server.folder / "stray").read_text())
    assert leader is not None
    assert runs(stray)
    (server.temporary / "left-behind").write_text("x")
    assert stop(server, seconds=5)
    assert not is_ready(server)
    assert not runs(leader)
    assert not runs(stray)
    assert not server.temporary.exists()
    assert pid_of(server) is None


def test_stopping_what_does_not_run_changes_nothing(tmp_path: Path) -> None:
    assert stop(service(tmp_path)) is False


def test_a_busy_port_is_named_with_its_remedy(server: Service) -> None:
    with pytest.raises(Trouble, match=rf"^port {server.port} is busy \(thing needs it\): choose another$"):
        start(server)


def test_a_server_that_ends_while_starting_is_told_with_its_last_words(tmp_path: Path) -> None:
    made = service(tmp_path, sys.executable, "-c", "import sys; sys.exit('no such flavour')")
    start(made)
    with pytest.raises(Trouble, match="thing ended while starting: no such flavour"):
        wait_ready(made, 20)


def test_a_server_that_never_answers_is_told_after_the_given_time(tmp_path: Path) -> None:
    made = service(tmp_path, sys.executable, "-c", "import time; time.sleep(60)")
    start(made)
    with pytest.raises(Trouble, match="did not answer within"):
        wait_ready(made, 0.2)
    assert stop(made)


def test_a_missing_program_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="cannot start thing"):
        start(service(tmp_path, "/no/such/program"))


def test_a_pid_that_now_belongs_to_another_process_is_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        made = service(tmp_path)
        made.pid_file.write_text(f"{other.pid} 1\n")  # started at another time than the one noted
        assert stop(made) is False
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_servers_end_when_the_command_that_started_them_is_killed(tmp_path: Path) -> None:
    port = free_port(8300, 8399)
    starter = textwrap.dedent(
        f"""
        import pathlib, sys, time
        from local.processes import Service, start, wait_ready
        made = Service("thing", (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "{port}"),
                       pathlib.Path({str(tmp_path)!r}), {port}, "http://127.0.0.1:{port}/")
        start(made)
        wait_ready(made)
        print("up", flush=True)
        time.sleep(60)
        """
    )
    command = subprocess.Popen([sys.executable, "-c", starter], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert command.stdout is not None
    assert command.stdout.readline() == "up\n"
    assert not port_is_free(port)
    os.kill(command.pid, signal.SIGKILL)
    command.wait()
    assert wait_for(lambda: port_is_free(port), 10)
