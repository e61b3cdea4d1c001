"""Ends of runs are proposed in the name of the process that died, with the worker that it belonged to."""

from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import pytest

from ostinato.events.worker import stop_all as stop_events
from ostinato.journal.book import FOLDER, Journal, close_all
from ostinato.journal.ends import report_ends
from ostinato.journal.leftovers import journal_files, look_into
from ostinato.journal.notes import ended_now
from ostinato.journal.ring import SMALLEST
from ostinato.journal.tally import Tally
from ostinato.logging.shipping import stop_all as stop_logs
from ostinato.settings import Settings, temporary_settings
from ostinato_wire.states import StateCreate, StateType
from tests.support.stub_api import RecordingApi, serving

ACCEPTED = {"status": "ACCEPT", "state": None, "details": {"type": "accept_details"}}


@pytest.fixture
def settings(tmp_path: Path) -> Generator[Settings]:
    """Settings with a home of their own; what is told on runs goes nowhere."""
    with temporary_settings({"home": tmp_path, "logging.to_api.enabled": False}) as settings:
        yield settings
        stop_events()
        stop_logs(0.1)
        close_all()


def test_an_end_is_proposed_in_the_name_of_the_worker_of_the_dead_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, transition_id = uuid4(), uuid4()
    api = RecordingApi({("POST", f"/flow_runs/{run_id}/set_state"): ACCEPTED})
    monkeypatch.setenv("PREFECT__WORKER_NAME", "of the dead")
    with serving(api) as server:
        journal = Journal(settings.home / FOLDER, server.api_url, SMALLEST)
        end = ended_now(run_id, StateCreate(type=StateType.COMPLETED), transition_id, force=False)
        journal.note(end.model_dump_json(exclude_none=True).encode())
        journal.close()
        monkeypatch.setenv("PREFECT__WORKER_NAME", "of the living")
        leftover = look_into(journal_files(settings)[0])
        assert leftover is not None
        assert report_ends(settings, server.api_url, leftover, Tally()) == 1
        stop_events()  # it has no socket for them, and must not be asked while it stops
    (taken,) = api.of("POST", f"/flow_runs/{run_id}/set_state")
    assert taken.headers["X-Prefect-Worker-Name"] == "of the dead"
    assert taken.body["state"]["state_details"]["transition_id"] == str(transition_id)
