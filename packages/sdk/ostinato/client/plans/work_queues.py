"""Work queues by name, and the runs that wait in them; the rest about queues is beside their pools."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ostinato.client.operation import decode, encode, facts
from ostinato.client.runs import FlowRun
from ostinato.client.steps import Plan, Request
from ostinato_wire.work_queues import WorkQueue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

PAGE = 200


def match_work_queues(prefixes: Iterable[str], work_pool_name: str | None = None) -> Plan[list[WorkQueue]]:
    """Return the queues, of one pool or of all, whose name begins with one of `prefixes`. Raises ObjectNotFound."""
    path = f"/work_pools/{work_pool_name}/queues/filter" if work_pool_name else "/work_queues/filter"
    wanted = {"name": {"startswith_": list(prefixes)}}
    found: list[WorkQueue] = []
    while True:
        body = {"work_queues": wanted, "limit": PAGE, "offset": len(found)}
        with facts():
            response = yield Request("POST", path, encode(body))
        page = decode(response, list[WorkQueue])
        found += page
        if len(page) < PAGE:
            return found


def get_runs_in_work_queue(
    work_queue_id: UUID, limit: int = 10, scheduled_before: datetime | None = None
) -> Plan[list[FlowRun]]:
    """Return runs of a queue that are due before `scheduled_before` (default now). Raises ObjectNotFound."""
    body = {"limit": limit, "scheduled_before": scheduled_before or datetime.now(UTC)}
    with facts():
        response = yield Request("POST", f"/work_queues/{work_queue_id}/get_runs", encode(body))
    return decode(response, list[FlowRun])
