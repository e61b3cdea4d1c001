"""Causes of limits: who holds the slots that a run, or its task runs, wait for, and who comes first."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from ostinato_core.concurrency import repository as limits
from ostinato_core.concurrency.rows import limit_of
from ostinato_core.concurrency.slots import TAG_PREFIX, Limit
from ostinato_core.deployments.limits import own_name
from ostinato_core.flow_runs.explanation import queries
from ostinato_core.flow_runs.explanation.words import cause, counted
from ostinato_core.states.rows import JsonDict, Row
from ostinato_core.transaction import Transaction
from ostinato_wire.explanations import CauseCode, Severity

_TAG_LIMITS_LOOKED_AT: Final = 1000
_TASK_RUNS_NAMED: Final = 10


async def full_in_pool(tx: Transaction, run: Row) -> list[JsonDict]:
    """Return the limits of the run's pool and queue of which no slot is free."""
    if run["pool_limit"] is None and run["queue_limit"] is None:
        return []
    taken = await queries.taken_slots(tx, run["pool_id"])
    in_pool, in_queue = sum(taken.values()), taken.get(run["work_queue_id"], 0)
    causes: list[JsonDict] = []
    if run["pool_limit"] is not None and in_pool >= run["pool_limit"]:
        holders = await queries.holders_in_pool(tx, run["pool_id"])
        what = f"work pool {run['pool_name']!r}"
        causes.append(_full(CauseCode.POOL_LIMIT_FULL, what, run["pool_limit"], in_pool, holders))
    if run["queue_limit"] is not None and in_queue >= run["queue_limit"]:
        holders = await queries.holders_in_queue(tx, run["work_queue_id"])
        what = f"work queue {run['queue_name']!r} of the work pool {run['pool_name']!r}"
        causes.append(_full(CauseCode.QUEUE_LIMIT_FULL, what, run["queue_limit"], in_queue, holders))
    return causes


async def full_of_deployment(tx: Transaction, run: Row) -> list[JsonDict]:
    """Return the limit of the run's deployment where none of its slots is free."""
    row = None if run["concurrency_limit_id"] is None else await limits.find(tx, run["concurrency_limit_id"])
    if row is None:
        return []
    limit = limit_of(row)
    if not limit.active or limit.free(tx.now) > 0:
        return []
    holders, leases = await queries.holders_of_limit(tx, limit.id)
    if limit.name == own_name(run["deployment_id"]):
        what = f"deployment '{run['flow_name']}/{run['deployment_name']}'"
    else:
        what = f"concurrency limit {limit.name!r}, which its deployment shares"
    told = _full(
        CauseCode.DEPLOYMENT_LIMIT_FULL,
        what,
        limit.limit,
        limit.in_use(tx.now),
        holders,
        leases=leases,
        more=_of(limit),
    )
    options: JsonDict = run["concurrency_options"] or {}
    cancels = options.get("collision_strategy") == "CANCEL_NEW"
    told["details"]["collision_strategy"] = "CANCEL_NEW" if cancels else "ENQUEUE"
    if cancels and limit.limit > 0:
        told["severity"] = Severity.BLOCKING.value
        told["message"] = (
            f"{told['message'].removesuffix('.')}, and a worker that takes it before one is free cancels it."
        )
        told["remedy"] += " Or let the deployment enqueue runs: collision_strategy ENQUEUE."
    return [told]


def runs_ahead(run: Row, standing: Row) -> Iterator[JsonDict]:
    """How many runs are given to workers, or take slots, before this one."""
    place, room, what = _stuck_at(run, standing)
    if place <= 1:
        return
    ahead = place - 1
    better: int = standing["of_better_queues"] if standing["place_in_line"] is not None else 0
    of_better = f", {better} of them in queues of higher priority" if better else ""
    free = None if room is None else max(0, int(room))
    enough = "" if free is None or free >= place else f", and {counted(free, 'slot')} of the {what} {_are(free)} free"
    yield cause(
        CauseCode.RUNS_AHEAD,
        Severity.WAITING,
        f"{counted(ahead, 'run')} {_are(ahead)} ahead of it in the line{of_better}{enough}.",
        remedy="Start more workers or raise limits; or give its queue a higher priority (a lower number).",
        ahead=ahead,
        of_better_queues=better,
        place=place,
        line_of=what,
        free_slots=free,
    )


def _stuck_at(run: Row, standing: Row) -> tuple[int, float | None, str]:
    """Return the run's place, the free slots and the name of the line in which it does not get further."""
    if standing["place_in_line"] is not None:
        return standing["place_in_line"], standing["pool_room"], "work pool"
    if standing["place_in_queue"] is not None:
        return standing["place_in_queue"], standing["queue_room"], "work queue"
    return standing["place_in_deployment"], standing["deployment_room"], "deployment"


async def full_tags(tx: Transaction, run: Row) -> list[JsonDict]:
    """Return the limits on tags for whose slots task runs of a run wait."""
    rows = await limits.select_all(tx, _TAG_LIMITS_LOOKED_AT, 0, for_tags=True)
    full = [limit for limit in map(limit_of, rows) if limit.active and limit.free(tx.now) <= 0]
    if not full:
        return []
    waiting = await queries.task_runs_not_begun(tx, run["id"])
    causes: list[JsonDict] = []
    for limit in full:
        tag = limit.name.removeprefix(TAG_PREFIX)
        held_back = [row for row in waiting if tag in row["tags"]]
        if held_back:
            causes.append(await _full_tag(tx, limit, tag, held_back))
    return causes


async def _full_tag(tx: Transaction, limit: Limit, tag: str, held_back: Sequence[Row]) -> JsonDict:
    holders, leases = await queries.holders_of_limit(tx, limit.id)
    told = _full(
        CauseCode.TAG_LIMIT_FULL,
        f"tag {tag!r}",
        limit.limit,
        limit.in_use(tx.now),
        holders,
        leases=leases,
        more={
            **_of(limit),
            "tag": tag,
            "task_runs": [{"id": row["id"], "name": row["name"]} for row in held_back[:_TASK_RUNS_NAMED]],
            "task_run_count": len(held_back),
        },
    )
    message: str = told["message"]
    told["message"] = f"{counted(len(held_back), 'task run')} of it {_waits(len(held_back))}: {_lowered(message)}"
    return told


def _full(
    code: CauseCode,
    what: str,
    limit: int,
    taken: int,
    holders: list[JsonDict],
    *,
    leases: int | None = None,
    more: JsonDict | None = None,
) -> JsonDict:
    """Return the cause that all slots are taken; `leases`: how many holders there are, where it is not `taken`."""
    if limit <= 0:
        return cause(
            code,
            Severity.BLOCKING,
            f"The {what} has a limit of {limit}, so nothing can run.",
            remedy=f"Raise the limit of the {what}.",
            limit=limit,
            taken=taken,
            holders=holders,
            **(more or {}),
        )
    count = taken if leases is None else leases
    since: datetime | None = max(each["since"] for each in holders) if holders and count == len(holders) else None
    name = f"{holders[0]['name'] or holders[0]['id']!s}" if holders else ""
    if limit == 1:
        message = f"The only slot of the {what} is taken{f', by {name!r}' if name else ''}."
    else:
        message = f"All {limit} slots of the {what} are taken{f', one the longest by {name!r}' if name else ''}."
    return cause(
        code,
        Severity.WAITING,
        message,
        since=since,
        remedy=f"Wait until a holder ends, cancel one that hangs, or raise the limit of the {what}.",
        limit=limit,
        taken=taken,
        holders=holders,
        holder_count=count,
        **(more or {}),
    )


def _of(limit: Limit) -> JsonDict:
    return {"limit_id": limit.id, "limit_name": limit.name}


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _waits(count: int) -> str:
    return "waits" if count == 1 else "wait"
