"""Log lines of runs."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import UtcTime, WireModel
from ostinato_wire.filters import AnyId, NullableId, OperatorFilter, TextSearch, TimeFilter

Level = Annotated[int, Field(ge=-(2**31), lt=2**31)]


class LogCreate(WireModel):
    """One line as a client ships it; `level` is the number of the standard library's logging levels."""

    name: str
    level: Level
    message: str
    timestamp: UtcTime
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class Log(LogCreate):
    """A stored line."""

    id: UUID
    created: UtcTime | None = None
    updated: UtcTime | None = None


class LevelFilter(WireModel):
    """A closed interval of levels."""

    ge_: Level | None = None
    le_: Level | None = None


class LogFilter(OperatorFilter):
    """Which log lines."""

    level: LevelFilter | None = None
    timestamp: TimeFilter | None = None
    flow_run_id: AnyId | None = None
    task_run_id: NullableId | None = None
    text: TextSearch | None = None


class LogSort(StrEnum):
    """Orders of a list of log lines."""

    TIMESTAMP_ASC = "TIMESTAMP_ASC"
    TIMESTAMP_DESC = "TIMESTAMP_DESC"
