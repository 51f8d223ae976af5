"""The app packaged exactly as for AWS: ``chalice package`` with the repository's own resources and overrides merged in.

Nothing is packaged again while its sources are the same.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local import policies
from local.places import BUILD, PACKAGES, REGION, ROOT
from local.stamps import content_hash, fresh, stamp
from local.trouble import Trouble

SOURCES = (
    "app.py", "chalicelib", "requirements.txt", "vendor",
    ".chalice/config.json", ".chalice/policies", ".chalice/stages.yaml",
)  # fmt: skip
MERGED = (".chalice/resources.yaml", ".chalice/overrides.yaml")
KEPT = 3
"""Packages that stay under build/packages, the newest first."""


@dataclass(frozen=True)
class Package:
    """A packaged stage: the CloudFormation template and the one zip that every function runs from."""

    template: Path
    code: Path


def package(stage: str) -> Package:
    """The package of ``stage``, made again only when its sources have changed.

    ``Trouble`` where there is no such stage, or Chalice refuses.
    """
    demand_stage(stage)
    sources = [ROOT / source for source in (*SOURCES, *MERGED)]
    digest = content_hash(*sources, extra=f"{stage} {sys.version_info[:2]}")
    folder = PACKAGES / f"{stage}-{digest[:16]}"
    made = Package(folder / "sam.json", folder / "deployment.zip")
    if not fresh(folder / "stamp", digest):
        _make(stage, folder)
        stamp(folder / "stamp", digest)
        _remove_old(stage)
    os.utime(folder)
    return made


def demand_stage(name: str) -> None:
    """``Trouble`` where ``.chalice/config.json`` has no stage called ``name``."""
    known = json.loads((ROOT / ".chalice/config.json").read_text())["stages"]
    if name not in known:
        raise Trouble(f"there is no stage {name!r} in .chalice/config.json: it has {', '.join(sorted(known))}")


def declared_stages() -> dict[str, dict[str, Any]]:
    """Stage → the parameters of its stack, as ``.chalice/stages.yaml`` declares them."""
    declared: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / ".chalice/stages.yaml").read_text())
    return {name: {"Stage": name, **parameters} for name, parameters in declared.items()}


def merged_template() -> dict[str, Any]:
    """Resources and overrides as one template, the overrides winning."""
    merged: dict[str, Any] = {}
    for name in MERGED:
        merged = deep_merge(merged, read_template(Path(name).name))
    return merged


def read_template(name: str) -> dict[str, Any]:
    """One of the templates under ``.chalice/``, short forms read as long ones."""
    content: dict[str, Any] = yaml.load((ROOT / ".chalice" / name).read_text(), Loader=_TemplateLoader)
    return content


def deep_merge(under: Any, over: Any) -> Any:
    """``over`` on top of ``under``: mappings are merged key by key, everything else is replaced."""
    if not (isinstance(under, Mapping) and isinstance(over, Mapping)):
        return over
    return {**under, **{key: deep_merge(under[key], value) if key in under else value for key, value in over.items()}}


def _make(stage: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    merge = folder / "merge.json"
    merge.write_text(json.dumps(merged_template(), indent=1))
    chalice = str(Path(sys.executable).with_name("chalice"))
    command = [chalice, "package", "--stage", stage, "--merge-template", str(merge), str(folder)]
    environment = {**os.environ, "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", REGION)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        log = BUILD / "packages" / "chalice.log"
        log.write_text(done.stdout + done.stderr)
        said = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise Trouble(f"chalice package failed: {said[-1][:300]} (see {log})")
    _finish(folder / "sam.json", stage)


def _finish(file: Path, stage: str) -> None:
    """What cannot be merged: the stage's own parameters as defaults, and policies whose open names are left to
    CloudFormation (Chalice copies them as they are)."""
    template = json.loads(file.read_text())
    for name, value in declared_stages().get(stage, {"Stage": stage}).items():
        template["Parameters"][name]["Default"] = value
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            resource["Properties"]["Policies"] = policies.for_template(resource["Properties"]["Policies"])
    file.write_text(json.dumps(template, indent=2))


def _remove_old(stage: str) -> None:
    folders = sorted(PACKAGES.glob(f"{stage}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


class _TemplateLoader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms (``!Sub`` …) read as their long ones."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        raise Trouble(f"!{suffix} takes a text or a list: {node.start_mark}")
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_TemplateLoader.add_multi_constructor("!", _short_form)


def main() -> int:
    """``python -m local.packaging STAGE``: prints where the package is."""
    made = package(sys.argv[1] if len(sys.argv) > 1 else "dev")
    size = made.code.stat().st_size / 1_000_000
    sys.stdout.write(f"{made.template}\n{made.code} ({size:.1f} MB)\n")
    return 0


if __name__ == "__main__":
    from local.trouble import exits

    exits(main)()
