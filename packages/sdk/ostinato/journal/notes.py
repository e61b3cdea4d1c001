"""What the journal notes of flow runs: that one began here, and how it ended, until the server knows."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

from pydantic import BaseModel

from ostinato.journal.book import Journal, find_journal
from ostinato.settings import get_current_settings
from ostinato_wire.states import StateCreate

if TYPE_CHECKING:
    from ostinato_wire.flow_runs import FlowRun


REMEMBERED: Final = 100
"""Runs that have ended here lately, at most: they may have to be told that the server was away."""


class Begun(BaseModel):
    """The server let a run begin in this process: it is in the state `state_id`."""

    kind: Literal["begun"] = "begun"
    flow_run_id: UUID
    name: str
    state_id: UUID | None


class Ended(BaseModel):
    """A run ended, as it is to be proposed to the server; `transition_id` lets it know a repetition."""

    kind: Literal["ended"] = "ended"
    flow_run_id: UUID
    state: StateCreate
    force: bool
    transition_id: UUID
    ended: datetime


class Settled(BaseModel):
    """The note of that number needs nothing any more, though older ones still do."""

    kind: Literal["settled"] = "settled"
    number: int


def current_journal() -> Journal | None:
    """Return the journal for the server in force; None if none is kept."""
    settings = get_current_settings()
    return find_journal(settings, settings.api.url) if settings.api.url is not None else None


@dataclass(frozen=True, slots=True)
class _Here:
    run: FlowRun
    related: list[dict[str, str]]
    api_url: str | None
    journal: Journal | None
    number: int
    left: datetime | None = None


@dataclass(slots=True)
class _Runs:
    lock: Lock = field(default_factory=Lock)
    here: dict[UUID, _Here] = field(default_factory=dict[UUID, _Here])
    left: deque[_Here] = field(default_factory=lambda: deque[_Here](maxlen=REMEMBERED))


_runs = _Runs()


def _forget() -> None:
    global _runs
    _runs = _Runs()


os.register_at_fork(after_in_child=_forget)


def note_begun(run: FlowRun, related: list[dict[str, str]]) -> None:
    """Remember that a run goes on in this process; `related` are the resources that its events name."""
    forget_begun(run.id)
    journal, number = current_journal(), -1
    if journal is not None:
        begun = Begun(flow_run_id=run.id, name=run.name, state_id=run.state_id)
        number = journal.note(begun.model_dump_json().encode())
    here = _Here(run, related, get_current_settings().api.url, journal, number)
    with _runs.lock:
        _runs.here[run.id] = here


def forget_begun(run_id: UUID) -> None:
    """The run does not go on in this process any more."""
    with _runs.lock:
        here = _runs.here.pop(run_id, None)
        if here is not None:
            _runs.left.append(replace(here, left=datetime.now(UTC)))
    if here is not None and here.journal is not None:
        here.journal.settle(here.number)


def runs_since(api_url: str, since: datetime) -> list[tuple[FlowRun, list[dict[str, str]]]]:
    """Return the runs of a server that have been going on here since then, each with what its events name."""
    with _runs.lock:
        found = [*_runs.here.values(), *(here for here in _runs.left if here.left is not None and here.left >= since)]
    return [(here.run, here.related) for here in found if here.api_url == api_url]


def ended_now(flow_run_id: UUID, state: StateCreate, transition_id: UUID, *, force: bool) -> Ended:
    """Return the note on an end that is about to be proposed."""
    return Ended(
        flow_run_id=flow_run_id, state=state, force=force, transition_id=transition_id, ended=datetime.now(UTC)
    )
