"""`ostinato flow-run explain`: how an explanation is asked for and shown."""

import pytest

from ostinato_wire.explanations import Cause, CauseCode, Explanation, Severity
from ostinato_wire.states import StateType
from tests.integration.cli.conftest import Api
from tests.integration.cli.samples import START, flow_run, state, uid
from tests.support.cli import Cli

RUN = str(uid(1))
HOLDER = {"type": "flow_run", "id": str(uid(5)), "name": "red-fox [/b]", "state_name": "Running", "since": None}
TOLD = Explanation(
    id=uid(1),
    name="brave-otter",
    state_type=StateType.SCHEDULED,
    state_name="Late",
    since=START,
    verdict="All 12 slots are taken.",
    causes=[
        Cause(
            code=CauseCode.POOL_LIMIT_FULL,
            severity=Severity.WAITING,
            message="All 12 slots are taken.",
            since=START,
            details={"holders": [HOLDER], "holder_count": 12},
            remedy="Wait until a holder ends, or raise the limit of the work pool.",
        ),
        Cause(code="of-a-newer-server", severity=Severity.INFO, message="It is as it is [/b]."),
    ],
)


@pytest.fixture
def told(api: Api) -> Explanation:
    """What the server says of a run."""
    api.lay(f"GET /flow_runs/{RUN}", flow_run(1, 7, "brave-otter", None))
    api.lay(f"GET /flow_runs/{RUN}/explain", TOLD.model_dump(mode="json"))
    return TOLD


def test_causes_are_shown_with_who_holds_what_and_what_to_do(told: Explanation, cli: Cli) -> None:
    lines = [line.rstrip() for line in cli.ok("flow-run", "explain", RUN).out.splitlines()]
    assert lines[0].startswith("Flow run brave-otter: Late (scheduled), ")
    assert lines[1:4] == [RUN, "", "◷ All 12 slots are taken."]
    assert lines[4].endswith("(2026-05-17 12:00:00 UTC)")
    assert lines[5:7] == [f"    red-fox [/b] (Running)  {uid(5)}", "    and 11 more"]
    assert lines[7] == "→ Wait until a holder ends, or raise the limit of the work pool."
    assert lines[8:] == ["", "· It is as it is [/b]."]


def test_it_folds_in_a_narrow_terminal(told: Explanation, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = cli.ok("flow-run", "explain", RUN).out.splitlines()
    assert max(len(line) for line in lines) <= 40
    assert "  limit of the work pool." in [line.rstrip() for line in lines]


def test_without_colours_nothing_but_text_is_printed(
    told: Explanation, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[33m" in cli.ok("flow-run", "explain", RUN).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[33m" not in cli.ok("flow-run", "explain", RUN).out


def test_json_is_what_the_server_said(told: Explanation, cli: Cli) -> None:
    assert cli.ok("flow-run", "explain", RUN, "-o", "json").json() == told.model_dump(mode="json")


def test_a_run_is_found_by_its_name(told: Explanation, api: Api, cli: Cli) -> None:
    api.lay("POST /flow_runs/filter", [flow_run(1, 7, "brave-otter", None)])
    assert "All 12 slots" in cli.ok("flow-run", "explain", "brave-otter").out
    assert api.asked["POST /flow_runs/filter"][0]["flow_runs"] == {"name": {"any_": ["brave-otter"]}}


def test_several_runs_of_a_name_are_listed(api: Api, cli: Cli) -> None:
    found = [flow_run(number, 7, "twin", state(StateType.RUNNING)) for number in (1, 2)]
    api.lay("POST /flow_runs/filter", found)
    outcome = cli("flow-run", "explain", "twin")
    assert outcome.code == 1
    assert outcome.out.splitlines()[0] == "Several flow runs are named 'twin': give the id of one."
    assert str(uid(1)) in outcome.out
    assert str(uid(2)) in outcome.out


def test_unknown_runs_and_servers_that_do_not_explain_are_told_apart(api: Api, cli: Cli) -> None:
    outcome = cli("flow-run", "explain", RUN)
    assert (outcome.code, outcome.out) == (1, f"Flow run '{RUN}' not found. See: ostinato flow-run ls\n")
    api.lay("POST /flow_runs/filter", [])
    assert cli("flow-run", "explain", "nobody").out == "Flow run 'nobody' not found. See: ostinato flow-run ls\n"
    api.lay(f"GET /flow_runs/{RUN}", flow_run(1, 7, "a", None))
    assert "does not explain flow runs" in cli("flow-run", "explain", RUN).out
