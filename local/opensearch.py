"""A real OpenSearch 2.19 node as a child process."""

from __future__ import annotations

from pathlib import Path

from local import jars
from local.places import HOST
from local.processes import Service

_CONFIGURATION = """\
network.host: {host}
discovery.type: single-node
transport.port: 9290-9299
action.auto_create_index: false
cluster.routing.allocation.disk.threshold_enabled: false
"""


def opensearch(folder: Path, port: int, heap_megabytes: int = 512) -> Service:
    """The node that listens on ``port`` (at most 9299) and keeps its data in ``folder``."""
    configuration = folder / "opensearch" / "config"
    configuration.mkdir(parents=True, exist_ok=True)
    (configuration / "opensearch.yml").write_text(_CONFIGURATION.format(host=HOST))
    heap = f"{heap_megabytes}m"
    command = (
        *(jars.java(), f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"),
        *("-cp", f"{jars.ensure('opensearch')}/*", "org.codelibs.opensearch.runner.OpenSearchRunner"),
        *("-basePath", str(folder / "opensearch" / "data"), "-confPath", str(configuration)),
        *("-numOfNode", "1", "-baseHttpPort", str(port - 1)),  # node n listens on the base port + n
    )
    return Service(
        name="opensearch",
        command=command,
        folder=folder,
        port=port,
        health=f"http://{HOST}:{port}/_cluster/health?wait_for_status=yellow&timeout=1s",
        remedy="set OPENSEARCH_PORT to a free port up to 9299, or stop what uses it",
    )
