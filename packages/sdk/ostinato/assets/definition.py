"""`Asset`: a thing that tasks make, a table or a file, under the URI that is its key."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ostinato.exceptions import MissingContextError
from ostinato_wire.events import RESOURCE_ID, RESOURCE_NAME

# Any below: JSON.

MAXIMUM_KEY = 512
_URI = re.compile(r"^[a-z0-9]+://")
_FORBIDDEN = re.compile(r"""[\s\x00#?&%"'<>\[\]{}|\\^`]""")


def _checked_key(key: str) -> str:
    if not _URI.match(key):
        raise ValueError("The key of an asset is a URI, such as s3://bucket/folder/file.csv.")
    if len(key) > MAXIMUM_KEY:
        raise ValueError(f"The key of an asset has {MAXIMUM_KEY} characters at most, got {len(key)}.")
    if found := _FORBIDDEN.search(key):
        raise ValueError(f"The key of an asset cannot contain {found.group()!r}.")
    return key


class AssetProperties(BaseModel):
    """What people are told of an asset."""

    model_config = ConfigDict(frozen=True)

    name: str | None = None
    url: str | None = None
    description: Annotated[str, Field(max_length=2500)] | None = None
    owners: tuple[str, ...] | None = None


class Asset(BaseModel):
    """Something that tasks make. `key` is a URI; two are the same if their keys are."""

    model_config = ConfigDict(frozen=True)

    key: Annotated[str, AfterValidator(_checked_key)]
    properties: AssetProperties | None = None

    def add_metadata(self, metadata: dict[str, Any]) -> None:
        """Tell more of what the task that is running makes; JSON values. As `add_asset_metadata`."""
        add_asset_metadata(self, metadata)

    def as_resource(self) -> dict[str, str]:
        """Return the labels of the asset as the resource of an event."""
        told = self.properties or AssetProperties()
        labels = {
            RESOURCE_ID: self.key,
            RESOURCE_NAME: told.name,
            "prefect.asset.description": told.description,
            "prefect.asset.url": told.url,
            "prefect.asset.owners": json.dumps(told.owners) if told.owners is not None else None,
        }
        return {name: value for name, value in labels.items() if value is not None}


def as_asset(given: Asset | str) -> Asset:
    """Return an asset given as itself or by its key."""
    return given if isinstance(given, Asset) else Asset(key=given)


def add_asset_metadata(asset: Asset | str, metadata: dict[str, Any]) -> None:
    """Tell more of an asset that the task around this call makes; its event carries `metadata`, JSON values.

    Later calls add to earlier ones. Raises MissingContextError outside of a task run, ValueError for an asset that is
    not one of the task's.
    """
    from ostinato.context import TaskRunContext

    context = TaskRunContext.get()
    if context is None:
        raise MissingContextError("Metadata of assets can be added inside of a task run only.")
    key = asset.key if isinstance(asset, Asset) else asset
    made = {asset.key for asset in context.task.assets}
    if key not in made:
        raise ValueError(f"The task {context.task.name!r} does not make {key!r}, so it has nothing to tell of it.")
    context.asset_metadata.setdefault(key, {}).update(metadata)
