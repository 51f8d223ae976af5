"""The app: a project laid out with the stage's environment, deployed by ``chalice deploy``.

Chalice keeps what it made in ``.chalice/deployed/STAGE.json``; that record lives in the stage's bucket, so that whoever
deploys next, from whichever machine, goes on from it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local import policies
from local.deploying import secrets
from local.deploying import stack as stateful
from local.deploying.stage import Stage, config
from local.places import ROOT
from local.trouble import Trouble

PARTS = ("app.py", "chalicelib", "vendor", "requirements.txt")


def deploy(stage: Stage, told: Mapping[str, str]) -> dict[str, Any]:
    """Deploy the project that is laid out and whose record is fetched; gives Chalice's new record."""
    _chalice(stage, "deploy")
    kept = _record_file(stage).read_bytes()
    stage.client("s3").put_object(Bucket=told["DeploymentBucket"], Key=_record_key(stage), Body=kept)
    return _record(stage)


def delete(stage: Stage, told: Mapping[str, str]) -> None:
    """Delete what Chalice made for ``stage``, and the record of it."""
    lay_out(stage, told, layer="")
    if fetch_record(stage, told):
        _chalice(stage, "delete")
        stage.client("s3").delete_object(Bucket=told["DeploymentBucket"], Key=_record_key(stage))


def _record(stage: Stage) -> dict[str, Any]:
    content = json.loads(_record_file(stage).read_text())
    return {made["name"]: made for made in content.get("resources", [])}


def lay_out(stage: Stage, told: Mapping[str, str], layer: str) -> None:
    """The project for Chalice: the sources as they are, policies and configuration with what the stage's own are."""
    for part in PARTS:
        source, goal = ROOT / part, stage.folder / part
        if source.is_dir():
            shutil.rmtree(goal, ignore_errors=True)
            shutil.copytree(source, goal, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, goal)
    _lay_out_policies(stage)
    written = stage.folder / ".chalice" / "config.json"
    written.touch(mode=0o600)  # it holds the stage's secrets
    written.write_text(json.dumps(configuration(stage, told, layer), indent=1))


def _lay_out_policies(stage: Stage) -> None:
    folder = stage.folder / ".chalice" / "policies"
    folder.mkdir(parents=True, exist_ok=True)
    for name, policy in policies.written().items():
        (folder / f"{name}.json").write_text(json.dumps(policies.filled_in(policy, stage.names)))


def configuration(stage: Stage, told: Mapping[str, str], layer: str) -> dict[str, Any]:
    """``.chalice/config.json`` with what only the stack knows; what the repository says of a stage goes first."""
    content = config()
    own = content["stages"][stage.name]
    known = {
        **stateful.environment(told),
        **secrets.environment(stage, own.get("environment_variables", {})),
        "STAGE": stage.name,
        "INDEXER_FUNCTION": stage.function("indexer"),
        "APP_VERSION": _version(),
    }
    own["environment_variables"] = {**known, **own.get("environment_variables", {})}
    if layer:
        own.setdefault("lambda_functions", {}).setdefault("scrape_worker", {})["layers"] = [layer]
    return content


def _version() -> str:
    """Of what is deployed: the commit, which says more than a number that somebody has to raise."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"


def _chalice(stage: Stage, verb: str) -> None:
    command = [str(Path(sys.executable).with_name("chalice")), "--project-dir", str(stage.folder), verb]
    environment = {**os.environ, "AWS_DEFAULT_REGION": stage.region}
    done = subprocess.run(
        [*command, "--stage", stage.name], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        log = stage.folder / "chalice.log"
        log.write_text(done.stdout + done.stderr)
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()] or ["no output"]
        raise Trouble(f"chalice {verb} failed: {said[-1].strip()[:300]} (all of it: {log}); mend it and deploy again")


def _record_file(stage: Stage) -> Path:
    kept: Path = stage.folder / ".chalice" / "deployed" / f"{stage.name}.json"
    return kept


def _record_key(stage: Stage) -> str:
    return f"deployed/{stage.name}.json"


def fetch_record(stage: Stage, told: Mapping[str, str]) -> dict[str, Any]:
    """What Chalice made at the last deployment, by its name there; empty before the first one was finished."""
    kept = _record_file(stage)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.unlink(missing_ok=True)
    client = stage.client("s3")
    try:
        kept.write_bytes(client.get_object(Bucket=told["DeploymentBucket"], Key=_record_key(stage))["Body"].read())
    except client.exceptions.NoSuchKey:
        return {}
    return _record(stage)
