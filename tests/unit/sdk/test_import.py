"""What `from ostinato import flow, task` may load, and that what it leaves for later is ready for many threads."""

import os
import subprocess
import sys
from pathlib import Path

FIRST_USE_BY_MANY = """
import sys, threading
from datetime import UTC, datetime
from uuid import UUID
sys.setswitchinterval(1e-6)
from ostinato.states import State
from ostinato.settings.model import Settings
from ostinato_wire.flow_runs import FlowRunCreate
from ostinato_wire.states import StateDetails, StateType

problems, barrier = [], threading.Barrier(16)

def use(number):
    run_id = UUID(int=number)
    barrier.wait()
    try:
        state = State(type=StateType.SCHEDULED, state_details=StateDetails(flow_run_id=run_id))
        assert state.name == "Scheduled" and state.state_details.scheduled_time <= datetime.now(UTC)
        assert state.model_dump(mode="json")["state_details"]["flow_run_id"] == str(run_id)
        assert FlowRunCreate.model_validate({"flow_id": str(run_id), "unknown": 1}).flow_id == run_id
        assert Settings.model_validate({"api": {"url": "http://a/api"}}).ui.url == "http://a"
    except BaseException as error:
        problems.append(repr(error))

threads = [threading.Thread(target=use, args=(number,)) for number in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(problems)
"""


def _python(code: str, home: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_decorators_load_neither_an_event_loop_nor_the_settings_nor_a_client(tmp_path: Path) -> None:
    code = (
        "import sys; from ostinato import flow, task; flow(task(lambda: 1), name='one'); "
        "heavy = {'asyncio', 'httpx', 'importlib.metadata', 'ostinato.settings', 'ostinato.client'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert _python(code, tmp_path) == "[]"


def test_many_threads_may_be_the_first_to_use_a_model(tmp_path: Path) -> None:
    assert _python(FIRST_USE_BY_MANY, tmp_path) == "[]"
