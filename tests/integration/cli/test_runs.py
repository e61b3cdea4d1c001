"""`ostinato flow|flow-run|task-run`: what is asked of the server and what is shown."""

import socket
from typing import Any

import pytest

from ostinato_wire.states import StateType
from tests.integration.cli.conftest import Answer, Api
from tests.integration.cli.samples import flow, flow_run, log, state, task_run, uid
from tests.support.cli import Cli

RUN = str(uid(1))


def test_flow_ls(api: Api, cli: Cli) -> None:
    api.lay("POST /flows/filter", [flow(1, "etl [/b]"), flow(2, "load")])
    out = cli.ok("flow", "ls", "--limit", "2").out
    assert f"│ {RUN} │ etl [/b] │" in out
    assert api.asked["POST /flows/filter"] == [{"sort": "CREATED_DESC", "limit": 2, "offset": 0}]
    assert cli.ok("flows", "ls", "-o", "json").json() == [flow(1, "etl [/b]"), flow(2, "load")]


def test_flow_run_ls(api: Api, cli: Cli) -> None:
    runs = [flow_run(1, 7, "brave-otter", state(StateType.FAILED, "TimedOut")), flow_run(2, 7, "calm-emu", None)]
    api.lay("POST /flow_runs/filter", runs)
    api.lay("POST /flows/filter", [flow(7, "etl")])
    lines = cli.ok("flow-run", "ls", "--flow-name", "etl", "--state", "timedOUT", "--state-type", "failed").out
    row = next(line for line in lines.splitlines() if RUN in line)
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells == [RUN, "etl", "brave-otter", "TimedOut (failed)", "10 minutes ago"]
    assert api.asked["POST /flow_runs/filter"] == [
        {
            "flows": {"name": {"any_": ["etl"]}},
            "flow_runs": {"state": {"name": {"any_": ["TimedOut"]}, "type": {"any_": ["FAILED"]}}},
            "limit": 15,
            "offset": 0,
            "sort": "EXPECTED_START_TIME_DESC",
        }
    ]
    assert cli.ok("flow-run", "ls", "-o", "json").json() == runs


def test_an_empty_list(api: Api, cli: Cli) -> None:
    api.lay("POST /flow_runs/filter", [])
    api.lay("POST /task_runs/filter", [])
    assert cli.ok("flow-run", "ls").out == "No flow runs found.\n"
    assert cli.ok("flow-run", "ls", "-o", "json").json() == []
    assert cli.ok("task-run", "ls").out == "No task runs found.\n"


def test_states_of_a_filter(api: Api, cli: Cli) -> None:
    api.lay("POST /flow_runs/filter", [])
    assert "'Odd' is not one of the usual ones" in cli.ok("flow-run", "ls", "--state", "Odd").err
    outcome = cli("flow-run", "ls", "--state-type", "odd")
    assert outcome.code == 1
    assert "SCHEDULED, PENDING, RUNNING" in outcome.out


def test_task_run_ls(api: Api, cli: Cli) -> None:
    runs = [task_run(1, "add-0", state(StateType.COMPLETED))]
    api.lay("POST /task_runs/filter", runs)
    out = cli.ok("task-run", "ls", "--task-run-name", "add-0").out
    row = next(line for line in out.splitlines() if RUN in line)
    assert [cell.strip() for cell in row.strip("│").split("│")][:4] == [RUN, "add-1", "add-0", "Completed"]
    assert api.asked["POST /task_runs/filter"][0]["task_runs"] == {"name": {"any_": ["add-0"]}}
    assert cli.ok("task-runs", "ls", "-o", "json").json() == runs


@pytest.mark.parametrize("noun", ["flow-run", "task-run"])
def test_inspect(noun: str, api: Api, cli: Cli) -> None:
    run = flow_run(1, 7, "a", None) if noun == "flow-run" else task_run(1, "a", None)
    api.lay(f"GET /{noun.replace('-', '_')}s/{RUN}", run)
    assert f"id=UUID('{RUN}')" in cli.ok(noun, "inspect", RUN).out
    assert cli.ok(noun, "inspect", RUN, "-o", "json").json() == run


@pytest.mark.parametrize("arguments", [("inspect",), ("logs",), ("delete",), ("cancel",)])
def test_an_unknown_flow_run_is_one_line(arguments: tuple[str, ...], api: Api, cli: Cli) -> None:
    outcome = cli("--no-prompt", "flow-run", *arguments, RUN)
    assert (outcome.code, outcome.out) == (1, f"Flow run '{RUN}' not found. See: ostinato flow-run ls\n")
    outcome = cli("flow-run", *arguments, "no-id")
    assert (outcome.code, outcome.out.count("\n")) == (1, 1)
    assert "'no-id' not found" in outcome.out


def test_where_json_is_asked_for_errors_keep_off_stdout(api: Api, cli: Cli) -> None:
    outcome = cli("flow-run", "inspect", RUN, "-o", "json")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == f"Flow run '{RUN}' not found. See: ostinato flow-run ls\n"


def test_delete(api: Api, cli: Cli) -> None:
    api.lay(f"DELETE /flow_runs/{RUN}", None, 204)
    assert cli.ok("--no-prompt", "flow-run", "delete", RUN).out == f"Successfully deleted flow run '{RUN}'.\n"


def test_cancel(api: Api, cli: Cli) -> None:
    cancelling = state(StateType.CANCELLING).model_dump(mode="json")
    route = f"POST /flow_runs/{RUN}/set_state"
    api.lay(route, {"status": "ACCEPT", "state": cancelling, "details": {"type": "accept_details"}}, 201)
    out = cli.ok("flow-run", "cancel", RUN).out
    assert out == f"Flow run '{RUN}' was successfully scheduled for cancellation.\n"
    assert api.asked[route][0]["state"]["type"] == "CANCELLING"
    details = {"type": "abort_details", "reason": "It has ended."}
    api.lay(route, {"status": "ABORT", "state": None, "details": details})
    outcome = cli("flow-run", "cancel", RUN)
    assert outcome.code == 1
    assert outcome.out.endswith("Reason: It has ended.\n")


def lay_logs(api: Api, count: int) -> None:
    """Let the server have `count` lines and serve them in pages as asked."""

    def answer(body: Any) -> Answer:  # the JSON body
        lines = [log(number) for number in range(count)]
        if body["sort"] == "TIMESTAMP_DESC":
            lines.reverse()
        return 200, lines[body["offset"] : body["offset"] + body["limit"]]

    api.lay(f"GET /flow_runs/{RUN}", flow_run(1, 7, "brave-otter", None))
    api.routes["POST /logs/filter"] = answer


def numbers(out: str) -> list[int]:
    """Return the numbers of the lines shown."""
    return [int(line.split("line ")[1].split()[0]) for line in out.splitlines()]


def test_logs_are_all_read_page_by_page(api: Api, cli: Cli) -> None:
    lay_logs(api, 450)
    out = cli.ok("flow-run", "logs", RUN).out
    assert out.splitlines()[3] == "2026-05-17 12:00:03.007 | INFO    | Flow run 'brave-otter' - line 3 [/b]"
    assert numbers(out) == list(range(450))
    assert [body["offset"] for body in api.asked["POST /logs/filter"]] == [0, 200, 400]
    assert api.asked["POST /logs/filter"][0]["logs"] == {"flow_run_id": {"any_": [RUN]}}
    assert cli.ok("flow-run", "logs", RUN, "-o", "json").json() == [log(number) for number in range(450)]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--head"], [*range(20)]),
        (["-h", "-n", "250"], [*range(250)]),
        (["-n", "3"], [0, 1, 2]),
        (["--tail"], [*range(280, 300)]),
        (["-t", "-n", "2"], [298, 299]),
        (["-t", "-n", "2", "-r"], [299, 298]),
        (["-h", "-n", "2", "-r"], [1, 0]),
        (["-r"], [*range(299, -1, -1)]),
    ],
)
def test_selections_of_logs(options: list[str], shown: list[int], api: Api, cli: Cli) -> None:
    lay_logs(api, 300)
    assert numbers(cli.ok("flow-run", "logs", RUN, *options).out) == shown


def test_head_and_tail_exclude_each_other(api: Api, cli: Cli) -> None:
    outcome = cli("flow-run", "logs", RUN, "--head", "--tail")
    assert (outcome.code, outcome.out) == (1, "Choose either --head or --tail, not both.\n")


def test_logs_of_a_task_run(api: Api, cli: Cli) -> None:
    api.lay(f"GET /task_runs/{RUN}", task_run(1, "add-0", None))
    api.lay("POST /logs/filter", [log(1)])
    assert "| Task run 'add-0' - line 1" in cli.ok("task-run", "logs", RUN).out
    assert api.asked["POST /logs/filter"][0]["logs"] == {"task_run_id": {"any_": [RUN]}}


def test_lines_of_task_runs_have_their_names(api: Api, cli: Cli) -> None:
    lay_logs(api, 1)
    api.lay("POST /logs/filter", [log(1), log(2) | {"task_run_id": RUN}, log(3) | {"task_run_id": str(uid(9))}])
    api.lay("POST /task_runs/filter", [task_run(1, "add-0", None)])
    labels = [line.split(" | ")[2] for line in cli.ok("flow-run", "logs", RUN).out.splitlines()]
    named = "Flow run 'brave-otter' - line {}", "Task run 'add-0' - line {}", "Flow run 'brave-otter' - line {}"
    assert labels == [f"{text.format(number)} [/b]" for number, text in enumerate(named, 1)]


def test_a_server_that_is_not_there(cli: Cli, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        monkeypatch.setenv("OSTINATO_API_URL", f"http://me:hunter2@127.0.0.1:{port}/api")
        outcome = cli("flow", "ls")
    assert (outcome.code, outcome.out.count("\n")) == (1, 1)
    assert f"Cannot reach the server at http://127.0.0.1:{port}/api" in outcome.out
    assert "ostinato server start" in outcome.out
    assert "hunter2" not in outcome.out + outcome.err


@pytest.mark.parametrize(("status", "words"), [(401, "OSTINATO_API_KEY"), (403, "OSTINATO_API_KEY"), (500, "500")])
def test_a_server_that_refuses(status: int, words: str, api: Api, cli: Cli) -> None:
    api.lay("POST /flows/filter", {"detail": "no"}, status)
    outcome = cli("flow", "ls")
    assert outcome.code == 1
    assert words in outcome.out
    assert "Traceback" not in outcome.out + outcome.err


def test_what_is_no_api_is_told_apart(api: Api, cli: Cli) -> None:
    api.lay("POST /flows/filter", {"hello": "world"})
    outcome = cli("flow", "ls")
    assert (outcome.code, outcome.out.count("\n")) == (1, 1)
    assert f"What answers at {api.url} is not this API." in outcome.out
    del api.routes["POST /flows/filter"]
    assert "usually ends with /api" in cli("flow", "ls").out


def test_what_a_server_does_not_offer_is_no_missing_object(api: Api, cli: Cli) -> None:
    api.lay("POST /automations/actions/test", {"detail": "Not Found"}, 404)
    outcome = cli("automation", "send-test", "--to", "a@example.com")
    assert outcome.code == 1
    said = " ".join((outcome.out + outcome.err).split())
    assert "/automations/actions/test" in said
    assert "older than this command" in said
    assert "None" not in said


def test_without_any_server_the_remedy_is_told(api: Api, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OSTINATO_API_URL")
    monkeypatch.setenv("OSTINATO_SERVER_EPHEMERAL_ENABLED", "false")
    outcome = cli("flow", "ls")
    assert outcome.code == 1
    assert "Set OSTINATO_API_URL" in outcome.out


def test_profile_use_checks_the_server(api: Api, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OSTINATO_API_URL")
    cli.ok("profile", "create", "mine")
    cli.ok("-p", "mine", "config", "set", f"OSTINATO_API_URL={api.url}")
    api.lay("GET /health", True)
    api.lay("POST /flows/count", 0)
    assert f"Connected to the server at {api.url}" in cli.ok("profile", "use", "mine").out
    api.lay("POST /flows/count", {"detail": "who?"}, 401)
    outcome = cli("profile", "use", "mine")
    assert outcome.code == 1
    assert "refuses the key" in outcome.out


@pytest.mark.parametrize(
    ("deferred", "state_type", "answer", "code", "said"),
    [
        (True, StateType.RUNNING, StateType.CANCELLING, 0, "is being cancelled by its task worker"),
        (True, StateType.SCHEDULED, StateType.CANCELLED, 0, "no worker had taken it"),
        (True, StateType.COMPLETED, None, 1, "it has ended"),
        (False, StateType.RUNNING, None, 1, "is not a background task's"),
    ],
)
def test_a_background_run_is_cancelled(
    api: Api, cli: Cli, deferred: bool, state_type: StateType, answer: StateType | None, code: int, said: str
) -> None:
    first = state(StateType.SCHEDULED).model_dump(mode="json") | {"state_details": {"deferred": deferred}}
    api.lay(f"GET /task_runs/{RUN}", task_run(1, "add-0", state(state_type)))
    api.lay("GET /task_run_states/", [first, state(state_type).model_dump(mode="json")])
    if answer is not None:
        status = "ACCEPT" if answer is StateType.CANCELLING else "REJECT"
        laid = {
            "state": state(answer).model_dump(mode="json"),
            "status": status,
            "details": {"type": f"{status.lower()}_details"},
        }
        api.lay(f"POST /task_runs/{RUN}/set_state", laid)
    outcome = cli("task-run", "cancel", RUN)
    assert outcome.code == code
    assert said in " ".join(outcome.out.split())
