"""Builds the Lambda layer that carries the scraper's browser: ``python vendor/selenium-layer/build.py --output PATH``.

The layer's parts come from npm (Chromium for Lambda), PyPI (its driver and the Python packages) and Debian (libraries
of the driver that Lambda's system lacks), at the versions of ``pins.json`` and ``requirements.txt`` and checked against
their digests.  The same pins give the same bytes.  What the zip holds, unpacked under ``/opt`` or anywhere else:

    python/                the Python packages, for the interpreter that runs this builder
    bin/chromedriver       the driver
    lib/*.so.*             shared libraries of browser and driver, under their SONAMEs
    chromium/chromium.lz4  the browser
    chromium/lib*.so       the software renderer, which has to lie beside the browser
    fonts/                 fonts and their configuration
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DEFAULT_OUTPUT = HERE.parents[1] / "build" / "layer" / "selenium-layer.zip"
UNZIPPED_LIMIT = 250 * 1024 * 1024
"""Bytes of a function with all its layers (Lambda developer guide, "Lambda quotas")."""
NEWEST_GLIBC = (2, 34)
"""What Amazon Linux 2023, the system of Lambda's Python 3.12 and later, has."""
NOT_NEEDED = (
    "*.dist-info",
    "bin",
    "**/__pycache__",
    "selenium/webdriver/common/devtools",
    "selenium/webdriver/common/linux",
    "selenium/webdriver/common/macos",
    "selenium/webdriver/common/windows",
)
"""Parts of the packages that stay behind: command-line entries, browser managers, generated protocol modules."""
EPOCH = (1980, 1, 1, 0, 0, 0)


class BuildError(Exception):
    """One line for the operator: what is missing, and the remedy."""


def main() -> int:
    """Entry of the command line; gives the exit code."""
    arguments = argparse.ArgumentParser(description="Build the browser's Lambda layer.")
    arguments.add_argument("--output", type=Path, default=DEFAULT_OUTPUT)
    arguments.add_argument("--downloads", type=Path, help="where downloads are kept (default: beside the output)")
    chosen = arguments.parse_args()
    output: Path = chosen.output.resolve()
    try:
        size = build(output, (chosen.downloads or output.parent / "downloads").resolve())
    except BuildError as error:
        print(f"layer: {error}", file=sys.stderr)
        return 1
    print(f"layer: {output} ({output.stat().st_size >> 20} MiB, {size >> 20} MiB unzipped)")
    return 0


def build(output: Path, downloads: Path) -> int:
    """Write the layer's zip to ``output``; gives its unzipped size in bytes.  ``BuildError`` when a part is missing."""
    pins = json.loads((HERE / "pins.json").read_text())
    downloads.mkdir(parents=True, exist_ok=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix="layer-") as folder:
        root, scratch = Path(folder) / "root", Path(folder) / "scratch"
        scratch.mkdir()
        add_python(root, downloads)
        add_browser(root, pins["browser"], pins["unpacker"], downloads, scratch)
        add_driver(root, pins["driver"], downloads)
        add_libraries(root, pins["libraries"], downloads, scratch)
        size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
        if size > UNZIPPED_LIMIT:
            raise BuildError(f"{size} bytes unzipped are more than Lambda's {UNZIPPED_LIMIT}")
        write_zip(root, output)
    return size


def add_python(root: Path, downloads: Path) -> None:
    """The packages of ``requirements.txt`` for this interpreter, without the parts the scraper never imports."""
    target = root / "python"
    pinned = [
        line for line in (HERE / "requirements.txt").read_text().splitlines() if line and not line.startswith("#")
    ]
    options = ["--no-deps", "--no-compile", "--target", str(target)]
    platforms = [
        "--platform=manylinux_2_28_x86_64",
        "--platform=manylinux_2_17_x86_64",
        "--platform=manylinux2014_x86_64",
    ]
    version = f"--python-version={sys.version_info.major}.{sys.version_info.minor}"
    pip(
        "install", *options, "--only-binary=:all:", *platforms, version, "--implementation=cp", *pinned, cache=downloads
    )
    for pattern in NOT_NEEDED:
        for path in target.glob(pattern):
            shutil.rmtree(path)


def add_browser(root: Path, pin: dict[str, str], unpacker: dict[str, str], downloads: Path, scratch: Path) -> None:
    """Chromium as an LZ4 frame (unpacked in a fifth of the time that zlib takes), renderer, fonts."""
    archive = downloads / f"{pin['package'].strip('@').replace('/', '-')}-{pin['version']}.tgz"
    if not matches(archive, pin["sha256"]):
        need("npm", "apt-get install npm")
        run("npm", "pack", f"{pin['package']}@{pin['version']}", "--silent", "--pack-destination", str(downloads))
        demand(archive, pin["sha256"])
    decompress = brotli_of(unpacker, downloads, scratch)
    with tarfile.open(archive) as package:
        parts = {
            Path(member.name).name: package.extractfile(member) for member in package if member.name.endswith(".br")
        }
        contents = {name: decompress(part.read()) for name, part in parts.items() if part}
    lz4 = imported(root / "python", "lz4.frame")
    packed = lz4.compress(contents["chromium.br"], compression_level=9, block_size=lz4.BLOCKSIZE_MAX256KB)
    (root / "chromium").mkdir(parents=True)
    (root / "chromium" / "chromium.lz4").write_bytes(packed)
    for name, folder in (("swiftshader", "chromium"), ("al2023", "."), ("fonts", "fonts")):
        with tarfile.open(fileobj=io.BytesIO(contents[f"{name}.tar.br"])) as packed:
            packed.extractall(root / folder, filter="data")


def brotli_of(pin: dict[str, str], downloads: Path, scratch: Path) -> Any:
    """The ``decompress`` function of brotli, installed aside: only this builder needs it."""
    pip(
        "install",
        "--no-deps",
        "--target",
        str(scratch / "brotli"),
        f"{pin['package']}=={pin['version']}",
        cache=downloads,
    )
    return imported(scratch / "brotli", "brotli").decompress


def imported(folder: Path, module: str) -> Any:
    """The module ``module`` of the packages in ``folder``, whatever else is installed."""
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(module)
    finally:
        sys.path.pop(0)


def add_driver(root: Path, pin: dict[str, str], downloads: Path) -> None:
    """ChromeDriver for Linux; the package carries those of other systems too."""
    wheel = downloads / f"{pin['package'].replace('-', '_')}-{pin['version']}-py3-none-any.whl"
    if not matches(wheel, pin["sha256"]):
        pip("download", "--no-deps", "--dest", str(downloads), f"{pin['package']}=={pin['version']}", cache=downloads)
        demand(wheel, pin["sha256"])
    (root / "bin").mkdir()
    with zipfile.ZipFile(wheel) as package:
        (root / "bin" / "chromedriver").write_bytes(package.read("chromedriver_py/chromedriver_linux64"))
    (root / "bin" / "chromedriver").chmod(0o755)


def add_libraries(root: Path, pins: dict[str, dict[str, str]], downloads: Path, scratch: Path) -> None:
    """Debian's shared libraries of the driver, under their SONAMEs; none may need a newer glibc than Lambda's."""
    need("dpkg-deb", "run the builder on Debian or Ubuntu")
    for package, pin in pins.items():
        unpacked = scratch / package
        run("dpkg-deb", "-x", str(debian_package(package, pin, downloads)), str(unpacked))
        for link in unpacked.rglob("*.so.*"):
            if link.is_symlink():
                content = link.resolve().read_bytes()
                demand_glibc(link.name, content)
                (root / "lib" / link.name).write_bytes(content)


def debian_package(package: str, pin: dict[str, str], downloads: Path) -> Path:
    """The pinned package, or the archive's present one with a warning: archives drop superseded versions."""
    for known in downloads.glob(f"{package}_*.deb"):
        if matches(known, pin["sha256"]):
            return known
    folder = downloads / package
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if not any(apt_download(wanted, folder) for wanted in (f"{package}:amd64={pin['version']}", f"{package}:amd64")):
        raise BuildError(f"apt-get cannot download {package}: run apt-get update")
    found = next(folder.glob("*.deb"))
    if not matches(found, pin["sha256"]):
        print(f"layer: {found.name} is not the pinned {pin['version']}: the zip's bytes will differ", file=sys.stderr)
    return found.rename(downloads / found.name)


def apt_download(package: str, folder: Path) -> bool:
    """Download into ``folder``; without package lists on the machine, they are fetched into a folder of ours."""
    own = [f"-oDir::State::lists={folder.parent / 'apt-lists'}", f"-oDir::Cache={folder.parent / 'apt-cache'}"]
    if silently("apt-get", "download", package, cwd=folder):
        return True
    if "=" not in package:
        (folder.parent / "apt-lists" / "partial").mkdir(parents=True, exist_ok=True)
        silently("apt-get", *own, "update", cwd=folder)
    return silently("apt-get", *own, "download", package, cwd=folder)


def demand_glibc(name: str, content: bytes) -> None:
    """``BuildError`` when a library asks for a C library that Lambda does not have."""
    wanted = {tuple(map(int, found.split(b"."))) for found in re.findall(rb"GLIBC_(\d+\.\d+)", content)}
    if wanted and max(wanted) > NEWEST_GLIBC:
        version = ".".join(map(str, max(wanted)))
        raise BuildError(f"{name} needs glibc {version}, newer than Lambda's: build on Debian 12")


def write_zip(root: Path, output: Path) -> None:
    """Zip ``root`` in sorted order with fixed times and modes, then move it into place."""
    partial = output.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as layer:
        for path in sorted_files(root):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if path.suffix == ".lz4" else zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whatever builds it, so that the modes count
            entry.external_attr = (0o755 if path.parent.name == "bin" else 0o644) << 16
            layer.writestr(entry, path.read_bytes())
    partial.replace(output)


def sorted_files(root: Path) -> Iterator[Path]:
    """Every file below ``root``, in an order that does not depend on the file system."""
    yield from sorted(
        (path for path in root.rglob("*") if path.is_file()), key=lambda path: path.relative_to(root).as_posix()
    )


def matches(path: Path, sha256: str) -> bool:
    """Whether the file is there with that digest."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def demand(path: Path, sha256: str) -> None:
    """``BuildError`` when the download is not what was pinned."""
    if not matches(path, sha256):
        raise BuildError(f"{path.name} does not have the pinned digest")


def need(command: str, remedy: str) -> None:
    """``BuildError`` naming the remedy when a command is not installed."""
    if shutil.which(command) is None:
        raise BuildError(f"{command} is missing: {remedy}")


def pip(*arguments: str, cache: Path) -> None:
    """Run this interpreter's pip quietly."""
    run(
        sys.executable,
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
        *arguments,
        "--cache-dir",
        str(cache / "pip"),
    )


def run(*command: str) -> None:
    """Run a command; ``BuildError`` with the last line it said when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise BuildError(f"{Path(command[0]).name} failed: {said[-1] if said else done.returncode}")


def silently(*command: str, cwd: Path) -> bool:
    """Run a command in ``cwd``; whether it succeeded."""
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
