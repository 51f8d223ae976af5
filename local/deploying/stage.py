"""Which stage is worked on, where, and what its things are called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.places import BUILD, ROOT
from local.trouble import Trouble

APP = "shelfwatch"
CONFIG = ROOT / ".chalice" / "config.json"
PARAMETERS = ROOT / ".chalice" / "stages.yaml"


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
        """A boto3 client in the stage's region."""
        return boto3.client(service, region_name=self.region, config=Config(retries={"mode": "standard"}))  # type: ignore[call-overload]


def config() -> dict[str, Any]:
    """``.chalice/config.json``."""
    content: dict[str, Any] = json.loads(CONFIG.read_text())
    return content


def open_stage(name: str) -> Stage:
    """The stage called ``name`` in the account that the credentials belong to.

    ``Trouble``, in one line, when there is no such stage, no region, or no valid credentials.
    """
    stages = config()["stages"]
    if name not in stages:
        raise Trouble(f"there is no stage {name!r} in .chalice/config.json: it has {', '.join(sorted(stages))}")
    region = boto3.Session().region_name
    if not region:
        raise Trouble("no region is set: export AWS_DEFAULT_REGION=eu-west-2, or choose a profile with AWS_PROFILE")
    parameters = yaml.safe_load(PARAMETERS.read_text()).get(name) or {}
    return Stage(name, region, _account(region), {"Stage": name, **parameters})


def _account(region: str) -> str:
    try:
        account: str = boto3.client("sts", region_name=region).get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise Trouble(f"AWS takes no credentials from here: run aws configure or set AWS_PROFILE ({error})") from None
    return account
