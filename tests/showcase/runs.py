"""What has run on the showcase's server, what runs, and what should have."""

import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.showcase.objects import Showcase
from tests.showcase.past import Story
from tests.support.clients import client_environment

FLOWS = Path(__file__).with_name("flows.py")
WITHIN = 60.0
# flow, minutes from one run to the next, seconds that a run takes
HABITS = (
    ("daily-revenue", 24 * 60, 1320),
    ("invoice-export", 30, 95),
    ("customer-sync", 60, 540),
    ("warehouse-backup", 24 * 60, 5400),
    ("quality-checks", 400, 45),
)
HOURS = 24
REFUSED = "ConnectionError: files.example.com:22 refused the connection: the host key has changed"
KILLED = "The container was killed: it used more than its 2 GiB of memory"
ADJECTIVES = ("amber", "brisk", "calm", "dapper", "eager", "frosty", "golden", "humble", "ivory", "jolly", "lucid")
ANIMALS = ("badger", "crane", "dolphin", "falcon", "gecko", "heron", "ibis", "jackal", "koala", "lynx", "newt")


def run_all(showcase: Showcase, home: Path) -> list[Story]:
    """Let everything run, as fast as it can; return when it should have happened."""
    now = datetime.now(UTC)
    stories = [*_past(showcase, now)]
    _run_really(showcase, home, "daily-revenue")
    _run_really(showcase, home, "invoice-export")
    for flow, hours, seconds in (("daily-revenue", 1.4, 1290), ("invoice-export", 0.3, 80)):
        run = _newest(showcase, flow)
        stories.append(Story(run, now - timedelta(hours=hours), seconds))
        showcase.ids[f"run {flow}"] = run
    return stories + _present(showcase, now)


def start_waiting(showcase: Showcase, home: Path) -> "subprocess.Popen[bytes]":
    """Start the run that waits for a person, which must live while it is looked at."""
    process = subprocess.Popen(
        [sys.executable, str(FLOWS), "model-training"],
        env=_environment(showcase, home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    asked = {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}}
    deadline = time.monotonic() + WITHIN
    while not (found := showcase.ask("/flow_runs/filter", asked)):
        if time.monotonic() > deadline:
            process.kill()
            raise TimeoutError("The run that waits for a person did not begin to wait")
        time.sleep(0.2)
    showcase.ids["run model-training"] = found[0]["id"]
    return process


def _past(showcase: Showcase, now: datetime) -> list[Story]:
    chance = random.Random(7)
    names = [f"{one}-{other}" for one in ADJECTIVES for other in ANIMALS]
    chance.shuffle(names)
    stories: list[Story] = []
    for flow, every, seconds in HABITS:
        for index in range(1, HOURS * 60 // every + 1):
            ending = _ending(flow, index, chance)
            run = _run(showcase, flow, names[len(stories) % len(names)], ending)
            begin = now - timedelta(minutes=index * every - 7)
            stories.append(Story(run, begin, seconds * chance.uniform(0.8, 1.3)))
    return stories


def _ending(flow: str, index: int, chance: random.Random) -> tuple[str, str]:
    if flow == "invoice-export" and index <= 5:
        return "FAILED", REFUSED
    if flow == "customer-sync" and index == 4:
        return "CRASHED", KILLED
    return ("FAILED", "ValueError: 3 customers have no country") if chance.random() < 0.04 else ("COMPLETED", "")


def _run(showcase: Showcase, flow: str, name: str, ending: tuple[str, str]) -> str:
    of = {"flow_id": showcase.ids[f"flow {flow}"], "deployment_id": showcase.ids[f"deployment {flow}"], "name": name}
    run = showcase.ask("/flow_runs/", {**of, "state": {"type": "RUNNING"}})["id"]
    state = {"type": ending[0], "message": ending[1] or None}
    showcase.ask(f"/flow_runs/{run}/set_state", {"state": state, "force": True})
    return run


def _present(showcase: Showcase, now: datetime) -> list[Story]:
    """Return runs that go on, that are late, and that wait."""
    stories: list[Story] = []
    for flow, name, minutes in (("customer-sync", "lucid-heron", 6), ("warehouse-backup", "keen-otter", 48)):
        of = {"flow_id": showcase.ids[f"flow {flow}"], "deployment_id": showcase.ids[f"deployment {flow}"]}
        run = showcase.ask("/flow_runs/", {**of, "name": name, "state": {"type": "RUNNING"}})["id"]
        stories.append(Story(run, now - timedelta(minutes=minutes), 0.001))
    late = {"type": "SCHEDULED", "state_details": {"scheduled_time": (now - timedelta(hours=2)).isoformat()}}
    made = f"/deployments/{showcase.ids['deployment ad-spend']}/create_flow_run"
    showcase.make("run late", made, {"name": "patient-newt", "state": late})
    for _ in range(3):
        holder = {"type": "flow_run", "id": showcase.ids["run daily-revenue"]}
        slots = {"names": ["warehouse-connections"], "slots": 1, "lease_duration": 3600, "holder": holder}
        showcase.ask("/v2/concurrency_limits/increment-with-lease", slots)
    return stories


def _run_really(showcase: Showcase, home: Path, flow: str) -> None:
    command = [sys.executable, str(FLOWS), flow]
    subprocess.run(command, env=_environment(showcase, home), capture_output=True, timeout=WITHIN, check=False)


def _newest(showcase: Showcase, flow: str) -> str:
    ended = {"state": {"type": {"any_": ["COMPLETED", "FAILED"]}}}
    asked = {"flows": {"name": {"any_": [flow]}}, "flow_runs": ended, "sort": "START_TIME_DESC", "limit": 1}
    return showcase.ask("/flow_runs/filter", asked)[0]["id"]


def _environment(showcase: Showcase, home: Path) -> dict[str, str]:
    return client_environment("ostinato", showcase.api_url, home)
