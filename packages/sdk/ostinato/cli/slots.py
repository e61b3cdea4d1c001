"""Who holds the slots of a work pool or queue, as `work-pool slots` and `work-queue slots` show it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from ostinato.cli import output, runs
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.work_pools import FlowRunSlotSummary, QueueSlots, WorkPoolConcurrencyStatus
from ostinato_wire.work_queues import WorkQueue, WorkQueueConcurrencyStatus

BAR = 40
"""Columns of the bar."""
EASY, TIGHT = 0.6, 0.8
"""Up to this part of the slots the bar is green, then yellow, then red."""


def of_pool(client: SyncOstinatoClient, name: str) -> WorkPoolConcurrencyStatus:
    """Return the slots of a pool with all its queues. Raises ObjectNotFound."""
    whole = client.read_work_pool_concurrency_status(name)
    for page in range(2, whole.pages + 1):
        whole.queues += client.read_work_pool_concurrency_status(name, page).queues
    return whole


def of_queue(client: SyncOstinatoClient, queue_id: UUID) -> WorkQueueConcurrencyStatus:
    """Return the slots of a queue with all the runs that hold them. Raises ObjectNotFound."""
    whole = client.read_work_queue_concurrency_status(queue_id)
    for page in range(2, whole.pages + 1):
        whole.flow_runs += client.read_work_queue_concurrency_status(queue_id, page).flow_runs
    return whole


def is_cut(queue: QueueSlots) -> bool:
    """Whether the server told fewer runs of a queue than hold its slots."""
    return queue.flow_run_count is not None and queue.flow_run_count > len(queue.flow_runs)


def show_pool(name: str, found: WorkPoolConcurrencyStatus) -> None:
    """Print how full a pool is, and the runs of each of its queues."""
    _show_bar(f"Work pool '{name}'", found.active_slots, found.concurrency_limit)
    _show_runs([(queue.queue_name, run) for queue in found.queues for run in queue.flow_runs])
    for queue in filter(is_cut, found.queues):
        hint = f"`ostinato work-queue slots {queue.queue_name} --pool {name}` shows all."
        output.warn(f"Queue '{queue.queue_name}': {len(queue.flow_runs)} of {queue.flow_run_count} runs. {hint}")


def show_queue(queue: WorkQueue, found: WorkQueueConcurrencyStatus) -> None:
    """Print how full a queue is, and its runs."""
    _show_bar(f"Work queue '{queue.name}'", found.active_slots, found.concurrency_limit)
    _show_runs([(queue.name, run) for run in found.flow_runs])


def _show_bar(label: str, active: int, limit: int | None) -> None:
    if limit is None:
        output.console().print(f"{output.plain(label)}: {active} active (Unlimited)")
        return
    part = min(active / limit, 1.0) if limit else float(active > 0)
    color = "green" if part <= EASY else "yellow" if part <= TIGHT else "red"
    full = round(part * BAR)
    bar = f"[{color}]{'█' * full}[/][dim]{'░' * (BAR - full)}[/]"
    output.console().print(f"{output.plain(label)}: {bar} {active} / {limit}")


def _show_runs(found: Sequence[tuple[str, FlowRunSlotSummary]]) -> None:
    if not found:
        output.say("No flow run holds a slot.")
        return
    rows = [
        (
            output.plain(queue),
            f"{output.plain(run.name)}\n[dim]{run.id}[/]",
            runs.state_text(run.state_type, run.state_name) if run.state_type else output.plain(run.state_name or ""),
            _duration(run.time_in_current_state),
        )
        for queue, run in found
    ]
    output.print_table("Slots", ["Queue", "Flow Run", "State", "Duration"], rows, wide="Flow Run")


def _duration(seconds: float | None) -> str:
    return "" if seconds is None else str(timedelta(seconds=round(seconds)))
