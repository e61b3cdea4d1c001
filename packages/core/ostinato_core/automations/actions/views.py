"""What templates see of events, labels and objects: JSON whose members read as attributes (behaviour.md, 19.7)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from ostinato_core.states.rows import JsonDict
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE


class ResourceView(dict[str, str]):
    """The labels of a resource; its id, name and role have short names, too."""

    @property
    def id(self) -> str:
        """Its resource id."""
        return self[RESOURCE_ID]

    @property
    def name(self) -> str | None:
        """Its name, if it has one."""
        return self.get(RESOURCE_NAME)

    @property
    def role(self) -> str | None:
        """Its role in the event; the primary resource has none."""
        return self.get(RESOURCE_ROLE)


class EventView(dict[str, Any]):  # Any: members of an event are of many types
    """An event, with its times as times and its resources by their roles."""

    def __init__(self, event: Mapping[str, Any]) -> None:  # Any: as above
        super().__init__(event)
        self["occurred"] = as_time(event["occurred"])
        self["received"] = as_time(event["received"])
        self["resource"] = ResourceView(event["resource"])
        self["related"] = [ResourceView(resource) for resource in event["related"]]

    @property
    def involved_resources(self) -> list[ResourceView]:
        """The primary resource and the related ones."""
        return [self["resource"], *self["related"]]

    @cached_property
    def resource_in_role(self) -> dict[str, ResourceView]:
        """The first related resource of each role."""
        return {role: resources[0] for role, resources in self.resources_in_role.items()}

    @cached_property
    def resources_in_role(self) -> dict[str, list[ResourceView]]:
        """The related resources by their roles."""
        found: dict[str, list[ResourceView]] = {}
        for resource in self["related"]:
            found.setdefault(resource[RESOURCE_ROLE], []).append(resource)
        return found


class LabelsView(Mapping[str, Any]):  # Any: texts, and views of the labels that go on with a dot
    """Labels whose names may be written with dots: `labels.prefect.resource.id`."""

    def __init__(self, labels: Mapping[str, str], prefix: str = "") -> None:
        self._labels = labels
        self._prefix = prefix

    def __getitem__(self, name: str) -> Any:  # Any: as above
        whole = self._prefix + name
        if whole in self._labels:
            return self._labels[whole]
        if any(label.startswith(f"{whole}.") for label in self._labels):
            return LabelsView(self._labels, f"{whole}.")
        raise KeyError(name)

    def __iter__(self):
        return (label.removeprefix(self._prefix) for label in self._labels if label.startswith(self._prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __str__(self) -> str:
        return "" if self._prefix else str(dict(self._labels))


def firing_view(firing: JsonDict, trigger: JsonDict) -> JsonDict:
    """Return a stored firing, with those within it and its events, as templates see it."""
    event: JsonDict | None = firing["triggering_event"]
    return {
        "id": UUID(firing["id"]),
        "trigger": trigger_of(trigger, firing["trigger_id"]),
        "trigger_states": [firing["state"]],
        "triggered": as_time(firing["triggered"]),
        "triggering_labels": firing["triggering_labels"],
        "triggering_firings": [firing_view(each, trigger) for each in firing["firings"]],
        "triggering_event": None if event is None else EventView(event),
        "triggering_value": firing["triggering_value"],
    }


def all_firings(firing: JsonDict) -> list[JsonDict]:
    """Return a firing and all within it."""
    return [firing, *(inner for each in firing["triggering_firings"] for inner in all_firings(each))]


def all_events(firings: Sequence[JsonDict]) -> list[EventView]:
    """Return the triggering events of firings, each once."""
    events = [firing["triggering_event"] for firing in firings]
    return list({event["id"]: event for event in events if event is not None}.values())


def trigger_of(trigger: JsonDict, trigger_id: str) -> JsonDict | None:
    """Return the trigger of an id among a trigger and those within it; None where the automation has changed."""
    if str(trigger["id"]) == trigger_id:
        return trigger
    found = (trigger_of(each, trigger_id) for each in trigger.get("triggers", ()))
    return next((each for each in found if each is not None), None)


def as_time(moment: str | datetime) -> datetime:
    """Return a time that JSON holds as text."""
    return moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
