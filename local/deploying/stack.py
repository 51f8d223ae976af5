"""The stateful resources of a stage: ``.chalice/resources.yaml`` as a CloudFormation stack of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping

from local import cloudformation
from local.deploying.stage import Stage
from local.packaging import read_template

NOT_FOR_FUNCTIONS = ("ApiFirewallArn", "DeploymentBucket")
"""Outputs that only the deployment itself needs."""
PATIENCE = 45 * 60
"""Seconds; a new OpenSearch domain takes twenty to thirty minutes."""


def deploy(stage: Stage) -> dict[str, str]:
    """Create or update the stack; gives its outputs."""
    template = read_template("resources.yaml")
    known = {name: str(value) for name, value in stage.parameters.items() if name in template["Parameters"]}
    body = {"TemplateBody": json.dumps(template, separators=(",", ":"))}
    return cloudformation.apply(stage.client("cloudformation"), stage.stack, body, known, PATIENCE)


def outputs(stage: Stage) -> dict[str, str]:
    """The outputs of the stack that is there.  ``Trouble`` where there is none."""
    return cloudformation.outputs(stage.client("cloudformation"), stage.stack)


def environment(told: Mapping[str, str]) -> dict[str, str]:
    """The settings that the outputs ``told`` give to the functions: ``ScrapeJobsQueueUrl`` is SCRAPE_JOBS_QUEUE_URL."""
    return {_setting(name): value for name, value in told.items() if name not in NOT_FOR_FUNCTIONS}


def _setting(output: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in output).lstrip("_")
