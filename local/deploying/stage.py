"""Which stage is worked on, where, and what its things are called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.packaging import declared_stages, demand_stage
from local.places import BUILD, ROOT
from local.trouble import Trouble

APP = "shelfwatch"
CONFIG = ROOT / ".chalice" / "config.json"


@dataclass(frozen=True)
class Stage:
    """A stage of the app in one account and region; ``parameters`` are those of its stack."""

    name: str
    region: str
    account: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def stack(self) -> str:
        """Name of the stack of stateful resources."""
        return f"{APP}-{self.name}"

    @property
    def layer(self) -> str:
        """Name of the scrape worker's layer."""
        return f"{APP}-{self.name}-scraper"

    @property
    def bucket(self) -> str:
        """Name of the bucket that is deployed from."""
        return f"{self.stack}-{self.account}-{self.region}"

    @property
    def prefix(self) -> str:
        """What the names of its tables, queues and topic begin with."""
        return self.parameters.get("NamePrefix", "")

    @property
    def names(self) -> dict[str, str]:
        """What the policies leave open (``local.policies``), as CloudFormation calls it."""
        return {
            "Stage": self.name,
            "NamePrefix": self.prefix,
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
        }

    @property
    def folder(self) -> Any:
        """Where the project that Chalice deploys is laid out (a ``Path``)."""
        return BUILD / "deploying" / self.name

    def function(self, name: str) -> str:
        """The deployed name of a function; the API's handler is called as the app is."""
        return self.stack if name == "api_handler" else f"{self.stack}-{name}"

    def client(self, service: str) -> Any:
        """A boto3 client in the stage's region, patient enough for what AWS takes once in half a minute only.

        API Gateway is the slowest: DeleteRestApi each 30 s, UpdateUsagePlan each 20 s, CreateDeployment each 5 s (API
        Gateway developer guide, "Quotas for creating, deploying and managing an API").
        """
        patient = Config(retries={"mode": "standard", "total_max_attempts": 10})
        return boto3.client(service, region_name=self.region, config=patient)  # type: ignore[call-overload]


def config() -> dict[str, Any]:
    """``.chalice/config.json``."""
    content: dict[str, Any] = json.loads(CONFIG.read_text())
    return content


def open_stage(name: str) -> Stage:
    """The stage called ``name`` in the account that the credentials belong to.

    ``Trouble``, in one line, when there is no such stage, no region, or no valid credentials.
    """
    demand_stage(name)
    if name == "local":
        raise Trouble("local is the stage of make run, on this machine; give another one: STAGE=dev")
    parameters = declared_parameters(name)
    region = boto3.Session().region_name
    if not region:
        raise Trouble("no region is set: export AWS_DEFAULT_REGION=eu-west-2, or choose a profile with AWS_PROFILE")
    return Stage(name, region, _account(region), parameters)


def declared_parameters(name: str) -> dict[str, Any]:
    """The parameters of the stage's stack that ``.chalice/stages.yaml`` declares.

    ``Trouble`` where it has none, or the prefix of another stage, whose tables the two would share.
    """
    declared = declared_stages()
    if name not in declared:
        raise Trouble(f".chalice/stages.yaml has no line for {name}: add {name}: {{NamePrefix: {name}-}}")
    prefix = declared[name].get("NamePrefix", "")
    same = [other for other, its in declared.items() if other != name and its.get("NamePrefix", "") == prefix]
    if same:
        raise Trouble(f"{name} has the NamePrefix of {same[0]} ({prefix!r}) in .chalice/stages.yaml: give it its own")
    return declared[name]


def _account(region: str) -> str:
    try:
        account: str = boto3.client("sts", region_name=region).get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise Trouble(f"AWS takes no credentials from here: run aws configure or set AWS_PROFILE ({error})") from None
    return account
