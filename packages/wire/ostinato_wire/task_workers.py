"""Workers of background tasks."""

from ostinato_wire.base import UtcTime, WireModel


class TaskWorkerFilter(WireModel):
    """Workers that serve any of the tasks; an empty list restricts nothing."""

    task_keys: list[str]


class TaskWorkersQuery(WireModel):
    """Body of `POST /task_workers/filter`."""

    task_worker_filter: TaskWorkerFilter | None = None


class TaskWorker(WireModel):
    """A connected worker; `timestamp` is when it was last known to be there."""

    identifier: str
    task_keys: list[str]
    timestamp: UtcTime
