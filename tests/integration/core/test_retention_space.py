"""SQLite gives the space of deleted rows back to the disk, in steps, but for a part that will be needed again."""

from pathlib import Path

from ostinato_core.db import tables
from ostinato_core.db.open import open_database
from ostinato_core.ids import new_id
from ostinato_core.retention.space import STEP, give_back, pages
from ostinato_migrator.migrate import upgrade
from tests.integration.core.past_runs import History, log_row
from tests.support.database import settings_of
from tests.support.workspace import Workspace


async def test_free_pages_are_given_back_but_for_a_few(tmp_path: Path) -> None:
    settings = settings_of(f"sqlite+aiosqlite:///{tmp_path / 'ostinato.db'}", tmp_path)
    upgrade(settings)
    database = open_database(settings)
    history = History(Workspace(database, new_id()))
    run = new_id()
    await history.insert(tables.logs, *(log_row(history.now, number, flow_run_id=run) for number in range(20_000)))
    size, full, _ = await database.run_sync(pages)
    await history.workspace.write(lambda tx: tx.run(tables.logs.delete()))
    _, _, free = await database.run_sync(pages)

    freed = await give_back(database)

    _, count, left = await database.run_sync(pages)
    assert free > 2 * STEP
    assert freed == (full - count) * size > 0
    assert left < STEP + count // 10
    assert await give_back(database) == 0
    await database.close()
