"""What pages and the command line ask of a server with many runs: lists, counts, sums and histories."""

from datetime import timedelta

import orjson

from benchmarks.history.rows import COMMON_TAG, RARE_TAG
from benchmarks.history.seeding import Seeded
from benchmarks.wire import HttpConnection, encode_request

Body = dict[str, object]
LIMIT = 200


async def prepare_calls(port: int, seeded: Seeded) -> dict[str, bytes]:
    """Return the request of each call under its name, those of one run's page about a run that has ended last."""
    http = await HttpConnection.open(port)
    latest = orjson.dumps({"sort": "END_TIME_DESC", "limit": 200, "flow_runs": _in("COMPLETED")})
    found = orjson.loads(await http.expect(encode_request("POST", "/api/flow_runs/filter", latest), (200,)))
    http.close()
    ids: list[str] = [run["id"] for run in found]
    asked = {**_lists(seeded), **_sums(seeded), **_page_helpers(seeded), **_of_runs(ids)}
    requests = {name: encode_request("POST", f"/api{path}", orjson.dumps(body)) for name, (path, body) in asked.items()}
    return requests | {
        "run's page: the run": encode_request("GET", f"/api/flow_runs/{ids[0]}"),
        "run's page: its states": encode_request("GET", f"/api/flow_run_states/?flow_run_id={ids[0]}"),
        "run's page: graph": encode_request("GET", f"/api/flow_runs/{ids[0]}/graph-v2"),
    }


def _lists(seeded: Seeded) -> dict[str, tuple[str, Body]]:
    flow_runs: dict[str, Body] = {
        "newest": {"sort": "ID_DESC"},
        "by start": {"sort": "START_TIME_DESC"},
        "by expected start": {"sort": "EXPECTED_START_TIME_DESC"},
        "by name": {"sort": "NAME_ASC"},
        "by end": {"sort": "END_TIME_DESC"},
        "last week, by start": {"sort": "START_TIME_DESC", "flow_runs": _since(seeded, days=7)},
        "last week without children": {
            "sort": "START_TIME_DESC",
            "flow_runs": _since(seeded, days=7) | {"parent_task_run_id": {"is_null_": True}},
        },
        "Failed or Crashed, by start": {"sort": "START_TIME_DESC", "flow_runs": _in("FAILED", "CRASHED")},
        "Failed or Crashed, newest": {"sort": "ID_DESC", "flow_runs": _in("FAILED", "CRASHED")},
        "Failed, oldest start first": {"sort": "START_TIME_ASC", "flow_runs": _in("FAILED")},
        "Completed, newest": {"sort": "ID_DESC", "flow_runs": _in("COMPLETED")},
        "Running, by start": {"sort": "START_TIME_DESC", "flow_runs": _in("RUNNING")},
        "Running, newest": {"sort": "ID_DESC", "flow_runs": _in("RUNNING")},
        "Scheduled, next first": {"sort": "NEXT_SCHEDULED_START_TIME_ASC", "flow_runs": _in("SCHEDULED")},
        "Scheduled, by expected start": {"sort": "EXPECTED_START_TIME_ASC", "flow_runs": _in("SCHEDULED")},
        "Late, by start": {"sort": "START_TIME_ASC", "flow_runs": {"state": {"name": {"any_": ["Late"]}}}},
        "of a deployment, by start": {"sort": "START_TIME_DESC", "deployments": _id(seeded.deployment_ids[7])},
        "of a deployment, by its column": {
            "sort": "START_TIME_DESC",
            "flow_runs": {"deployment_id": {"any_": [seeded.deployment_ids[7]]}},
        },
        "Failed of a deployment, by start": {
            "sort": "START_TIME_DESC",
            "deployments": _id(seeded.deployment_ids[7]),
            "flow_runs": _in("FAILED"),
        },
        "of a flow, by start": {"sort": "START_TIME_DESC", "flows": _id(seeded.flow_ids[3])},
        "of a flow, newest": {"sort": "ID_DESC", "flows": {"name": {"any_": ["flow-03"]}}},
        "of a work pool, by start": {"sort": "START_TIME_DESC", "work_pools": {"name": {"any_": ["pool-1"]}}},
        "with a common tag": {"sort": "START_TIME_DESC", "flow_runs": {"tags": {"all_": [COMMON_TAG]}}},
        "with a rare tag": {"sort": "START_TIME_DESC", "flow_runs": {"tags": {"all_": [RARE_TAG]}}},
        "with a rare tag, newest": {"sort": "ID_DESC", "flow_runs": {"tags": {"any_": [RARE_TAG]}}},
        "with a tag that none has": {"sort": "START_TIME_DESC", "flow_runs": {"tags": {"all_": ["none"]}}},
        "name like": {"sort": "START_TIME_DESC", "flow_runs": {"name": {"like_": "otter"}}},
        "name like, none there": {"sort": "START_TIME_DESC", "flow_runs": {"name": {"like_": "no-such-name"}}},
        "thousands further on": {"sort": "START_TIME_DESC", "offset": 10_000},
    }
    lists: dict[str, tuple[str, Body]] = {
        f"filter: {name}": ("/flow_runs/filter", body | {"limit": LIMIT}) for name, body in flow_runs.items()
    }
    latest: Body = {"deployments": _id(seeded.deployment_ids[7]), "sort": "START_TIME_DESC", "limit": 1}
    return lists | {"filter: latest of a deployment": ("/flow_runs/filter", latest)}


def _sums(seeded: Seeded) -> dict[str, tuple[str, Body]]:
    week, day = _since(seeded, days=7), _since(seeded, days=1)
    deployment: Body = {"deployments": _id(seeded.deployment_ids[7])}
    page: Body = {"sort": "START_TIME_DESC", "limit": 50, "page": 2}
    return {
        "count: all": ("/flow_runs/count", {}),
        "count: Failed": ("/flow_runs/count", {"flow_runs": _in("FAILED")}),
        "count: Completed": ("/flow_runs/count", {"flow_runs": _in("COMPLETED")}),
        "count: last week": ("/flow_runs/count", {"flow_runs": week}),
        "count: Completed of last week": ("/flow_runs/count", {"flow_runs": week | _in("COMPLETED")}),
        "count: Failed of last week": ("/flow_runs/count", {"flow_runs": week | _in("FAILED", "CRASHED")}),
        "count: of a deployment": ("/flow_runs/count", deployment),
        "count: Failed of a deployment": ("/flow_runs/count", deployment | {"flow_runs": _in("FAILED")}),
        "count: of a flow": ("/flow_runs/count", {"flows": _id(seeded.flow_ids[3])}),
        "count: common tag, last week": (
            "/flow_runs/count",
            {"flow_runs": week | {"tags": {"all_": [COMMON_TAG]}}},
        ),
        "count: name like": ("/flow_runs/count", {"flow_runs": {"name": {"like_": "otter"}}}),
        "paginate: all": ("/flow_runs/paginate", page),
        "paginate: last week": ("/flow_runs/paginate", page | {"flow_runs": week}),
        "paginate: of a deployment": ("/flow_runs/paginate", page | deployment),
        "paginate: Failed or Crashed": ("/flow_runs/paginate", page | {"flow_runs": _in("FAILED", "CRASHED")}),
        "history: a day": ("/flow_runs/history", _buckets(seeded, days=1)),
        "history: a week": ("/flow_runs/history", _buckets(seeded, days=7)),
        "history: a month": ("/flow_runs/history", _buckets(seeded, days=30)),
        "history: a week of a deployment": ("/flow_runs/history", _buckets(seeded, days=7) | deployment),
        "lateness: last day": ("/flow_runs/lateness", {"flow_runs": day}),
        "lateness: last week": ("/flow_runs/lateness", {"flow_runs": week}),
        "lateness: of a work pool, last day": (
            "/flow_runs/lateness",
            {"work_pools": {"name": {"any_": ["pool-1"]}}, "flow_runs": day},
        ),
    }


def _of_runs(ids: list[str]) -> dict[str, tuple[str, Body]]:
    """Return what the page of the first run asks, and the list of all of them."""
    of_run: Body = {"flow_runs": _id(ids[0])}
    return {
        "run's page: its task runs": ("/task_runs/filter", of_run | {"sort": "ID_DESC", "limit": LIMIT}),
        "run's page: count of its task runs": ("/task_runs/count", of_run),
        "run's page: its log": ("/logs/filter", {"logs": {"flow_run_id": {"any_": ids[:1]}}, "limit": LIMIT}),
        "list: count of each run's task runs": ("/ui/flow_runs/count-task-runs", {"flow_run_ids": ids}),
    }


def _page_helpers(seeded: Seeded) -> dict[str, tuple[str, Body]]:
    week = {"start_time": _since(seeded, days=7)["start_time"]}
    failed_of_week: Body = {"flow_runs": _since(seeded, days=7) | _in("FAILED", "CRASHED")}
    return {
        "flows paginate": ("/flows/paginate", {"sort": "NAME_ASC", "limit": 50}),
        "flows with failures of last week": ("/flows/filter", failed_of_week),
        "deployments paginate": ("/deployments/paginate", {"sort": "NAME_ASC", "limit": 50}),
        "task runs: newest": ("/task_runs/filter", {"sort": "ID_DESC", "limit": LIMIT}),
        "task runs: Failed": (
            "/task_runs/filter",
            {"sort": "EXPECTED_START_TIME_DESC", "task_runs": _in("FAILED"), "limit": LIMIT},
        ),
        "task runs: count of last week": ("/task_runs/count", {"task_runs": week}),
        "task runs: history of a week": ("/task_runs/history", _buckets(seeded, days=7)),
        "ui: points of last week": ("/ui/flow_runs/history", {"flow_runs": _since(seeded, days=7)}),
        "ui: next run of each flow": ("/ui/flows/next-runs", {"flow_ids": seeded.flow_ids}),
        "ui: deployments of each flow": ("/ui/flows/count-deployments", {"flow_ids": seeded.flow_ids}),
        "ui: task runs over a week": ("/ui/task_runs/dashboard/counts", {"task_runs": week}),
        "ui: task runs by state, last week": ("/ui/task_runs/count", {"task_runs": week}),
    }


def _id(id_: str) -> Body:
    return {"id": {"any_": [id_]}}


def _in(*types: str) -> Body:
    return {"state": {"type": {"any_": types}}}


def _since(seeded: Seeded, *, days: int) -> Body:
    return {"start_time": {"after_": (seeded.now - timedelta(days=days)).isoformat()}}


def _buckets(seeded: Seeded, *, days: int) -> Body:
    start = seeded.now - timedelta(days=days)
    width = days * 86_400 / 60
    bounds = {"history_start": start.isoformat(), "history_end": seeded.now.isoformat()}
    return {**bounds, "history_interval_seconds": width}
