"""Small commands for the stack of ``make run``: stop, start, deploy, inbox, logs, scrape, api, preview."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from local import following
from local.emulator import inbox
from local.observing import dead_letters, log_lines
from local.operating.stage import LOCAL, enter
from local.places import PYTHON, ROOT, Place, run_place, test_place
from local.processes import is_ready, start, stop, wait_ready
from local.stack import put_app, services
from local.trouble import Trouble, exits


def stop_servers(place: Place, name: str) -> int:
    """Stop the server ``name``, or all of them, those of the tests too."""
    places = (place,) if name else (place, test_place())
    for service in [service for each in places for service in services(each) if name in ("", service.name)]:
        if stop(service, keep_temporary=bool(name)):
            _say(f"stopped {service.name}")
    return 0


def start_server(place: Place, name: str) -> int:
    """Start the stopped server ``name`` again, beside the others."""
    for service in services(place):
        if service.name == name:
            start(service, outlives=True)
            wait_ready(service)
            _say(f"{name} is up on port {service.port}")
            return 0
    raise Trouble(f"SERVER must be one of {', '.join(service.name for service in services(place))}")


def deploy_app(place: Place, _: str) -> int:
    """Package the app and deploy it to the servers that are up already; print the URL and the key."""
    found = put_app(place)
    _say(f"API    {found.url}\nkey    {found.key}")
    return 0


def show_inbox(place: Place, _: str) -> int:
    """Print the texts."""
    _demand_running(place)
    for text in inbox(place):
        _say(f"{text['PhoneNumber']}: {text['Message']}")
    return 0


def show_logs(place: Place, function: str) -> int:
    """Print the functions' latest log lines, and the dead letters with their reasons."""
    _demand_running(place)
    for line in [*log_lines(place, function), *dead_letters(place)]:
        _say(line)
    return 0


def read_shops(place: Place, _: str) -> int:
    """Call the scrape schedule's function."""
    _demand_running(place)
    following.scrape(place)
    _say("the shop is being read; make inbox shows the texts")
    return 0


def preview(place: Place, _: str) -> int:
    """Print what the wish on the command line would match now: POSTCODE NAME DISCOUNT."""
    _as_the_api(place)
    from chalicelib.pipeline.previewing import main as previewing

    return previewing(sys.argv[2:])


def serve_api(place: Place, _: str) -> int:
    """Become ``chalice local`` with the environment of the deployed API function."""
    _as_the_api(place)
    os.chdir(ROOT)
    chalice = str(PYTHON.with_name("chalice"))
    os.execv(chalice, [chalice, "local", "--stage", "local", "--host", "127.0.0.1", "--port", str(place.api_port)])


def _as_the_api(place: Place) -> None:
    """Take on the environment of the deployed API function."""
    _demand_running(place)
    enter(LOCAL)


COMMANDS: dict[str, Callable[[Place, str], int]] = {
    "stop": stop_servers,
    "start": start_server,
    "deploy": deploy_app,
    "inbox": show_inbox,
    "logs": show_logs,
    "scrape": read_shops,
    "api": serve_api,
    "preview": preview,
}


def main() -> int:
    """``python -m local.helpers COMMAND [NAME]``."""
    command, name = (*sys.argv[1:3], "", "")[:2]
    if command not in COMMANDS:
        raise Trouble(f"the commands are {', '.join(COMMANDS)}")
    return COMMANDS[command](run_place(), name)


def _demand_running(place: Place) -> None:
    if not is_ready(services(place)[0]):
        raise Trouble("the local stack is not running: make run")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    exits(main)()
