"""The options of `ostinato deploy` as an entry of a project file, which is laid over what the file says."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import orjson

from ostinato.cli import output
from ostinato.deployments.project.file import ProjectFileError, as_object, load_yaml
from ostinato_wire.base import JsonObject

# Any below: JSON values.

STRATEGIES = ("ENQUEUE", "CANCEL_NEW")


def overlay(
    *,
    concurrency: tuple[int | None, str | None],
    pool: tuple[str | None, str | None, dict[str, Any]],
    crons: list[str] | None,
    intervals: list[float] | None,
    rrules: list[str] | None,
    anchor: datetime | None,
    zone: str | None,
    **members: Any,
) -> JsonObject:
    """Return an entry with what was given. `pool` are name, queue and job variables."""
    entry: JsonObject = {name: value for name, value in members.items() if value not in (None, [], {})}
    entry |= _concurrency(*concurrency)
    name, queue, variables = pool
    given = {"name": name, "work_queue_name": queue, "job_variables": variables}
    if any(given.values()):
        entry["work_pool"] = {key: value for key, value in given.items() if value}
    common = {"timezone": zone} if zone else {}
    schedules: list[JsonObject] = [
        *({"cron": text, **common} for text in crons or ()),
        *({"interval": span, **({"anchor_date": anchor.isoformat()} if anchor else {}), **common}
          for span in intervals or ()),
        *({"rrule": text, **common} for text in rrules or ()),
    ]  # fmt: skip
    return entry | ({"schedules": schedules} if schedules else {})


def _concurrency(limit: int | None, strategy: str | None) -> JsonObject:
    if strategy is None:
        return {} if limit is None else {"concurrency_limit": limit}
    if strategy.upper() not in STRATEGIES:
        output.fail(f"--collision-strategy is {' or '.join(STRATEGIES)}.")
    if limit is None:
        output.fail("--collision-strategy needs --concurrency-limit.")
    return {"concurrency_limit": {"limit": limit, "collision_strategy": strategy.upper()}}


def laid_over(entry: JsonObject, given: JsonObject) -> JsonObject:
    """Return an entry with the members of another in the place of its own; of the work pool each by itself."""
    merged = entry | given
    if "work_pool" in given:
        pool, over = as_object(entry.get("work_pool")), as_object(given["work_pool"])
        variables = as_object(pool.get("job_variables")) | as_object(over.get("job_variables"))
        merged["work_pool"] = pool | over | ({"job_variables": variables} if variables else {})
    if "schedules" in given:
        merged.pop("schedule", None)
    return merged


def read_triggers(texts: Iterable[str]) -> list[JsonObject]:
    """Return triggers of JSON texts, and of files with a list `triggers`. Ends the command for anything else."""
    found: list[JsonObject] = []
    for text in texts:
        is_file = text.endswith((".yaml", ".yml", ".json"))
        try:
            value: Any = load_yaml(Path(text)) if is_file else orjson.loads(text)
        except (ProjectFileError, orjson.JSONDecodeError) as error:
            output.fail(f"--trigger takes JSON, or a .yaml or .json file: {error}")
        several: Any = as_object(value).get("triggers") if is_file else [value]
        if not isinstance(several, list) or not all(isinstance(item, dict) for item in cast("list[Any]", several)):
            output.fail(f"--trigger: {text!r} holds no list `triggers` of objects.")
        found += cast("list[JsonObject]", several)
    return found
