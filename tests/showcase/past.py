"""Gives a run the time that the story needs: what took seconds a moment ago took minutes last night."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHOWN_ROOT = "/srv/app"
"""Where tracebacks say that the code is: pictures name no folder of whoever takes them."""
MICROSECONDS = 1_000_000
TASKS = "SELECT id FROM task_runs WHERE flow_run_id = ?"
SUB_FLOWS = f"SELECT id FROM flow_runs WHERE parent_task_run_id IN ({TASKS})"
RUN_TIMES = ("created", "updated", "state_timestamp", "expected_start_time", "start_time", "end_time")


@dataclass(frozen=True)
class Story:
    """That a run (with its sub-flows) began then, and took so long (seconds)."""

    flow_run_id: str
    begin: datetime
    duration: float


def tell(database: Path, stories: list[Story]) -> None:
    """Move and stretch the times of runs in the file of a server that is stopped."""
    connection = sqlite3.connect(database)
    with connection:
        for story in stories:
            _Telling(connection, story).tell()
        connection.execute("UPDATE logs SET message = replace(message, ?, ?)", [str(ROOT), SHOWN_ROOT])
    connection.close()


class _Telling:
    """One story, being told."""

    def __init__(self, connection: sqlite3.Connection, story: Story) -> None:
        self._execute = connection.execute
        self._story = story
        self._runs = self._family(story.flow_run_id.replace("-", ""))
        self._tasks = [
            row[0]
            for run in self._runs
            for row in self._execute("SELECT id FROM task_runs WHERE flow_run_id = ?", [run])
        ]

    def tell(self) -> None:
        """Rewrite what bears a time."""
        first, last = self._span()
        self._begin = int(self._story.begin.astimezone(UTC).timestamp() * MICROSECONDS)
        self._first = first
        self._factor = self._story.duration * MICROSECONDS / max(1, last - first)
        for table, ids in (("flow_runs", self._runs), ("task_runs", self._tasks)):
            self._move(table, "id", ids, RUN_TIMES)
            self._lengthen(table, ids)
        self._move("flow_run_states", "flow_run_id", self._runs, ("timestamp",))
        self._move("logs", "flow_run_id", self._runs, ("timestamp",))
        self._move("artifacts", "flow_run_id", self._runs, ("created", "updated"))
        self._move("task_run_states", "task_run_id", self._tasks, ("timestamp",))
        self._move("events", "resource_id", [f"prefect.flow-run.{_uuid(run)}" for run in self._runs], ("occurred",))
        self._move("events", "resource_id", [f"prefect.task-run.{_uuid(task)}" for task in self._tasks], ("occurred",))

    def _family(self, run: str) -> list[str]:
        return [run, *(each for child in self._ids(SUB_FLOWS, run) for each in self._family(child))]

    def _ids(self, query: str, run: str) -> list[str]:
        return [row[0] for row in self._execute(query, [run])]

    def _span(self) -> tuple[int, int]:
        row = self._execute(
            "SELECT coalesce(start_time, expected_start_time, created), coalesce(end_time, state_timestamp, created)"
            " FROM flow_runs WHERE id = ?",
            [self._runs[0]],
        ).fetchone()
        return row[0], row[1]

    def _move(self, table: str, key: str, ids: list[str], columns: tuple[str, ...]) -> None:
        moved = ", ".join(f"{name} = :begin + CAST(({name} - :first) * :factor AS INTEGER)" for name in columns)
        values = {"begin": self._begin, "first": self._first, "factor": self._factor}
        for each in ids:
            self._execute(f"UPDATE {table} SET {moved} WHERE {key} = :id", {**values, "id": each})

    def _lengthen(self, table: str, ids: list[str]) -> None:
        for each in ids:
            self._execute(f"UPDATE {table} SET total_run_time = total_run_time * ? WHERE id = ?", [self._factor, each])


def _uuid(plain: str) -> str:
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))
