"""Telling the server how runs of a dead process ended: as it noted, or that it was killed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final
from uuid import UUID

import httpx

from ostinato.client.errors import ObjectNotFound, is_away
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.events.worker import EventsWorker
from ostinato.journal.leftovers import Leftover
from ostinato.journal.notes import Begun, Ended
from ostinato.journal.telling import PROCESS_DIED, reported_late, tell_in_log
from ostinato_wire.states import OrchestrationResult, SetStateStatus, StateCreate, StateType

if TYPE_CHECKING:
    from ostinato.journal.tally import Tally
    from ostinato.settings import Settings

logger = logging.getLogger("ostinato.journal")

KILLED: Final = "The process of the run ended without a word: it was killed, or its machine went down."
NOBODY_RETRIES: Final = "its process is gone, so that nobody runs it again"


def report_ends(settings: Settings, api_url: str, leftover: Leftover, tally: Tally) -> int | None:
    """Propose the ends that a process left, as that process, and tell its runs; return how many, None if it is away."""
    notes = leftover.notes()
    ended = {note.flow_run_id: note for note in notes if isinstance(note, Ended)}
    begun = {note.flow_run_id: note for note in notes if isinstance(note, Begun)}
    names = {run_id: note.name for run_id, note in begun.items()}
    outcomes: dict[UUID, str] = {}
    with SyncOstinatoClient(settings, api_url) as client:
        client.speak_for(leftover.owner.headers)
        # A sub-flow began after its caller, and ended before.
        for run_id in reversed([*begun, *(run_id for run_id in ended if run_id not in begun)]):
            try:
                if run_id in ended:
                    outcomes[run_id] = _report_end(client, ended[run_id])
                elif run_id != leftover.owner.supervised and _report_killed(client, begun[run_id]):
                    outcomes[run_id] = "it is told to have crashed"
            except ObjectNotFound:
                logger.info("Flow run '%s', which a dead process left in its journal, was deleted.", run_id)
            except httpx.HTTPError as error:
                if is_away(error):
                    return None
                logger.error("The end of flow run '%s', left by a dead process, is refused: %s", run_id, error)
    _tell(settings, api_url, leftover, tally, outcomes, names)
    return len(outcomes)


def _report_end(client: SyncOstinatoClient, end: Ended) -> str:
    """Propose an end; return what became of it, as a part of a sentence."""
    text = f"its end ({end.state.name}, at {end.ended:%H:%M:%S} UTC)"
    answer = client.set_flow_run_state(end.flow_run_id, end.state, end.force, transition_id=end.transition_id)
    if answer.status is SetStateStatus.ACCEPT or _is_known(answer, end.state):
        return f"{text} is reported now"
    if answer.state is not None and answer.state.type is StateType.SCHEDULED:
        if client.read_flow_run(end.flow_run_id).deployment_id is not None:
            return f"{text} is reported now, and it runs again"
        client.set_flow_run_state(end.flow_run_id, end.state, force=True)
        return f"{text} is reported now; {NOBODY_RETRIES}"
    reason = getattr(answer.details, "reason", None) or answer.status.value
    return f"{text} came too late: {reason}"


def _is_known(answer: OrchestrationResult, state: StateCreate) -> bool:
    """Whether the server has this end already: an earlier proposal got through, and its answer did not."""
    current = answer.state
    members = ("type", "name", "message")
    return current is not None and all(getattr(current, name) == getattr(state, name) for name in members)


def _report_killed(client: SyncOstinatoClient, begun: Begun) -> bool:
    """Tell that a run crashed which is as its dead process left it; whether it was."""
    state = client.read_flow_run(begun.flow_run_id).state
    if state is None or state.type is not StateType.RUNNING or state.id != begun.state_id:
        return False
    client.set_flow_run_state(begun.flow_run_id, StateCreate(type=StateType.CRASHED, message=KILLED))
    return True


def _tell(
    settings: Settings,
    api_url: str,
    leftover: Leftover,
    tally: Tally,
    outcomes: dict[UUID, str],
    names: dict[UUID, str],
) -> None:
    owner = leftover.owner
    lost_events, lost_lines, _ = leftover.missing
    runs = {UUID(run_id) for run_id in (*tally.events, *tally.log_lines)} | set(outcomes)
    for run_id in sorted(runs):
        events, lines = tally.events[str(run_id)], tally.log_lines[str(run_id)]
        payload = {
            "cause": PROCESS_DIED,
            "process": owner.pid,
            "host": owner.host,
            "since": owner.began.isoformat(),
            "events": events,
            "log_lines": lines,
            "lost_events": lost_events,
            "lost_log_lines": lost_lines,
            "end": outcomes.get(run_id),
        }
        EventsWorker.of_server(settings, api_url).adopt(reported_late(run_id, names.get(run_id, ""), payload))
        end = f"; {outcomes[run_id]}" if run_id in outcomes else ""
        text = (
            f"Process {owner.pid} on {owner.host} died. {events} events and {lines} log lines of this run were in its "
            f"journal, and what the server had not got is reported now{end}."
        )
        if lost_events or lost_lines:
            text += f" The journal was full: {lost_events} events and {lost_lines} log lines of the process are lost."
        tell_in_log(settings, api_url, run_id, text)
