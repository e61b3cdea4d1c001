"""What tests of schedules share: the time that they begin at, and the runs that it has made."""

from datetime import UTC, datetime

from ostinato_core.flow_runs.operations import read_flow_runs
from ostinato_core.states.rows import JsonDict
from ostinato_wire.queries import FlowRunsQuery
from tests.support.workspace import Workspace

NOON = datetime(2026, 5, 4, 12, 0, 30, tzinfo=UTC)
"""Half a minute past noon."""


async def read_all_runs(workspace: Workspace) -> list[JsonDict]:
    """Return the runs of the workspace, the one that is due first first."""
    found: list[JsonDict] = []
    while page := await workspace.read(read_flow_runs, FlowRunsQuery(offset=len(found)), 200):
        found += page
    return sorted(found, key=lambda run: run["expected_start_time"])
