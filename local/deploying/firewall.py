"""The firewall (AWS WAF) in front of the API, where the stage has one."""

from __future__ import annotations

from local.deploying.stage import Stage
from local.gateway import API_STAGE


def attach(stage: Stage, api: str, firewall: str) -> None:
    """Have the firewall with the ARN ``firewall`` judge every call to ``api``; empty: have none.  Safe to repeat."""
    rules = stage.client("wafv2")
    guarded = f"arn:aws:apigateway:{stage.region}::/restapis/{api}/stages/{API_STAGE}"
    present = rules.get_web_acl_for_resource(ResourceArn=guarded).get("WebACL", {}).get("ARN", "")
    if firewall and present != firewall:
        rules.associate_web_acl(WebACLArn=firewall, ResourceArn=guarded)
    elif present and not firewall:
        rules.disassociate_web_acl(ResourceArn=guarded)
