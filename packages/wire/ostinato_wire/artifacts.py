"""Artifacts: what runs leave for people to see, and the latest one of each key."""

import re
from enum import StrEnum
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import AfterValidator

from ostinato_wire.base import Changes, Json, UtcTime, WireModel
from ostinato_wire.filters import AnyId, AnyOrNotText, NameFilter, OperatorFilter
from ostinato_wire.queries import RunsWhere, Slice

MAX_METADATA_LENGTH = 500
"""Characters of a value of an artifact's metadata; longer ones are cut."""

_KEY = re.compile(r"[a-z0-9-]*")


def _check_key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError("Artifact key must only contain lowercase letters, numbers, and dashes.")
    return key


def _cut(metadata: dict[str, str]) -> dict[str, str]:
    most = MAX_METADATA_LENGTH
    return {name: value[:most] + "..." if len(value) > most else value for name, value in metadata.items()}


ArtifactKey: TypeAlias = Annotated[str, AfterValidator(_check_key)]
ArtifactMetadata: TypeAlias = Annotated[dict[str, str], AfterValidator(_cut)]


class ArtifactCreate(WireModel):
    """Body of `POST /artifacts/`: with a key, it becomes the latest of its key."""

    key: ArtifactKey | None = None
    type: str | None = None
    description: str | None = None
    data: Json = None
    metadata_: ArtifactMetadata | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class ArtifactUpdate(Changes):
    """Body of `PATCH /artifacts/{id}`."""

    data: Json = None
    description: str | None = None
    metadata_: ArtifactMetadata | None = None


class Artifact(WireModel):
    """A stored artifact; `GET /artifacts/{key}/latest` answers the collection of the key in this shape."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    key: str | None = None
    type: str | None = None
    description: str | None = None
    data: Json = None
    metadata_: dict[str, str] | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class ArtifactCollection(WireModel):
    """The artifacts of a key, showing the latest: `created` is that of the first."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    key: str
    latest_id: UUID
    type: str | None = None
    description: str | None = None
    data: Json = None
    metadata_: dict[str, str] | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class KeyFilter(NameFilter):
    """Keys as names, or whether there is a key at all."""

    exists_: bool | None = None


class ArtifactContentFilter(OperatorFilter):
    """What artifacts and collections are filtered by alike."""

    key: KeyFilter | None = None
    flow_run_id: AnyId | None = None
    task_run_id: AnyId | None = None
    type: AnyOrNotText | None = None


class ArtifactFilter(ArtifactContentFilter):
    """Which artifacts."""

    id: AnyId | None = None


class ArtifactCollectionFilter(ArtifactContentFilter):
    """Which collections."""

    latest_id: AnyId | None = None


class ArtifactSort(StrEnum):
    """Orders of a list of artifacts or collections."""

    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    ID_DESC = "ID_DESC"
    KEY_DESC = "KEY_DESC"
    KEY_ASC = "KEY_ASC"


class ArtifactsWhere(RunsWhere):
    """Body of `POST /artifacts/count`."""

    artifacts: ArtifactFilter | None = None


class ArtifactsQuery(ArtifactsWhere, Slice):
    """Body of `POST /artifacts/filter`."""

    sort: ArtifactSort = ArtifactSort.ID_DESC


class ArtifactCollectionsWhere(RunsWhere):
    """Body of `POST /artifacts/latest/count`."""

    artifacts: ArtifactCollectionFilter | None = None


class ArtifactCollectionsQuery(ArtifactCollectionsWhere, Slice):
    """Body of `POST /artifacts/latest/filter`."""

    sort: ArtifactSort = ArtifactSort.ID_DESC
