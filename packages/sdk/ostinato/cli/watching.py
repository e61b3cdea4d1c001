"""Waiting on the command line for a flow run to end."""

import time
from uuid import UUID

import typer

from ostinato.cli import output, runs
from ostinato.cli.connection import server
from ostinato_wire.states import StateType

ASK_EVERY = 1.0
"""Seconds."""


def wait_for(run_id: UUID, timeout: float | None) -> None:
    """Wait until a run ends, telling its states; ends the command with 1 unless it completed. Time in seconds."""
    until = None if timeout is None else time.monotonic() + timeout
    told: UUID | None = None
    with server() as client:
        while True:
            state = client.read_flow_run(run_id).state
            if state is not None and state.id != told:
                told = state.id
                output.console(stderr=True).print(f"{state.timestamp:%H:%M:%S} {runs.state_cell(state)}")
            if state is not None and state.is_final():
                break
            if until is not None and time.monotonic() > until:
                output.fail(f"Flow run '{run_id}' did not end within {timeout:g} seconds.")
            time.sleep(ASK_EVERY)
    if state.type is not StateType.COMPLETED:
        raise typer.Exit(1)
