"""What scenarios use beside the client itself: plain requests, waiting, the client's programs, notes for the table."""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
import uuid
from contextlib import contextmanager
from pathlib import Path

import httpx

API_URL = os.environ["COMPAT_API_URL"]
PROGRAM = os.environ["COMPAT_PROGRAM"]
CANNOT = 77
"""Exit status of a scenario that this client or server cannot run; the last line it printed says why."""
COMMAND_WITHIN = 30.0
VERSION = tuple(int(part) for part in os.environ["COMPAT_VERSION"].split("."))

_http = httpx.Client(base_url=API_URL, timeout=10)


def api(method, path, body=None, status=(200, 201, 204)):
    """Send one request past the client; return the decoded answer, which must have one of `status`."""
    answer = _http.request(method, path, json=body)
    told = f"{method} {path} answered {answer.status_code}: {answer.text[:300]}"
    assert answer.status_code in status, told
    return answer.json() if answer.content else None


def wait_until(condition, what, seconds=25.0):
    """Call `condition` until its answer is truthy, and return that answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s; last seen {answer!r}"
        time.sleep(0.2)
    return answer


def wait_for_state(flow_run_id, *names, seconds=30.0):
    """Wait until a flow run is in a state of one of the names; return the run."""

    def reached():
        run = api("GET", f"/flow_runs/{flow_run_id}")
        seen.append(run["state_name"])
        return run if run["state_name"] in names else None

    seen = []
    try:
        return wait_until(reached, f"flow run becomes {'/'.join(names)}", seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}; states seen: {list(dict.fromkeys(seen))}") from None


def state_names(noun, run_id):
    """Return the names of all states of a run (`flow_run` or `task_run`) in order."""
    return [state["name"] for state in api("GET", f"/{noun}_states/?{noun}_id={run_id}")]


def task_runs_of(flow_run_id, number):
    """Wait until a flow run has `number` task runs that have all ended; return them."""
    wanted = {"task_runs": {"flow_run_id": {"any_": [str(flow_run_id)]}}}

    def all_ended():
        found = api("POST", "/task_runs/filter", wanted)
        final = [run for run in found if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")]
        seen[:] = [f"{run['name']} {run['state_name']}" for run in found]
        return found if len(final) == len(found) == number else None

    seen = []
    try:
        return wait_until(all_ended, f"{number} ended task runs", 15)
    except AssertionError as error:
        raise AssertionError(f"{error}; seen {seen}") from None


def logged(flow_run_id, text):
    """Wait until a line of a flow run's log has `text`."""
    wanted = {"logs": {"flow_run_id": {"any_": [str(flow_run_id)]}}}
    wait_until(
        lambda: any(text in line["message"] for line in api("POST", "/logs/filter", wanted)), f"{text!r} is logged", 15
    )


def unique(name):
    """Return a name that no other run of a scenario uses."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


def cli(*arguments, status=0, stdin=None):
    """Run the client's command line with these arguments and return what it printed; it must end with `status`."""
    result = subprocess.run(
        [program(PROGRAM), *map(str, arguments)],
        capture_output=True, text=True, timeout=COMMAND_WITHIN, input=stdin or "", check=False,
    )  # fmt: skip
    output = result.stdout + result.stderr
    told = f"`{PROGRAM} {' '.join(map(str, arguments))}` exited {result.returncode}: {output.strip()[-1500:]}"
    assert result.returncode == status, told
    return output


def program(name):
    """Return the path of a program of this client's environment."""
    return str(Path(sys.executable).parent / name)


def python_of_the_client():
    """Return the interpreter that runs this client."""
    return sys.executable


@contextmanager
def background(*command, name):
    """Run a program beside the scenario; end it afterwards, and show its output if the scenario fails."""
    log = Path(f"{name}.log")
    with log.open("wb") as output:
        process = subprocess.Popen([*command], stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        yield process
    except BaseException:
        print(f"--- {name}:\n{log.read_text()[-4000:]}", file=sys.stderr)
        raise
    finally:
        _end(process)


def _end(process):
    """Stop a program in order, and by force whatever it leaves behind.

    A client that serves first finishes the run that it was just starting, which takes 3.8.4 more than eight seconds.
    """
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def scheduled_runs(deployment_id):
    """Wait for runs that the server schedules by itself, and return them."""
    wanted = {
        "deployments": {"id": {"any_": [str(deployment_id)]}},
        "flow_runs": {"tags": {"all_": ["auto-scheduled"]}},
    }
    return wait_until(lambda: api("POST", "/flow_runs/filter", wanted), "the server schedules runs", 15)


def note(text):
    """Have the table say something about this cell."""
    print(f"NOTE {text}", flush=True)


def cannot(why):
    """End the scenario as one that cannot work here."""
    print(why, flush=True)
    sys.exit(CANNOT)


def needs(*version, why):
    """End the scenario if the client is older than `version`."""
    if version > VERSION:
        cannot(why)


def _tell_the_reason(kind, error, trace):
    """Print, last of all, in which line of the scenario it failed and why: for the table."""
    sys.__excepthook__(kind, error, trace)
    frames = [frame for frame in traceback.extract_tb(trace) if Path(frame.filename) == Path(sys.argv[0]).resolve()]
    line = frames[-1].lineno if frames else "?"
    print(f"REASON line {line}: {kind.__name__}: {' '.join(str(error).split())}", flush=True)


sys.excepthook = _tell_the_reason


def as_json(text):
    """Return the JSON value that a command printed, whatever stands before and after it."""
    starts = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    assert starts, f"no JSON in {text[:500]!r}"
    value, _ = json.JSONDecoder().raw_decode(text[min(starts) :])
    return value
