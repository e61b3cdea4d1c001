"""Variables: named values that flows and deployments read."""

import json
import re
from enum import StrEnum
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, Field

from ostinato_wire.base import Changes, Json, UtcTime, WireModel
from ostinato_wire.filters import AllTags, AnyId, NameFilter, OperatorFilter
from ostinato_wire.queries import Slice

MAX_VALUE_LENGTH = 5000
"""Characters of a value's JSON text, at most."""

_NAME = re.compile(r"[a-z0-9_-]*")


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("Variable name must only contain lowercase letters, numbers, and dashes or underscores.")
    return name


def _check_value(value: Json) -> Json:
    if len(json.dumps(value)) > MAX_VALUE_LENGTH:
        raise ValueError(f"Variable value must be less than {MAX_VALUE_LENGTH} characters")
    return value


VariableName: TypeAlias = Annotated[str, Field(max_length=255), AfterValidator(_check_name)]
VariableValue: TypeAlias = Annotated[Json, AfterValidator(_check_value)]


class VariableCreate(WireModel):
    """Body of `POST /variables/`."""

    name: VariableName
    value: VariableValue
    tags: list[str] = Field(default_factory=list)


class VariableUpdate(Changes):
    """Body of `PATCH /variables/{id}` and `/variables/name/{name}`; a name or tags of null are refused."""

    name: VariableName | None = None
    value: VariableValue = None
    tags: list[str] | None = None


class Variable(WireModel):
    """A stored variable."""

    id: UUID
    created: UtcTime | None
    updated: UtcTime | None
    name: str
    value: Json
    tags: list[str] = Field(default_factory=list)


class VariableFilter(OperatorFilter):
    """Which variables."""

    id: AnyId | None = None
    name: NameFilter | None = None
    tags: AllTags | None = None


class VariableSort(StrEnum):
    """Orders of a list of variables."""

    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"
    NAME_DESC = "NAME_DESC"
    NAME_ASC = "NAME_ASC"


class VariablesWhere(WireModel):
    """Body of `POST /variables/count`."""

    variables: VariableFilter | None = None


class VariablesQuery(VariablesWhere, Slice):
    """Body of `POST /variables/filter`."""

    sort: VariableSort = VariableSort.NAME_ASC
