"""Setting up: what is missing is said in one line with its remedy, and nothing is done twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local import bootstrap, interpreters, jars
from local.places import ROOT
from local.stamps import content_hash, fresh, stamp
from local.trouble import Trouble


def test_missing_java_is_one_line_and_exit_code_2() -> None:
    command = [sys.executable, "-m", "local.bootstrap"]
    done = subprocess.run(command, cwd=ROOT, env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "shelfwatch: Java is missing: install Java 17, e.g. apt-get install openjdk-17-jre-headless\n"


def test_java_that_is_too_old_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path / "java", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(bootstrap, "STAMPS", tmp_path / "stamps")
    with pytest.raises(Trouble, match="Java 17 or later is needed"):
        bootstrap.check_java()


def test_missing_maven_is_said_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "TOOLS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Trouble, match=r"Maven is missing: install it, e\.g\. apt-get install maven"):
        jars.ensure("opensearch")


def test_missing_npm_is_said_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "STAMPS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Trouble, match=r"npm is missing: install it, e\.g\. apt-get install npm"):
        bootstrap.layer()


def test_a_failing_download_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path / "mvn", "echo; echo '[ERROR] Could not resolve dependencies'; echo more; exit 1")
    _program(tmp_path / "java", "exit 0")
    monkeypatch.setattr(jars, "TOOLS", tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(Trouble, match=r"^Maven could not fetch opensearch: \[ERROR\] Could not resolve dependencies$"):
        jars.ensure("opensearch")


def test_the_newest_usable_interpreter_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "pyenv"
    for folder, says in (("3.9.1", "3 9 1"), ("3.12.4", "3 12 4"), ("3.11.9", "3 11 9"), ("3.14.0", "3 14 0")):
        _program(root / "versions" / folder / "bin" / "python", f"echo {says}")
    _program(tmp_path / "bin" / "python3.13", "exit 127")  # as pyenv's shims do for versions that are not selected
    monkeypatch.setenv("PYENV_ROOT", str(root))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    monkeypatch.setattr(interpreters.sys, "executable", str(root / "versions" / "3.9.1" / "bin" / "python"))
    assert interpreters.newest_python(tmp_path) == root / "versions" / "3.12.4" / "bin" / "python"


def test_a_step_is_done_again_only_for_other_pins_or_a_lost_product(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "STAMPS", tmp_path)
    product, done = tmp_path / "product", []

    def make() -> None:
        product.write_text("made")
        done.append(1)

    def step(digest: str) -> None:
        bootstrap._step("step", digest, product, False, make)

    step("pins")
    step("pins")
    assert len(done) == 1
    step("other pins")
    assert len(done) == 2
    product.unlink()
    step("other pins")
    assert len(done) == 3


@given(st.binary(), st.binary())
def test_a_stamp_holds_only_for_the_same_content(
    tmp_path_factory: pytest.TempPathFactory, one: bytes, other: bytes
) -> None:
    folder = tmp_path_factory.mktemp("stamps")
    (folder / "pins").write_bytes(one)
    stamp(folder / "mark", content_hash(folder / "pins"))
    (folder / "pins").write_bytes(other)
    assert fresh(folder / "mark", content_hash(folder / "pins")) == (one == other)


def test_renaming_a_file_changes_the_hash_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "a").write_text("x")
    before = content_hash(folder)
    (folder / "a").rename(folder / "b")
    assert content_hash(folder) != before


def _program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
