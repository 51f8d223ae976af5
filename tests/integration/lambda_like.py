"""Runs a script as Lambda would: read-only root, 512 MB of /tmp, no /dev/shm, no other Python packages, no network.

``python lambda_like.py LAYER TASK SCRIPT`` (started under ``unshare``) mounts what Lambda offers into an empty root:
the interpreter at /var/lang with the system libraries it needs itself, the function at /var/task, the layer at /opt.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

LAMBDA_USER = 993
GLIBC = ("libpthread.so.0", "libdl.so.2", "libm.so.6", "librt.so.1", "libutil.so.1", "libresolv.so.2")
SYSTEM = (*GLIBC, "libgcc_s.so.1", "libnss_files.so.2", "libnss_dns.so.2")
"""Of Amazon Linux 2023's base system, besides what the interpreter itself is linked with."""


def main() -> None:
    """Build the root, enter it, and become the script."""
    layer, task, script = map(Path, sys.argv[1:])
    root = Path(tempfile.mkdtemp(prefix="lambda-like-"))
    mount("tmpfs", root, "-t", "tmpfs", "-o", "mode=755")
    bind(Path(sys.base_prefix), root / "var/lang")
    bind(task, root / "var/task")
    bind(layer, root / "opt")
    for library in system_libraries():
        bind(library, root / str(library).lstrip("/"))
    (root / "etc").mkdir()
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    for device in ("null", "zero", "random", "urandom"):
        bind(Path("/dev") / device, root / "dev" / device)
    (root / "proc").mkdir()
    mount("proc", root / "proc", "-t", "proc")
    (root / "tmp").mkdir()
    mount("tmpfs", root / "tmp", "-t", "tmpfs", "-o", "size=512m,mode=1777")
    mount("none", root, "-o", "remount,ro")
    raise_loopback()
    enter(root, script)


def enter(root: Path, script: Path) -> None:
    """Change the root, give up privileges and run ``script`` with nothing but Lambda's environment."""
    code = script.read_text()
    os.chroot(root)
    os.chdir("/var/task")
    if os.getuid() == 0 and Path("/proc/self/uid_map").read_text().split()[2] != "1":
        os.setgroups([])
        os.setgid(LAMBDA_USER)
        os.setuid(LAMBDA_USER)
    environment = {
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
        "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/task:/var/task/lib:/opt/lib",
        "PYTHONHOME": "/var/lang",
        "PYTHONPATH": "/var/task:/opt/python",
        "LANG": "en_US.UTF-8",
        "AWS_REGION": "eu-west-2",
    }
    python = f"/var/lang/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    os.execve(python, [python, "-S", "-s", "-B", "-c", code], environment)


def system_libraries() -> set[Path]:
    """The shared libraries that the interpreter and its standard modules are linked with, and the loader."""
    dynamic = Path(sys.base_prefix) / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "lib-dynload"
    binaries = [Path(sys.executable).resolve(), *dynamic.glob("*.so")]
    linked = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, text=True, check=False).stdout
    found = {Path(path) for path in re.findall(r"(/\S+\.so\S*)", linked) if not path.endswith(":")}
    folder = next(path.parent for path in found if path.name == "libc.so.6")
    return {
        path for path in found | {folder / name for name in SYSTEM} if path.exists() and dynamic not in path.parents
    }


def bind(source: Path, target: Path) -> None:
    """Show ``source`` read-only at ``target``."""
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(str(source), target, "--bind")
    if source.is_dir():
        mount("none", target, "-o", "remount,bind,ro")


def mount(source: str, target: Path, *options: str) -> None:
    """Mount, or end with what mount says."""
    subprocess.run(["mount", *options, source, str(target)], check=True)


def raise_loopback() -> None:
    """A new network namespace has its loopback interface down (netdevice(7), SIOCSIFFLAGS)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(1, 9)  # end with the test that started this (PR_SET_PDEATHSIG, SIGKILL)
    main()
