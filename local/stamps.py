"""Doing a step again only when its inputs have changed.  Standard library only."""

from __future__ import annotations

import hashlib
from pathlib import Path


def content_hash(*paths: Path, extra: str = "") -> str:
    """One hash over names and bytes of the files at or under ``paths``, and ``extra``.  A missing path adds nothing."""
    total = hashlib.sha256(extra.encode())
    for path in paths:
        for file in sorted(_files(path)):
            total.update(str(file.relative_to(path.parent)).encode() + b"\0")
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def fresh(mark: Path, digest: str) -> bool:
    """Whether the step behind ``mark`` was last finished with these inputs."""
    return mark.is_file() and mark.read_text() == digest


def stamp(mark: Path, digest: str) -> None:
    """Remember that the step behind ``mark`` is finished."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(digest)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return [file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    return [path] if path.is_file() else []
