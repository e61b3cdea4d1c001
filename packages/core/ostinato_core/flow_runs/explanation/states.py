"""Causes that the run's own state and times tell."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from ostinato_core.flow_runs.explanation.words import at, cause, how_long
from ostinato_core.liveness.pending_runs import WORKER
from ostinato_core.loop_settings import LoopSettings
from ostinato_core.states.rows import JsonDict, Row
from ostinato_wire.explanations import CauseCode, Severity

_RETRY_BEGINS_WITHIN: Final = timedelta(seconds=60)
"""A process that waits for a retry and has not begun it so long after its time is taken to be gone."""
_WORKERS_NAMED: Final = 10
_MOST_SHOWN: Final = 300
"""Characters of a state's message."""


def retries_in_process(run: Row) -> bool:
    """Whether the process of the run itself waits for the retry: workers are not given it."""
    policy: JsonDict = run["empirical_policy"] or {}
    return policy.get("retry_type") == "in_process"


def is_due(run: Row, now: datetime) -> bool:
    """Whether a scheduled run is in the line by now."""
    return any(time is not None and time <= now for time in (run["due"], run["next_scheduled_start_time"]))


def retry_in_process(run: Row, now: datetime) -> Iterator[JsonDict]:
    """What a run waits for that its own process begins anew."""
    due: datetime = run["next_scheduled_start_time"] or run["state_timestamp"]
    since: datetime = run["state_timestamp"]
    if now - due > _RETRY_BEGINS_WITHIN:
        yield cause(
            CauseCode.RETRY_OVERDUE,
            Severity.BLOCKING,
            f"Its process was to try again {how_long(now - due)} ago and has not, so it is probably gone.",
            since=due,
            remedy="See whether the process of the run still runs; else cancel the run, or start it again.",
            due=due,
        )
        return
    yield cause(
        CauseCode.WAITING_FOR_RETRY,
        Severity.WAITING,
        f"It failed, and its own process tries again {_when(due, now)}.",
        since=since,
        due=due,
        run_count=run["run_count"],
    )


def not_due(run: Row, now: datetime) -> JsonDict:
    """Return until when a run is not given to a worker."""
    due: datetime = run["next_scheduled_start_time"]
    if run["state_name"] == "AwaitingRetry":
        code, message = CauseCode.WAITING_FOR_RETRY, f"It failed, and is tried again {_when(due, now)}."
    else:
        code, message = CauseCode.NOT_DUE, f"It is due {_when(due, now)}."
    return cause(code, Severity.WAITING, message, since=run["state_timestamp"], due=due, run_count=run["run_count"])


def late(run: Row, now: datetime, after: timedelta) -> Iterator[JsonDict]:
    """By how much a run is late that could have begun `after` so long."""
    due: datetime = run["due"] or run["next_scheduled_start_time"]
    if now - due > after:
        yield cause(
            CauseCode.LATE,
            Severity.INFO,
            f"It is late by {how_long(now - due)}: it was due at {at(due)}.",
            since=due,
            late_by=(now - due).total_seconds(),
            due=due,
        )


def too_late(run: Row, now: datetime) -> Iterator[JsonDict]:
    """Why a run is not given to workers that its schedule does not want any more."""
    end: datetime | None = run["start_before"]
    if end is not None and end <= now and run["due"] < end and run["run_count"] == 0:
        yield cause(
            CauseCode.TOO_LATE,
            Severity.WAITING,
            f"By its schedule it was to start before {at(end)}, so the scheduler skips it.",
            since=end,
            remedy="If it is still wanted, set it to Scheduled again, or let the schedule catch up with all its runs.",
            start_before=end,
        )


def ready(run: Row) -> JsonDict:
    """Return that nothing is in the way."""
    if run["pool_name"] is None:
        message = "Nothing holds it back: the process that serves its deployment is given it when it next asks."
    else:
        message = f"Nothing holds it back: the next worker that asks the work pool {run['pool_name']!r} is given it."
    return cause(CauseCode.READY, Severity.INFO, message, since=run["due"])


def taken_by(run: Row) -> str | None:
    """Return the name of the worker that took a run last, if it told."""
    labels: JsonDict = run["labels"] or {}
    return labels.get(WORKER)


def pending_until(run: Row, settings: LoopSettings) -> datetime | None:
    """Return when a run that does not begin is taken back from its worker; None where nobody does that."""
    seconds: int | None = run["pending_deadline_seconds"]
    if seconds is None:
        seconds = settings.pending_deadline_after
    if not seconds or run["deployment_id"] is None or not settings.pending_deadline_enabled:
        return None
    return run["state_timestamp"] + timedelta(seconds=seconds)


def pending(run: Row, online: Sequence[JsonDict], now: datetime, until: datetime | None = None) -> JsonDict:
    """Return since when a worker, or its own process, is about to begin a run; `until` then it is taken back."""
    since: datetime = run["state_timestamp"]
    taker = taken_by(run)
    if run["pool_name"] is None:
        who = "the process that made it"
    else:
        who = f"{'a worker' if taker is None else f'the worker {taker!r}'} of the work pool {run['pool_name']!r}"
    then = f"; at {at(until)} it is scheduled again, for another worker" if until else ""
    where = f" as {run['infrastructure_pid']}" if run["infrastructure_pid"] else ""
    return cause(
        CauseCode.PENDING,
        Severity.WAITING,
        f"It was taken by {who} {how_long(now - since)} ago{where}, and has not begun yet{then}.",
        since=since,
        remedy="If that takes too long, look at the log of the worker and at the infrastructure that it starts.",
        worker=taker,
        deadline=until,
        workers_online=[worker["name"] for worker in online[:_WORKERS_NAMED]],
        infrastructure_pid=run["infrastructure_pid"],
        state_name=run["state_name"],
    )


def paused(run: Row, now: datetime) -> JsonDict:
    """Return what a paused or suspended run waits for, and until when."""
    details: JsonDict = run["state_details"] or {}
    until = _time(details.get("pause_timeout"))
    wants_input = bool(details.get("run_input_keyset"))
    verb = "suspended" if details.get("pause_reschedule") else "paused"
    told: JsonDict = {"pause_timeout": until, "waits_for_input": wants_input, "suspended": verb == "suspended"}
    since: datetime = run["state_timestamp"]
    if until is not None and until <= now:
        return cause(
            CauseCode.PAUSE_EXPIRED,
            Severity.WAITING,
            f"It was {verb} and not resumed until {at(until)}, so it can only fail.",
            since=until,
            remedy="See whether the server's background loops run: one of them ends such runs.",
            **told,
        )
    until_when = f", until {at(until)} at the latest" if until else ""
    for_what = "somebody gives it its input" if wants_input else "somebody resumes it"
    return cause(
        CauseCode.PAUSED,
        Severity.BLOCKING,
        f"It is {verb} and waits until {for_what}{until_when}.",
        since=since,
        remedy="Resume it" + (" with the input that it asks for" if wants_input else "") + ", or cancel it.",
        **told,
    )


def cancelling(run: Row, now: datetime, timeout: timedelta) -> JsonDict:
    """Return since when a run is asked to end."""
    since: datetime = run["state_timestamp"]
    deadline = since + timeout
    overdue = deadline <= now
    then = (
        f"should count as cancelled since {at(deadline)}" if overdue else f"counts as cancelled from {at(deadline)} on"
    )
    return cause(
        CauseCode.CANCELLING,
        Severity.WAITING,
        f"It was asked to cancel {how_long(now - since)} ago, and {then}.",
        since=since,
        remedy="See whether the server's background loops run: one of them ends such runs." if overdue else None,
        deadline=deadline,
    )


def running(run: Row, now: datetime) -> JsonDict:
    """Return since when a run is running."""
    since: datetime = run["state_timestamp"]
    beat: datetime | None = run["last_heartbeat"]
    heard = f"; its last heartbeat came {how_long(now - beat)} ago" if beat else ""
    attempt = f" (attempt {run['run_count']})" if run["run_count"] > 1 else ""
    return cause(
        CauseCode.RUNNING,
        Severity.INFO,
        f"It is running, for {how_long(now - since)}{attempt}{heard}.",
        since=since,
        run_count=run["run_count"],
        worker=taken_by(run),
        last_heartbeat=beat,
        infrastructure_pid=run["infrastructure_pid"],
    )


def silent(run: Row, now: datetime) -> Iterator[JsonDict]:
    """A run that has sent heartbeats, and missed more than one by now."""
    beat: datetime | None = run["last_heartbeat"]
    interval: float | None = run["heartbeat_interval"]
    if beat is None or interval is None or now - beat <= 2 * timedelta(seconds=interval):
        return
    yield cause(
        CauseCode.SILENT,
        Severity.WAITING,
        f"Its last heartbeat came {how_long(now - beat)} ago, though one is due every {interval:.0f} s, so its process "
        "may be gone.",
        since=beat,
        remedy="See whether its process still runs; the server lets the run crash if it stays silent.",
        last_heartbeat=beat,
        interval=interval,
    )


def finished(run: Row, now: datetime) -> JsonDict:
    """Return how and when a run ended."""
    since: datetime = run["state_timestamp"]
    why = f": {_line(run['state_message'])}" if run["state_message"] else ""
    return cause(
        CauseCode.FINISHED,
        Severity.INFO,
        f"It ended {how_long(now - since)} ago as {run['state_name']}{why}.",
        since=since,
        state_message=run["state_message"],
    )


def without_state() -> JsonDict:
    """Return that nothing was ever said of a run."""
    return cause(
        CauseCode.NO_STATE,
        Severity.BLOCKING,
        "It has no state, so nobody is asked to start it.",
        remedy="Set its state to Scheduled, or delete it.",
    )


def _line(text: str) -> str:
    """Return a message as one line that can end a sentence, cut where it is long."""
    line = " ".join(text.split())
    return f"{line[: _MOST_SHOWN - 1]}…" if len(line) > _MOST_SHOWN else line.removesuffix(".")


def _when(due: datetime, now: datetime) -> str:
    return f"in {how_long(due - now)}, at {at(due)}" if due > now else "now"


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
