"""What waits is counted for the run that it is of."""

import orjson

from ostinato.journal.tally import runs_of_events, runs_of_lines


def event(resource: str, *related: str) -> bytes:
    """Return an event on a resource that names others."""
    named = [{"prefect.resource.id": each, "prefect.resource.role": "x"} for each in related]
    return orjson.dumps({"event": "e", "resource": {"prefect.resource.id": resource}, "related": named})


def test_an_event_counts_for_the_first_run_that_it_names() -> None:
    frames = [
        event("prefect.flow-run.a", "prefect.flow-run.b"),
        event("prefect.task-run.t", "prefect.flow.f", "prefect.flow-run.b"),
        event("prefect.task-run.u", "prefect.flow-run.b"),
        event("my.own"),
    ]
    assert runs_of_events(frames) == {"a": 1, "b": 2}


def test_a_line_counts_for_its_run() -> None:
    lines = [orjson.dumps({"flow_run_id": run}) for run in ("a", None, "a")]
    assert runs_of_lines(lines) == {"a": 2}
