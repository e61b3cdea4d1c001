"""What can be asked of the register of task workers."""

from ostinato_core.states.rows import JsonDict
from ostinato_core.task_workers import repository
from ostinato_core.transaction import Transaction
from ostinato_wire.task_workers import TaskWorkersQuery


async def read_task_workers(tx: Transaction, query: TaskWorkersQuery) -> list[JsonDict]:
    """Return the connected workers, of all processes, that serve any of the keys: all of them without keys."""
    workers: dict[str, JsonDict] = {}
    for row in await repository.list_alive(tx):
        worker = workers.setdefault(
            row["identifier"],
            {"identifier": row["identifier"], "task_keys": [], "timestamp": row["last_contact"]},
        )
        worker["task_keys"] += [key for key in row["task_keys"] if key not in worker["task_keys"]]
        worker["timestamp"] = max(worker["timestamp"], row["last_contact"])
    wanted = set(query.task_worker_filter.task_keys) if query.task_worker_filter else set[str]()
    return [worker for worker in workers.values() if not wanted or wanted.intersection(worker["task_keys"])]
