"""What Chalice leaves undone at the functions: temporary disks, and the logs of the API's handler."""

from __future__ import annotations

from local.deploying import declared
from local.deploying.stage import Stage, config


def finish(stage: Stage) -> None:
    """Give functions the temporary disk they are declared with, and every log group of the stage its retention."""
    functions = stage.client("lambda")
    for name, size in declared.storage().items():
        functions.update_function_configuration(FunctionName=stage.function(name), EphemeralStorage={"Size": size})
        functions.get_waiter("function_updated_v2").wait(FunctionName=stage.function(name))
    for group in log_groups(stage):
        _keep_for(stage, group, retention(stage))


def retention(stage: Stage) -> int:
    """Days that the logs of ``stage`` are kept."""
    content = config()
    days: int = content["stages"][stage.name].get("log_retention_in_days", content["log_retention_in_days"])
    return days


def log_groups(stage: Stage) -> list[str]:
    """Log groups that Chalice does not see to: it gives the API's handler another name in them than Lambda does."""
    return [f"/aws/lambda/{stage.function('api_handler')}", f"/aws/apigateway/{stage.stack}"]


def _keep_for(stage: Stage, group: str, days: int) -> None:
    logs = stage.client("logs")
    found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    if group not in [one["logGroupName"] for one in found]:
        logs.create_log_group(logGroupName=group)
    logs.put_retention_policy(logGroupName=group, retentionInDays=days)
