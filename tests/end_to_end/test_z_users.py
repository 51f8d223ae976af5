"""A stage that switches to a Cognito user pool: the same stack, deployed again with two settings more.

After the tests that call with a key, which is no good from then on.
"""

from __future__ import annotations

import base64
import json
import shutil
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from system import System, refusal

from local.calling import Answer, call
from local.places import ROOT
from local.stack import STAGE, put_app

PASSWORD = "Long-enough-1"  # pragma: allowlist secret
WISH = {"Postcode": "SW1A 1AA", "ProductName": "Ground Coffee 500 g", "Discount": 20, "PhoneNumber": "+447700900123"}
PROJECT = ("app.py", "requirements.txt", "chalicelib", "vendor", ".chalice")
ROUTES = [("POST", "submitanewrequest"), ("GET", "listrequests"), ("DELETE", "deletearequest"), ("PUT", "update")]


@dataclass(frozen=True)
class User:
    """Somebody who signed in."""

    url: str
    token: str

    def ask(self, method: str, route: str, body: Any = None) -> Answer:
        """Call a route as this user."""
        return call(f"{self.url}/{route}", method, body, {"Authorization": self.token})

    def seen(self) -> list[str]:
        """Ids of the requests this user is shown."""
        return [request["RequestID"] for request in self.ask("GET", "listrequests").body["Requests"]]


@dataclass(frozen=True)
class Pool:
    """The users of the stage that ``url`` leads to."""

    cognito: Any
    id: str
    client: str
    url: str

    def sign_in(self, name: str) -> User:
        """A new user called ``name``, signed in."""
        self.cognito.admin_create_user(UserPoolId=self.id, Username=name, MessageAction="SUPPRESS")
        self.cognito.admin_set_user_password(UserPoolId=self.id, Username=name, Password=PASSWORD, Permanent=True)
        proven = self.cognito.admin_initiate_auth(
            UserPoolId=self.id,
            ClientId=self.client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        return User(self.url, proven["AuthenticationResult"]["IdToken"])


@pytest.fixture(scope="module")
def pool(system: System, tmp_path_factory: pytest.TempPathFactory) -> Pool:
    """The stack, deployed from a project whose stage has a user pool."""
    cognito = system.aws("cognito-idp")
    made = cognito.create_user_pool(PoolName="shoppers")["UserPool"]
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    client = cognito.create_user_pool_client(UserPoolId=made["Id"], ClientName="guide", ExplicitAuthFlows=flows)
    project = project_with(tmp_path_factory.mktemp("project"), ACCESS="cognito", USER_POOL_ARN=made["Arn"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("local.packaging.ROOT", project)
        deployed = put_app(system.place)
    return Pool(cognito, made["Id"], client["UserPoolClient"]["ClientId"], deployed.url)


def project_with(folder: Path, **settings: str) -> Path:
    """The project in ``folder``, with ``settings`` added to those of its stage."""
    for name in PROJECT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    config = json.loads((folder / ".chalice/config.json").read_text())
    config["stages"][STAGE]["environment_variables"] |= settings
    (folder / ".chalice/config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_a_key_is_no_good_where_users_sign_in(system: System, pool: Pool, method: str, route: str) -> None:
    assert refusal(f"{pool.url}/{route}", method, {"x-api-key": system.api.key}) == (401, "Unauthorized", None)


def test_a_token_that_somebody_changed_is_refused(pool: Pool) -> None:
    head, claims, signature = pool.sign_in("mallory").token.split(".")
    read = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(read | {"sub": "somebody else"}).encode()).decode().rstrip("=")
    token = f"{head}.{forged}.{signature}"
    assert refusal(f"{pool.url}/listrequests", headers={"Authorization": token}) == (401, "Unauthorized", None)


def test_users_see_change_and_delete_only_their_own(pool: Pool) -> None:
    ann, ben = pool.sign_in("ann"), pool.sign_in("ben")
    stored = ann.ask("POST", "submitanewrequest", WISH)
    assert stored.status == 201
    request_id = stored.body["RequestID"]
    assert (ann.seen(), ben.seen()) == ([request_id], [])
    for method, route, body in (
        ("PUT", "update", {"RequestID": request_id, "Discount": 1}),
        ("DELETE", "deletearequest", {"RequestID": request_id}),
    ):
        refused = ben.ask(method, route, body)
        assert (refused.status, refused.body["Code"]) == (404, "NotFound")
    assert ann.ask("PUT", "update", {"RequestID": request_id, "Discount": 1}).body["Discount"] == 1
    assert ann.ask("DELETE", "deletearequest", {"RequestID": request_id}).status == 200
    assert ann.seen() == []


def test_the_description_tells_callers_to_sign_in(pool: Pool) -> None:
    with urllib.request.urlopen(f"{pool.url}/openapi.json", timeout=60) as answer:
        described = json.loads(answer.read())
    assert list(described["components"]["securitySchemes"]) == ["IdToken"]
    assert "401" in described["paths"]["/update"]["put"]["responses"]
