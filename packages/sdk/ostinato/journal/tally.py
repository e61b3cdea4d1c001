"""Counting what was on its way, run by run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(slots=True)
class Tally:
    """What was found of each run, by its id as text."""

    events: Counter[str] = field(default_factory=Counter[str])
    log_lines: Counter[str] = field(default_factory=Counter[str])


def runs_of_events(frames: Iterable[bytes]) -> Counter[str]:
    """Return how many events (JSON) there are of each flow run: those on it, and those that name it first."""
    return Counter(run for frame in frames if (run := _run_of(orjson.loads(frame))) is not None)


def _run_of(event: dict[str, Any]) -> str | None:  # Any: JSON
    resources: list[dict[str, str]] = [event["resource"], *event.get("related", [])]
    for resource in resources:
        name = resource.get("prefect.resource.id", "")
        if name.startswith("prefect.flow-run."):
            return name.removeprefix("prefect.flow-run.")
    return None


def runs_of_lines(lines: Iterable[bytes]) -> Counter[str]:
    """Return how many log lines (JSON) there are of each flow run."""
    runs = (orjson.loads(line).get("flow_run_id") for line in lines)
    return Counter(run for run in runs if run is not None)
