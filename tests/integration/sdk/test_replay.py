"""What a dead process noted of its runs is proposed by the next one: the server decides, and the run says how."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from ostinato import get_client
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.flows import Flow
from ostinato.journal.book import FOLDER, Journal
from ostinato.journal.leftovers import journal_files
from ostinato.journal.notes import ended_now
from ostinato.journal.ring import SMALLEST, Stream
from ostinato.settings import get_current_settings
from ostinato_wire.flow_runs import FlowRunCreate, FlowRunPolicy
from ostinato_wire.states import State, StateCreate, StateType
from tests.integration.sdk.conftest import Project
from tests.integration.sdk.test_outages import flow_states, late_reports
from tests.support.cli import Cli

RETRIES = FlowRunPolicy(retries=1, retry_delay=0)


def leave_end(project: Project, run_id: UUID, kind: StateType) -> None:
    """Leave a journal as a process does that is killed while it proposes the end of a run."""
    end = ended_now(run_id, StateCreate(type=kind), uuid7(), force=False)
    journal = Journal(get_current_settings().home / FOLDER, project.api_url, SMALLEST)
    journal.note(end.model_dump_json(exclude_none=True).encode())
    journal.close()


def start_run(client: SyncOstinatoClient, deployment_id: UUID | None, ended: StateType | None = None) -> UUID:
    """Make a run that runs, may be tried again once, and then is in the state `ended`."""
    if deployment_id is None:
        flow_id = client.create_flow_from_name("replayed")
        run = client.create_flow_run_from_body(
            FlowRunCreate(flow_id=flow_id, state=StateCreate(type=StateType.PENDING))
        )
    else:
        run = client.create_flow_run_from_deployment(deployment_id, parameters={"a": 1})
        client.set_flow_run_state(run.id, StateCreate(type=StateType.PENDING))
    client.update_flow_run(run.id, empirical_policy=RETRIES)
    for kind in (StateType.RUNNING, ended):
        if kind is not None:
            client.set_flow_run_state(run.id, StateCreate(type=kind))
    return run.id


def replayed(client: SyncOstinatoClient, cli: Cli, run_id: UUID) -> tuple[State, str]:
    """Replay what is left; return the state that the run is in then, and what was told of its end."""
    assert "1 end(s) of runs" in cli.ok("journal", "replay").out
    state = client.read_flow_run(run_id).state
    assert state is not None
    return state, late_reports(client, run_id)[-1]["end"]


def test_a_failure_that_the_server_would_retry_stands_where_nobody_runs_it_again(project: Project, cli: Cli) -> None:
    with get_client(sync_client=True) as client:
        run_id = start_run(client, None)
        leave_end(project, run_id, StateType.FAILED)
        state, told = replayed(client, cli, run_id)
        assert state.type is StateType.FAILED
        assert told.endswith("nobody runs it again")
        assert flow_states(client, run_id)[-1] == "Failed"


async def test_a_failure_of_a_deployment_is_retried(project: Project, cli: Cli) -> None:
    served = await (await Flow.afrom_source(".", "flows.py:add")).to_deployment("retried").aapply()
    with get_client(sync_client=True) as client:
        run_id = start_run(client, served)
        leave_end(project, run_id, StateType.FAILED)
        state, told = replayed(client, cli, run_id)
        assert (state.type, state.name) == (StateType.SCHEDULED, "AwaitingRetry")
        assert told.endswith("it runs again")


def test_an_end_that_the_server_refuses_is_told_and_not_tried_again(project: Project, cli: Cli) -> None:
    with get_client(sync_client=True) as client:
        run_id = start_run(client, None, StateType.COMPLETED)
        leave_end(project, run_id, StateType.CRASHED)
        state, told = replayed(client, cli, run_id)
        assert state.type is StateType.COMPLETED
        assert told.endswith("came too late: Run is already in terminal state COMPLETED.")
    assert journal_files(get_current_settings()) == []


def test_journals_are_listed_and_given_up_when_somebody_agrees(
    project: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = get_current_settings().home
    leave_end(project, uuid7(), StateType.COMPLETED)
    gone = Journal(home / FOLDER, "http://gone.example/api", SMALLEST)
    for _ in range(SMALLEST // 1_000_000 + 5):
        gone.append(Stream.EVENTS, b"e" * 1_000_000)
    gone.close()
    listed = {each["api_url"]: each for each in json.loads(cli.ok("journal", "ls", "-o", "json").out)}
    kept = listed["http://gone.example/api"]
    assert kept["lost"] == {"events": SMALLEST // 1_000_000 + 5 - kept["events"], "log_lines": 0, "notes": 0}
    assert kept["lost"]["events"] > 0
    assert "just now" in (table := cli.ok("journal", "ls").out) or "second" in table
    assert cli("--no-prompt", "journal", "clear").code == 1
    assert len(journal_files(get_current_settings())) == 2
    assert "Deleted 1 journal(s)." in cli.ok("journal", "clear", "--server", "http://gone.example/api", "--yes").out
    assert [Path(each["path"]) for each in json.loads(cli.ok("journal", "ls", "-o", "json").out)] == [
        Path(listed[project.api_url]["path"])
    ]
    assert "Deleted 1 journal(s)." in cli.ok("journal", "clear", "--yes").out
    assert "No dead process" in cli.ok("journal", "clear", "--yes").out


def test_the_journal_of_a_process_that_lives_is_not_cleared(project: Project, cli: Cli) -> None:
    living = Journal(get_current_settings().home / FOLDER, project.api_url, SMALLEST)
    living.append(Stream.EVENTS, b"{}")
    assert "No dead process" in cli.ok("journal", "clear", "--yes").out
    assert len(journal_files(get_current_settings())) == 1
    living.acknowledge(Stream.EVENTS, 1)
    living.close()
