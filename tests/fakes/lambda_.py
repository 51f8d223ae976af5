"""Lambda's event source mappings in memory, with AWS's habits: a mapping settles slowly, a stream has one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.fakes.dynamodb import refusal

SETTLED = {"Creating": "Enabled", "Enabling": "Enabled", "Updating": "Enabled", "Disabling": "Disabled"}


class FakeLambda:
    """The client.  ``fault`` works as in ``FakeDynamoDB``; with ``lenient`` a stream may have two mappings."""

    def __init__(self, lenient: bool = False) -> None:
        self.mappings: dict[str, dict[str, Any]] = {}
        self.calls: Counter[str] = Counter()
        self.fault: Callable[[str, str], None] = lambda operation, moment: None
        self.lenient = lenient
        self.slow = False
        """Whether mappings stay in their passing states until ``settle``."""

    def settle(self) -> None:
        """Let AWS finish what it is doing."""
        for uuid, mapping in list(self.mappings.items()):
            if mapping["State"] == "Deleting":
                del self.mappings[uuid]
            mapping["State"] = SETTLED.get(mapping["State"], mapping["State"])

    def list_event_source_mappings(
        self, FunctionName: str, MaxItems: int, EventSourceArn: str = "", Marker: str = "0"  # noqa: N803
    ) -> dict[str, Any]:
        self._begin("list_event_source_mappings")
        assert MaxItems <= 100
        listed = [
            dict(mapping)
            for mapping in self.mappings.values()
            if EventSourceArn in ("", mapping["EventSourceArn"]) and mapping["FunctionArn"].endswith(FunctionName)
        ]
        page = listed[int(Marker) : int(Marker) + MaxItems]
        rest = len(listed) > int(Marker) + MaxItems
        return {"EventSourceMappings": page} | ({"NextMarker": str(int(Marker) + MaxItems)} if rest else {})

    def create_event_source_mapping(self, **request: Any) -> dict[str, Any]:
        self._begin("create_event_source_mapping")
        stream, function = request["EventSourceArn"], request.pop("FunctionName")
        if not self.lenient and any(mapping["EventSourceArn"] == stream for mapping in self.mappings.values()):
            raise refusal("ResourceConflictException", "CreateEventSourceMapping")
        request.pop("Enabled")
        uuid = f"{self.calls['create_event_source_mapping']:08}"
        arn = f"arn:aws:lambda:eu-west-2:000000000000:function:{function}"
        self.mappings[uuid] = request | {"UUID": uuid, "FunctionArn": arn, "State": "Creating"}
        return self._done("create_event_source_mapping", uuid)

    def update_event_source_mapping(self, UUID: str, **request: Any) -> dict[str, Any]:  # noqa: N803
        self._begin("update_event_source_mapping")
        mapping = self._settled(UUID, "UpdateEventSourceMapping")
        enabled = request.pop("Enabled", mapping["State"] == "Enabled")
        self.mappings[UUID] = mapping | request | {"State": "Enabling" if enabled else "Disabling"}
        return self._done("update_event_source_mapping", UUID)

    def delete_event_source_mapping(self, UUID: str) -> dict[str, Any]:  # noqa: N803
        self._begin("delete_event_source_mapping")
        self._settled(UUID, "DeleteEventSourceMapping")["State"] = "Deleting"
        return self._done("delete_event_source_mapping", UUID)

    def _settled(self, uuid: str, operation: str) -> dict[str, Any]:
        if uuid not in self.mappings:
            raise refusal("ResourceNotFoundException", operation)
        if self.mappings[uuid]["State"] not in ("Enabled", "Disabled"):
            raise refusal("ResourceInUseException", operation)
        return self.mappings[uuid]

    def _begin(self, operation: str) -> None:
        self.calls[operation] += 1
        self.fault(operation, "before")

    def _done(self, operation: str, uuid: str) -> dict[str, Any]:
        answer = dict(self.mappings[uuid])
        if not self.slow:
            self.settle()
        self.fault(operation, "after")
        return answer
