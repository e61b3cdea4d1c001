"""Pages of the log lines of a run as people read them: in either direction from a place, searched a part at a time.

An extension of the wire: `/logs/filter` pages by offset, which costs more the further one reads.
"""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from ostinato_wire.base import UtcTime, WireModel
from ostinato_wire.filters import TextSearch
from ostinato_wire.logs import Level, Log, LogSort
from ostinato_wire.paging import DEFAULT_LIMIT

MOST_LINES = 1000


class LogPlace(WireModel):
    """A place among lines, which are in the order of their time and id; a line's own, or one between lines."""

    timestamp: UtcTime
    id: UUID


class LogPageQuery(WireModel):
    """Body of `POST /ui/logs/page`: the lines of a flow run, or of one of its task runs, that fit all criteria.

    `without_task`: only what the flow itself logged. `level` is the lowest. `pattern` is a regular expression of RE2
    that the message must hold somewhere, in any case. `after` is the place in the order of `sort` behind which the page
    begins.
    """

    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None
    without_task: bool = False
    level: Level | None = None
    text: TextSearch | None = None
    pattern: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    sort: LogSort = LogSort.TIMESTAMP_ASC
    after: LogPlace | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_LINES)] = DEFAULT_LIMIT

    @model_validator(mode="after")
    def _is_of_a_run(self) -> Self:
        if self.flow_run_id is None and self.task_run_id is None:
            raise ValueError("say whose lines: flow_run_id or task_run_id")
        return self

    @property
    def is_searched(self) -> bool:
        """Whether there are criteria that no index knows."""
        return self.without_task or self.level is not None or self.text is not None or self.pattern is not None


class LogPage(WireModel):
    """Lines, and the names of the task runs that wrote them.

    `next` is where to go on: a page may be short, or empty, because the search has taken its time. Null at the end.
    """

    lines: list[Log]
    task_run_names: dict[UUID, str]
    next: LogPlace | None = None
