"""Going on while the server is away: what needs an answer waits, and the end of a run is in the journal meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from uuid_utils.compat import uuid7

from ostinato.engine.proposals import propose, without_result
from ostinato.engine.steps import Plan, Sleep

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.engine.hooks import LoggerLike
    from ostinato.journal.book import Journal
    from ostinato.states import State

T = TypeVar("T")

PAUSE, LONGEST_PAUSE = 1.0, 5.0
"""Seconds between two tries, beside those that the client makes: the first pause, which doubles, and the longest."""


def patiently(make: Callable[[], Plan[T]], logger: LoggerLike) -> Plan[T]:
    """Carry out the plan that `make` returns, again and again for `journal.patience` seconds while the server is away.

    It must do no harm twice. Raises what the plan raises.
    """
    import httpx

    from ostinato.client.errors import is_away
    from ostinato.settings import get_current_settings

    patience, since, pause = get_current_settings().journal.patience, None, PAUSE
    while True:
        try:
            return (yield from make())
        except httpx.HTTPError as error:
            now = time.monotonic()
            if not is_away(error) or (since is not None and now - since >= patience) or not patience:
                raise
            if since is None:
                since = now
                logger.warning("The server is away (%s); this waits for it up to %g s.", _brief(error), patience)
        yield Sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def propose_end(
    flow_run_id: UUID, state: State, force: bool, logger: LoggerLike, journal: Journal | None
) -> Plan[State]:
    """Propose a final state; if the server stays away, leave it to the journal and let it stand.

    Raises as `propose` does, and without a journal httpx.HTTPError where the server stays away. What interrupts this
    leaves the end in the journal.
    """
    import httpx

    from ostinato.client.errors import is_away

    transition_id = uuid7()
    settle = _keep(flow_run_id, state, force, transition_id, journal)
    try:
        answer = yield from patiently(
            lambda: propose(flow_run_id, state, force=force, transition_id=transition_id), logger
        )
    except httpx.HTTPError as error:
        if journal is not None and is_away(error):
            logger.error(
                "The server stays away (%s). The run ended in %s; the next process of this machine reports it from "
                "the journal, or `ostinato journal replay`.",
                _brief(error),
                state,
            )
            return state
        settle()
        raise
    except Exception:
        settle()
        raise
    settle()
    return answer


def _keep(
    flow_run_id: UUID, state: State, force: bool, transition_id: UUID, journal: Journal | None
) -> Callable[[], None]:
    """Note the end in the journal; return what forgets it."""
    if journal is None:
        return lambda: None
    from ostinato.journal.notes import ended_now

    note = ended_now(flow_run_id, without_result(state), transition_id, force=force)
    number = journal.note(note.model_dump_json(exclude_none=True).encode())
    return lambda: journal.settle(number)


def _brief(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
