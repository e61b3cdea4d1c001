"""One thing to be copied, the server that it is copied to, and how that went."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import httpx
from pydantic import ValidationError

from ostinato.client.errors import ObjectAlreadyExists, OstinatoHTTPStatusError
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.exceptions import OstinatoError

CLIENT_FAULTS = range(400, 500)


class Status(StrEnum):
    """How the copy of an item went."""

    MADE = "made"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """How the copy of an item went, and why it was skipped or failed."""

    label: str
    status: Status
    details: str = ""


class Skip(OstinatoError):
    """There is no need, or no way, to copy an item; the text says why."""


class NotTransferred(OstinatoError):
    """An item names another that is not on the target."""


@dataclass(frozen=True)
class Item:
    """A thing of the source: its id there, its kind and name, and what makes it on the target.

    `make` notes the id on the target also where the thing is there already: then it raises Skip.
    """

    id: UUID
    label: str
    make: "Callable[[Target], None]"


class Target:
    """The server that is copied to, and under which id each copied thing is known there."""

    def __init__(self, client: SyncOstinatoClient, items: Iterable[Item]) -> None:
        self.client = client
        self.ids: dict[UUID, UUID] = {}
        self._labels = {item.id: item.label for item in items}
        self._left_out: set[UUID] = set()

    def id_of(self, source_id: UUID) -> UUID:
        """Return the id on the target. Raises NotTransferred, or Skip for a thing that was left out on purpose."""
        found = self.ids.get(source_id)
        if found is not None:
            return found
        label = self._labels.get(source_id, str(source_id))
        if source_id in self._left_out:
            raise Skip(f"needs {label}, which was skipped")
        raise NotTransferred(f"It needs {label}, which is not on the target.")

    def known(self, source_id: UUID, target_id: UUID) -> None:
        """Note under which id a thing is known on the target."""
        self.ids[source_id] = target_id

    def left_out(self, item: Item) -> None:
        """Note that a thing is not copied on purpose, unless it is there already."""
        if item.id not in self.ids:
            self._left_out.add(item.id)


EXISTS = "exists already"


def copy(item: Item, target: Target) -> Outcome:
    """Make an item on the target. What is wrong with one item is its outcome; a server that is away is raised."""
    try:
        item.make(target)
    except Skip as reason:
        target.left_out(item)
        return Outcome(item.label, Status.SKIPPED, str(reason))
    except ObjectAlreadyExists:
        return Outcome(item.label, Status.SKIPPED, EXISTS)
    except (NotTransferred, ValidationError) as error:
        return Outcome(item.label, Status.FAILED, _line(error))
    except OstinatoHTTPStatusError as error:
        return _refused(item, error)
    return Outcome(item.label, Status.MADE)


def _refused(item: Item, error: OstinatoHTTPStatusError) -> Outcome:
    if error.status not in CLIENT_FAULTS or error.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise error
    return Outcome(item.label, Status.FAILED, _line(error))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
