"""DynamoDB Local, in memory, as a child process: the faithful DynamoDB for tests."""

from __future__ import annotations

from pathlib import Path

from local import jars
from local.processes import Service


def dynamodb_local(folder: Path, port: int, heap_megabytes: int = 384) -> Service:
    """The server that listens on ``port`` and forgets everything when it stops."""
    library = jars.ensure("dynamodb-local")  # the jars, and SQLite beside them
    command = (
        *(jars.java(), f"-Xmx{heap_megabytes}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        *("-cp", f"{library.parent / 'classes'}:{library}/*", "LoopbackDynamoDB", str(port)),
    )
    return Service(
        name="dynamodb-local",
        command=command,
        folder=folder,
        port=port,
        environment={"DDB_LOCAL_TELEMETRY": "0", "LD_LIBRARY_PATH": str(library)},
    )
