"""OpenSearch and DynamoDB Local as jars, fetched by Maven from the pinned poms beside this file.

Standard library only: ``local/bootstrap.py`` runs it before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from local.stamps import content_hash, fresh, stamp
from local.trouble import Trouble

POMS = Path(__file__).resolve().parent
TOOLS = POMS.parents[1] / "build" / "tools"
LAUNCHER = POMS / "dynamodb-local" / "LoopbackDynamoDB.java"


def is_due(name: str) -> bool:
    """Whether ``ensure`` has something to fetch."""
    return not fresh(TOOLS / name / "stamp", content_hash(POMS / name))


def ensure(name: str) -> Path:
    """The folder with the jars of ``opensearch`` or ``dynamodb-local``, fetched when missing or the pom has changed.

    ``Trouble`` when Java or Maven is missing or the download fails.
    """
    library = TOOLS / name / "lib"
    if not is_due(name):
        return library
    shutil.rmtree(library, ignore_errors=True)
    _maven(POMS / name / "pom.xml", library)
    if name == "dynamodb-local":
        _compile_launcher(library)
    stamp(TOOLS / name / "stamp", content_hash(POMS / name))
    return library


def java() -> str:
    """The Java program.  ``Trouble`` when there is none."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if not found:
        raise Trouble("Java is missing: install Java 17, e.g. apt-get install openjdk-17-jre-headless")
    return found


def _maven(pom: Path, library: Path) -> None:
    maven = shutil.which("mvn")
    if not maven:
        raise Trouble("Maven is missing: install it, e.g. apt-get install maven")
    java()
    _run(
        [
            maven,
            "-q",
            "-B",
            "-f",
            str(pom),
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            f"-DoutputDirectory={library}",
        ],
        f"Maven could not fetch {pom.parent.name}",
    )


def _compile_launcher(library: Path) -> None:
    """Compile with ecj: a machine with only a Java runtime has no javac."""
    compiler = next(library.glob("ecj-*.jar"))
    classes = library.parent / "classes"
    arguments = [
        "-17",
        "-nowarn",
        "-cp",
        os.pathsep.join(map(str, library.glob("*.jar"))),
        "-d",
        str(classes),
        str(LAUNCHER),
    ]
    _run([java(), "-jar", str(compiler), *arguments], "cannot compile the DynamoDB Local launcher")


def _run(command: list[str], trouble: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise Trouble(f"{trouble}: {lines[0][:300] if lines else 'no output'}")
