"""`Event`: what happened to which resource. A resource is a set of labels, one of them its id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import ItemsView, KeysView, Mapping
from datetime import UTC, datetime
from uuid import UUID

from pydantic import Field, RootModel
from uuid_utils.compat import uuid7

from ostinato.events.outbox import to_json
from ostinato_wire import events as wire
from ostinato_wire.base import UtcTime
from ostinato_wire.events import MAXIMUM_RELATED_RESOURCES, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

__all__ = ["Event", "ReceivedEvent", "RelatedResource", "Resource", "ResourceSpecification"]

ResourceSpecification = wire.ResourceSpecification


class Labelled(RootModel[dict[str, str]]):
    """Labels by name, read as from a mapping."""

    def __getitem__(self, label: str) -> str:
        return self.root[label]

    def __contains__(self, label: object) -> bool:
        return label in self.root

    def __len__(self) -> int:
        return len(self.root)

    def get(self, label: str, default: str | None = None) -> str | None:
        """Return the value of a label, or `default`."""
        return self.root.get(label, default)

    def keys(self) -> KeysView[str]:
        """Return the names of the labels."""
        return self.root.keys()

    def items(self) -> ItemsView[str, str]:
        """Return the labels."""
        return self.root.items()

    @property
    def labels(self) -> dict[str, str]:
        """The labels."""
        return self.root

    @property
    def id(self) -> str:
        """What the label `prefect.resource.id` says."""
        return self.root[RESOURCE_ID]

    @property
    def name(self) -> str | None:
        """What the label `prefect.resource.name` says, if it is there."""
        return self.root.get(RESOURCE_NAME)

    def has_all_labels(self, labels: Mapping[str, str]) -> bool:
        """Whether each of `labels` is here with this very value."""
        return labels.items() <= self.root.items()

    def object_id(self, kind: str) -> UUID:
        """Return the id of the object that a resource `<kind>.<id>` is; `kind` is such as `prefect.flow-run`.

        Raises ValueError for a resource of another kind.
        """
        prefix = f"{kind}."
        if not self.id.startswith(prefix):
            raise ValueError(f"The resource {self.id!r} is no {kind}.")
        return UUID(self.id.removeprefix(prefix))


class Resource(Labelled):
    """What an event is about; the label `prefect.resource.id` is required."""

    root: wire.Resource


class RelatedResource(Labelled):
    """What else had a part in an event; the labels `prefect.resource.id` and `prefect.resource.role` are required."""

    root: wire.RelatedResource

    @property
    def role(self) -> str:
        """What the label `prefect.resource.role` says."""
        return self.root[RESOURCE_ROLE]


def _now() -> datetime:
    return datetime.now(UTC)


class Event(wire.Event):
    """What happened, to which resource, and which others had a part in it. Made now, unless told otherwise."""

    occurred: UtcTime = Field(default_factory=_now)
    resource: Resource  # pyright: ignore[reportIncompatibleVariableOverride] - the labels, with names for some
    related: list[RelatedResource] = Field(  # pyright: ignore[reportIncompatibleVariableOverride] - as above
        default_factory=list[RelatedResource], max_length=MAXIMUM_RELATED_RESOURCES
    )
    id: UUID = Field(default_factory=uuid7)

    @property
    def involved_resources(self) -> list[Labelled]:
        """The resource and those related to it."""
        return [self.resource, *self.related]

    @property
    def resource_in_role(self) -> dict[str, RelatedResource]:
        """The first related resource of each role."""
        return {role: resources[0] for role, resources in self.resources_in_role.items()}

    @property
    def resources_in_role(self) -> dict[str, list[RelatedResource]]:
        """The related resources by role."""
        found: dict[str, list[RelatedResource]] = defaultdict(list)
        for resource in self.related:
            found[resource.role].append(resource)
        return found

    def find_resource_label(self, label: str) -> str | None:
        """Return the value of a label of the resource; of a related one as `role:label`. None if there is none."""
        role, colon, name = label.partition(":")
        if not colon:
            return self.resource.get(label)
        return next((value for one in self.resources_in_role[role] if (value := one.get(name)) is not None), None)

    @property
    def size_bytes(self) -> int:
        """The bytes of the event as JSON."""
        return len(to_json(self.model_dump(mode="python")) or b"")


class ReceivedEvent(Event):
    """An event with the time at which the server took it in."""

    received: UtcTime
