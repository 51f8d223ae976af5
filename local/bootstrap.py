"""``python3 -m local.bootstrap``: installs what the local stack, the tests and the packager need, under ``build/``.

Standard library only, so that any Python starts it.  Each step leaves a stamp made from its pins: nothing is done
again until they change, and a machine that is set up passes in a fraction of a second.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local import jars
from local.interpreters import newest_python
from local.places import BUILD, EMULATOR_PYTHON, LAYER, PYTHON, ROOT, TOOLS
from local.stamps import content_hash, fresh, stamp
from local.trouble import Trouble, exits

STAMPS = BUILD / "stamps"
LAYER_SOURCES = ROOT / "vendor" / "selenium-layer"
PINS = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt", LAYER_SOURCES / "requirements.txt")
EMULATOR_PINS = ROOT / "local" / "emulator-requirements.txt"
OLDEST_JAVA = 17


def main() -> int:
    """Do every step that is not up to date, the long ones side by side; two commands started together take turns."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    with (STAMPS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return set_up()


def set_up() -> int:
    """As ``main``, for the one command whose turn it is."""
    check_java()
    todo = [step for step in (packages, emulator_packages, opensearch_jars, dynamodb_jars, layer) if step(dry=True)]
    if not todo:
        return 0
    _say("setting up under build/ (once; a few minutes on a fresh machine)")
    if packages in todo or not PYTHON.exists():
        environment(PYTHON)
    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(_timed, todo))
    troubles = [outcome for outcome in outcomes if outcome]
    if troubles:
        raise Trouble("; ".join(troubles))
    return 0


def packages(dry: bool = False) -> bool:
    """The project's own environment with the pinned packages.  As every step: with ``dry`` only says if it is due."""
    return _step("packages", content_hash(*PINS), PYTHON, dry, lambda: install(PYTHON, *PINS[1:]))


def emulator_packages(dry: bool = False) -> bool:
    """The emulator's environment: apart, because what lies beside it can be imported by the functions it runs."""

    def make() -> None:
        environment(EMULATOR_PYTHON)
        install(EMULATOR_PYTHON, EMULATOR_PINS)

    return _step("emulator", content_hash(EMULATOR_PINS), EMULATOR_PYTHON, dry, make)


def opensearch_jars(dry: bool = False) -> bool:
    """OpenSearch, by Maven."""
    return jars.is_due("opensearch") if dry else bool(jars.ensure("opensearch"))


def dynamodb_jars(dry: bool = False) -> bool:
    """DynamoDB Local, by Maven."""
    return jars.is_due("dynamodb-local") if dry else bool(jars.ensure("dynamodb-local"))


def layer(dry: bool = False) -> bool:
    """The Lambda layer with browser and driver, by its own builder."""

    def make() -> None:
        if not shutil.which("npm"):
            raise Trouble("npm is missing: install it, e.g. apt-get install npm")
        builder = [str(PYTHON), str(LAYER_SOURCES / "build.py"), "--output", str(LAYER)]
        _run(builder, "the browser's layer could not be built")

    return _step("layer", content_hash(LAYER_SOURCES), LAYER, dry, make)


def check_java() -> None:
    """``Trouble`` when Java or Maven is missing, or Java is too old."""
    java = jars.java()
    mark, digest = STAMPS / "java", str(Path(java).resolve())
    if fresh(mark, digest):
        return
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if not found or int(found.group(1)) < OLDEST_JAVA:
        raise Trouble(f"Java {OLDEST_JAVA} or later is needed: apt-get install openjdk-17-jre-headless")
    stamp(mark, digest)


def environment(python: Path) -> None:
    """A virtual environment around ``python``, made on the newest interpreter unless it is already on it."""
    base = _base_python()
    folder = python.parents[1]
    if _version(python) == _version(base):
        return
    shutil.rmtree(folder, ignore_errors=True)
    _run([str(base), "-m", "venv", str(folder)], f"cannot make {folder.name}")


def install(python: Path, *pins: Path) -> None:
    """Install the pinned packages of ``pins``."""
    options = [option for file in pins for option in ("-r", str(file))]
    if (
        _version(python)
        and subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True, check=False).returncode
    ):
        _run([str(python), "-m", "ensurepip"], "pip cannot be installed")
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options]
    _run(command, f"the packages of {pins[0].name} could not be installed")


def _step(name: str, digest: str, product: Path, dry: bool, make: Callable[[], None]) -> bool:
    due = not (fresh(STAMPS / name, digest) and product.exists())
    if due and not dry:
        make()
        stamp(STAMPS / name, digest)
    return due


def _timed(step: Callable[[], bool]) -> str:
    """Do ``step``; gives its trouble as one line, empty when it went well."""
    started = time.monotonic()
    try:
        step()
    except Trouble as trouble:
        return str(trouble)
    _say(f"{step.__name__.replace('_', ' ')}: ready ({time.monotonic() - started:.0f} s)")
    return ""


_found: list[Path] = []


def _base_python() -> Path:
    if not _found:
        _found.append(newest_python(TOOLS))
        _say(f"using {_found[0]}")
    return _found[0]


def _version(python: Path) -> str:
    if not python.exists():
        return ""
    return subprocess.run([str(python), "-VV"], capture_output=True, text=True, check=False).stdout


def _run(command: list[str], trouble: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PIP_NO_INPUT": "1"}, check=False)
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise Trouble(f"{trouble}: {said[-1][:300] if said else 'no output'}")


def _say(line: str) -> None:
    sys.stdout.write(f"setup: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    exits(main)()
