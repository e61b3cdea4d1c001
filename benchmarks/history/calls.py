"""What pages and the command line ask of a server with many runs: lists, counts, sums and histories."""

from dataclasses import replace
from datetime import timedelta

import orjson

from benchmarks.history.bulk import RARE_TASK_TAG
from benchmarks.history.rows import COMMON_TAG, RARE_TAG
from benchmarks.history.seeding import Seeded
from benchmarks.wire import HttpConnection, encode_request

Body = dict[str, object]
Asked = dict[str, tuple[str, Body]]
"""Path and body of each call under its name."""
LIMIT = 200
PAGE = 50


async def prepare_calls(port: int, seeded: Seeded) -> dict[str, bytes]:
    """Return the request of each call under its name, those of one run's page about one that has completed lately."""
    latest = {"sort": "START_TIME_DESC", "limit": LIMIT, "flow_runs": _in("COMPLETED")}
    http = await HttpConnection.open(port)
    answer = await http.expect(encode_request("POST", "/api/flow_runs/filter", orjson.dumps(latest)), (200,))
    http.close()
    return _calls(replace(seeded, flow_run_ids=[run["id"] for run in orjson.loads(answer)]))


def _calls(seeded: Seeded) -> dict[str, bytes]:
    asked = {
        **_flow_run_lists(seeded),
        **_flow_run_sums(seeded),
        **_task_runs(seeded),
        **_dashboard(seeded),
        **_nouns(seeded),
        **_events(seeded),
    }
    posts = {name: encode_request("POST", f"/api{path}", orjson.dumps(body)) for name, (path, body) in asked.items()}
    return posts | {name: encode_request("GET", f"/api{path}") for name, path in _of_a_run(seeded).items()}


def _flow_run_lists(seeded: Seeded) -> Asked:
    week, deployment = _since(seeded, days=7), _id(seeded.deployment_ids[7])
    lists: dict[str, Body] = {
        "newest": {"sort": "ID_DESC"},
        "by start": {"sort": "START_TIME_DESC"},
        "by expected start": {"sort": "EXPECTED_START_TIME_DESC"},
        "by name": {"sort": "NAME_ASC"},
        "by end": {"sort": "END_TIME_DESC"},
        "last week, by start": {"sort": "START_TIME_DESC", "flow_runs": week},
        "last week, by name": {"sort": "NAME_ASC", "flow_runs": week},
        "last week, by end": {"sort": "END_TIME_DESC", "flow_runs": week},
        "last week without children": {
            "sort": "START_TIME_DESC",
            "flow_runs": week | {"parent_task_run_id": {"is_null_": True}},
        },
        "Failed or Crashed, by start": {"sort": "START_TIME_DESC", "flow_runs": _in("FAILED", "CRASHED")},
        "Failed or Crashed, newest": {"sort": "ID_DESC", "flow_runs": _in("FAILED", "CRASHED")},
        "Failed, by end": {"sort": "END_TIME_DESC", "flow_runs": _in("FAILED")},
        "Failed, oldest start first": {"sort": "START_TIME_ASC", "flow_runs": _in("FAILED")},
        "Completed, newest": {"sort": "ID_DESC", "flow_runs": _in("COMPLETED")},
        "all that ended, newest": {
            "sort": "ID_DESC",
            "flow_runs": _in("COMPLETED", "FAILED", "CRASHED", "CANCELLED"),
        },
        "Running, by start": {"sort": "START_TIME_DESC", "flow_runs": _in("RUNNING")},
        "Running, newest": {"sort": "ID_DESC", "flow_runs": _in("RUNNING")},
        "Scheduled, next first": {"sort": "NEXT_SCHEDULED_START_TIME_ASC", "flow_runs": _in("SCHEDULED")},
        "Scheduled, by expected start": {"sort": "EXPECTED_START_TIME_ASC", "flow_runs": _in("SCHEDULED")},
        "Late, by start": {"sort": "START_TIME_ASC", "flow_runs": {"state": {"name": {"any_": ["Late"]}}}},
        "of a deployment, by start": {"sort": "START_TIME_DESC", "deployments": deployment},
        "of a deployment, by its column": {
            "sort": "START_TIME_DESC",
            "flow_runs": {"deployment_id": {"any_": [seeded.deployment_ids[7]]}},
        },
        "Failed of a deployment, by start": {
            "sort": "START_TIME_DESC",
            "deployments": deployment,
            "flow_runs": _in("FAILED"),
        },
        "next of a deployment": {
            "sort": "NEXT_SCHEDULED_START_TIME_ASC",
            "deployments": deployment,
            "flow_runs": _in("SCHEDULED"),
        },
        "of a flow, by start": {"sort": "START_TIME_DESC", "flows": _id(seeded.flow_ids[3])},
        "of a flow, newest": {"sort": "ID_DESC", "flows": {"name": {"any_": ["flow-03"]}}},
        "of a work pool, by start": {"sort": "START_TIME_DESC", "work_pools": {"name": {"any_": ["pool-1"]}}},
        "with a common tag": {"sort": "START_TIME_DESC", "flow_runs": {"tags": {"all_": [COMMON_TAG]}}},
        "with a rare tag": {"sort": "START_TIME_DESC", "flow_runs": {"tags": {"all_": [RARE_TAG]}}},
        "with a rare tag, newest": {"sort": "ID_DESC", "flow_runs": {"tags": {"any_": [RARE_TAG]}}},
        "with a rare tag, last week": {
            "sort": "START_TIME_DESC",
            "flow_runs": week | {"tags": {"all_": [RARE_TAG]}},
        },
        "with a tag that none has": {"sort": "START_TIME_DESC", "flow_runs": {"tags": {"all_": ["none"]}}},
        "name like": {"sort": "START_TIME_DESC", "flow_runs": {"name": {"like_": "otter"}}},
        "name like, none there": {"sort": "START_TIME_DESC", "flow_runs": {"name": {"like_": "no-such-name"}}},
        "children of a run": {
            "sort": "START_TIME_DESC",
            "flow_runs": {"parent_flow_run_id": {"any_": seeded.flow_run_ids[:1]}},
        },
        "thousands further on": {"sort": "START_TIME_DESC", "offset": 10_000},
    }
    asked: Asked = {f"filter: {name}": ("/flow_runs/filter", body | {"limit": LIMIT}) for name, body in lists.items()}
    latest: Body = {"deployments": deployment, "sort": "START_TIME_DESC", "limit": 1}
    command_line: Body = {"sort": "EXPECTED_START_TIME_DESC", "limit": 15}
    others: Asked = {
        "filter: latest of a deployment": ("/flow_runs/filter", latest),
        "filter: flow-run ls": ("/flow_runs/filter", command_line),
        "filter: flow-run ls --state Failed": (
            "/flow_runs/filter",
            command_line | {"flow_runs": {"state": {"name": {"any_": ["Failed"]}}}},
        ),
    }
    return asked | others


def _flow_run_sums(seeded: Seeded) -> Asked:
    week, day = _since(seeded, days=7), _since(seeded, days=1)
    deployment: Body = {"deployments": _id(seeded.deployment_ids[7])}
    page: Body = {"sort": "START_TIME_DESC", "limit": PAGE, "page": 2}
    common_tag: Body = {"tags": {"all_": [COMMON_TAG]}}
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
        "count: common tag, last week": ("/flow_runs/count", {"flow_runs": week | common_tag}),
        "count: rare tag": ("/flow_runs/count", {"flow_runs": {"tags": {"all_": [RARE_TAG]}}}),
        "count: name like": ("/flow_runs/count", {"flow_runs": {"name": {"like_": "otter"}}}),
        "paginate: all": ("/flow_runs/paginate", page),
        "paginate: last week": ("/flow_runs/paginate", page | {"flow_runs": week}),
        "paginate: of a deployment": ("/flow_runs/paginate", page | deployment),
        "paginate: Failed or Crashed": ("/flow_runs/paginate", page | {"flow_runs": _in("FAILED", "CRASHED")}),
        "history: a day": ("/flow_runs/history", _buckets(seeded, days=1)),
        "history: a week": ("/flow_runs/history", _buckets(seeded, days=7)),
        "history: a month": ("/flow_runs/history", _buckets(seeded, days=30)),
        "history: a week of a deployment": ("/flow_runs/history", _buckets(seeded, days=7) | deployment),
        "history: a week with a common tag": (
            "/flow_runs/history",
            _buckets(seeded, days=7) | {"flow_runs": common_tag},
        ),
        "lateness: last day": ("/flow_runs/lateness", {"flow_runs": day}),
        "lateness: last week": ("/flow_runs/lateness", {"flow_runs": week}),
        "lateness: of a work pool, last day": (
            "/flow_runs/lateness",
            {"work_pools": {"name": {"any_": ["pool-1"]}}, "flow_runs": day},
        ),
    }


def _task_runs(seeded: Seeded) -> Asked:
    week, day = _since(seeded, days=7), _since(seeded, days=1)
    of_run: Body = {"flow_runs": {"id": {"any_": seeded.flow_run_ids[:1]}}}
    by_start: Body = {"sort": "EXPECTED_START_TIME_DESC"}
    of_deployment: Body = {"deployments": _id(seeded.deployment_ids[7])}
    lists: dict[str, Body] = {
        "newest": {"sort": "ID_DESC"},
        "by expected start": by_start,
        "by name": {"sort": "NAME_ASC"},
        "by end": {"sort": "END_TIME_DESC"},
        "last week, by expected start": by_start | {"task_runs": week},
        "last week, by name": {"sort": "NAME_ASC", "task_runs": week},
        "Failed": by_start | {"task_runs": _in("FAILED")},
        "Failed, newest": {"sort": "ID_DESC", "task_runs": _in("FAILED")},
        "Failed or Crashed, last week": by_start | {"task_runs": week | _in("FAILED", "CRASHED")},
        "Completed": by_start | {"task_runs": _in("COMPLETED")},
        "Running": by_start | {"task_runs": _in("RUNNING")},
        "named Cached": by_start | {"task_runs": {"state": {"name": {"any_": ["Cached"]}}}},
        "with a common tag": by_start | {"task_runs": {"tags": {"all_": ["gpu"]}}},
        "with a rare tag": by_start | {"task_runs": {"tags": {"all_": [RARE_TASK_TAG]}}},
        "name like": by_start | {"task_runs": {"name": {"like_": "score-ab"}}},
        "name like, last day": by_start | {"task_runs": day | {"name": {"like_": "score-abc"}}},
        "of a flow run": by_start | of_run,
        "of a flow": by_start | {"flows": _id(seeded.flow_ids[3])},
        "of a deployment": by_start | of_deployment,
        "Failed of a deployment": by_start | {"deployments": _id(seeded.deployment_ids[7]), "task_runs": _in("FAILED")},
    }
    asked: Asked = {
        f"task runs: {name}": ("/task_runs/filter", body | {"limit": LIMIT}) for name, body in lists.items()
    }
    page: Body = {"sort": "EXPECTED_START_TIME_DESC", "limit": PAGE, "page": 2}
    others: Asked = {
        "task runs: paginate, last day": ("/task_runs/paginate", page | {"task_runs": day}),
        "task runs: paginate, last week": ("/task_runs/paginate", page | {"task_runs": week}),
        "task runs: paginate, of a flow run": ("/task_runs/paginate", page | {"page": 1} | of_run),
        "task runs: count of a flow run": ("/task_runs/count", of_run),
        "task runs: count of last day": ("/task_runs/count", {"task_runs": day}),
        "task runs: count of last week": ("/task_runs/count", {"task_runs": week}),
        "task runs: count of last week, Failed": ("/task_runs/count", {"task_runs": week | _in("FAILED")}),
        "task runs: count of all": ("/task_runs/count", {}),
        "task runs: history of a day": ("/task_runs/history", _buckets(seeded, days=1)),
        "task runs: history of a week": ("/task_runs/history", _buckets(seeded, days=7)),
    }
    return asked | others


def _dashboard(seeded: Seeded) -> Asked:
    """Cards and tabs of the first page, for the last day and the last week, and plots of others."""
    asked: Asked = {}
    for name, days in (("day", 1), ("week", 7)):
        since = _since(seeded, days=days)
        span: Body = {"start_time": since["start_time"]}
        ended_badly: Body = {"flow_runs": since | _in("FAILED", "CRASHED")}
        without_children: Body = since | {"parent_task_run_id": {"is_null_": True}}
        cards: Asked = {
            f"ui: bars of last {name}": (
                "/flow_runs/filter",
                {"sort": "START_TIME_DESC", "limit": 60, "flow_runs": without_children},
            ),
            f"ui: tab, Failed without children of last {name}": (
                "/flow_runs/count",
                {"flow_runs": without_children | _in("FAILED", "CRASHED")},
            ),
            f"ui: tab, Completed without children of last {name}": (
                "/flow_runs/count",
                {"flow_runs": without_children | _in("COMPLETED")},
            ),
            f"ui: flows with failures of last {name}": ("/flows/filter", ended_badly),
            f"ui: task runs over last {name}": ("/ui/task_runs/dashboard/counts", {"task_runs": span}),
            f"ui: task runs by state, last {name}": ("/ui/task_runs/count", {"task_runs": span}),
            f"ui: points of last {name}": ("/ui/flow_runs/history", {"flow_runs": since}),
            f"ui: work pool, Completed of last {name}": (
                "/flow_runs/count",
                {"work_pools": {"name": {"any_": ["pool-1"]}}, "flow_runs": since | _in("COMPLETED")},
            ),
        }
        asked |= cards
    others: Asked = {
        "ui: next run of each flow": ("/ui/flows/next-runs", {"flow_ids": seeded.flow_ids}),
        "ui: deployments of each flow": ("/ui/flows/count-deployments", {"flow_ids": seeded.flow_ids}),
        "ui: task runs of each flow run": (
            "/ui/flow_runs/count-task-runs",
            {"flow_run_ids": seeded.flow_run_ids[:LIMIT]},
        ),
    }
    return asked | others


def _nouns(seeded: Seeded) -> Asked:
    return {
        "flows paginate": ("/flows/paginate", {"sort": "NAME_ASC", "limit": PAGE}),
        "deployments paginate": ("/deployments/paginate", {"sort": "NAME_ASC", "limit": PAGE}),
        "work pools": ("/work_pools/filter", {"limit": LIMIT}),
        "logs: of a flow run": (
            "/logs/filter",
            {
                "logs": {"flow_run_id": {"any_": seeded.flow_run_ids[:1]}, "level": {"ge_": 0}},
                "sort": "TIMESTAMP_ASC",
                "limit": LIMIT,
            },
        ),
        "logs: newest": ("/logs/filter", {"sort": "TIMESTAMP_DESC", "limit": LIMIT}),
        "logs: newest errors": (
            "/logs/filter",
            {"logs": {"level": {"ge_": 40}}, "sort": "TIMESTAMP_DESC", "limit": LIMIT},
        ),
    }


def _events(seeded: Seeded) -> Asked:
    def feed(days: int, **filters: object) -> Body:
        occurred = {"since": (seeded.now - timedelta(days=days)).isoformat(), "until": seeded.now.isoformat()}
        return {"filter": {"occurred": occurred, **filters}, "limit": PAGE}

    of_flow: Body = {"any_resource": {"id": [f"prefect.flow.{seeded.flow_ids[3]}"]}}
    of_run: Body = {"any_resource": {"id": [f"prefect.flow-run.{seeded.flow_run_ids[0]}"]}}
    by_hour: Body = {"time_unit": "hour", "time_interval": 1}
    return {
        "events: last day": ("/events/filter", feed(1)),
        "events: last week": ("/events/filter", feed(7)),
        "events: without log lines, last week": (
            "/events/filter",
            feed(7, event={"exclude_prefix": ["prefect.log.write"]}),
        ),
        "events: of flow runs, last week": ("/events/filter", feed(7, event={"prefix": ["prefect.flow-run."]})),
        "events: Failed flow runs, last week": ("/events/filter", feed(7, event={"name": ["prefect.flow-run.Failed"]})),
        "events: of a flow run, last week": (
            "/events/filter",
            feed(7, resource={"id": [f"prefect.flow-run.{seeded.flow_run_ids[0]}"]}),
        ),
        "events: of a flow, last day": ("/events/filter", feed(1, **of_flow)),
        "events: about a flow run, last day": ("/events/filter", feed(1, **of_run)),
        "events: by hour, last day": ("/events/count-by/time", feed(1) | by_hour),
        "events: by hour, last week": ("/events/count-by/time", feed(7) | by_hour),
        "events: by day, last week": ("/events/count-by/day", feed(7)),
        "events: by name, last day": ("/events/count-by/event", feed(1)),
        "events: by name, last week": ("/events/count-by/event", feed(7)),
    }


def _of_a_run(seeded: Seeded) -> dict[str, str]:
    """Paths of what the page of a flow run reads."""
    run = seeded.flow_run_ids[0]
    return {
        "a flow run": f"/flow_runs/{run}",
        "graph of a flow run": f"/flow_runs/{run}/graph-v2",
        "states of a flow run": f"/flow_run_states/?flow_run_id={run}",
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
