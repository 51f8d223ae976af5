"""Finding a Python to build the environments with.  Standard library only; runs on any Python 3.8 or later."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from local.trouble import Trouble

OLDEST, NEWEST = (3, 11), (3, 13)
"""What the code runs on, and the newest Lambda runtime that Chalice knows."""
_PROBE = "import sys, venv, ensurepip; print(*sys.version_info[:3])"


def newest_python(tools: Path) -> Path:
    """The newest usable interpreter on the PATH or under pyenv, else one that uv finds or downloads.

    ``tools`` is where uv is installed when it is needed and missing.  ``Trouble`` when there is no way to get one.
    """
    usable = [(version, path) for path in _candidates() for version in [_version(path)] if version]
    if usable:
        return max(usable, key=lambda found: found[0])[1]
    return _from_uv(tools)


def _candidates() -> list[Path]:
    """Interpreters that might do, pyenv's own before its shims (which fail for versions that are not selected)."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)] + ["python3", "python"]
    found = [
        *sorted(root.glob("versions/*/bin/python"), reverse=True),
        *map(Path, filter(None, map(shutil.which, names))),
    ]
    return [*found, Path(sys.executable)]


def _version(python: Path) -> tuple[int, ...] | None:
    """Its version when it is one the code runs on and can make environments; ``None`` otherwise."""
    try:
        done = subprocess.run([str(python), "-c", _PROBE], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = tuple(int(part) for part in done.stdout.split()) if done.returncode == 0 else ()
    return version if version and OLDEST <= version[:2] <= NEWEST else None


def _from_uv(tools: Path) -> Path:
    wanted = f">={_dotted(OLDEST)},<={_dotted(NEWEST)}.99"
    uv = shutil.which("uv") or _install_uv(tools)
    subprocess.run([uv, "python", "install", _dotted(NEWEST)], capture_output=True, check=False)
    found = subprocess.run([uv, "python", "find", wanted], capture_output=True, text=True, check=False).stdout.strip()
    if not found or not _version(Path(found)):
        raise Trouble(
            f"no Python {_dotted(OLDEST)} to {_dotted(NEWEST)} was found: apt-get install python3 python3-venv"
        )
    return Path(found)


def _install_uv(tools: Path) -> str:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tools / "uv"), "uv"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise Trouble(f"no Python {_dotted(OLDEST)} or later can make environments here: apt-get install python3-venv")
    return str(tools / "uv" / "bin" / "uv")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
