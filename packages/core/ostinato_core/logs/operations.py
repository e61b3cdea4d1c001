"""What can be done with log lines."""

from collections.abc import Sequence

from ostinato_core.ids import new_row_ids
from ostinato_core.logs import repository
from ostinato_core.logs.live import publish
from ostinato_core.logs.rows import log_json
from ostinato_core.states.rows import JsonDict
from ostinato_core.transaction import Columns, Transaction
from ostinato_wire.logs import LogCreate
from ostinato_wire.queries import LogsQuery


async def create_logs(tx: Transaction, lines: Sequence[LogCreate], *, live: bool = False) -> None:
    """Store lines, without NUL characters. Whether their runs exist is not asked.

    `live`: pass them on to those who follow lines as they come, once they are committed.
    """
    if not lines:
        return
    columns = _columns(lines)
    await repository.insert_all(tx, columns)
    if live:
        tx.after_commit(lambda: publish(tx.workspace_id, columns))


async def read_logs(tx: Transaction, query: LogsQuery, limit: int) -> list[JsonDict]:
    """Return lines that match, at most `limit`."""
    rows = await repository.select_where(tx, query.logs, query.sort, limit, query.offset)
    return [log_json(row) for row in rows]


def _columns(lines: Sequence[LogCreate]) -> Columns:
    return {
        "id": new_row_ids(len(lines)),
        "timestamp": [line.timestamp for line in lines],
        "name": [line.name.replace("\0", "") for line in lines],
        "level": [line.level for line in lines],
        "message": [line.message.replace("\0", "") for line in lines],
        "flow_run_id": [line.flow_run_id for line in lines],
        "task_run_id": [line.task_run_id for line in lines],
    }
