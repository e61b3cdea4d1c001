"""What `flow-run` and `task-run` have in common: filters by state, cells, objects, links."""

import webbrowser
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from rich.pretty import Pretty

from ostinato.cli import output
from ostinato.cli.connection import ui_page
from ostinato_wire.filters import AnyOrNotText, StateFilter, StateTypeFilter
from ostinato_wire.states import OrchestrationResult, State, StateType

STOCK_NAMES = (
    "Scheduled", "Late", "AwaitingRetry", "AwaitingConcurrencySlot", "Resuming", "Pending", "Running", "Retrying",
    "Paused", "Suspended", "Completed", "Cached", "RolledBack", "Cancelling", "Cancelled", "Crashed", "Failed",
    "TimedOut",
)  # fmt: skip
"""Names of states that servers and clients give on their own; they are recognised in any case."""

COLORS = {
    StateType.COMPLETED: "green",
    StateType.FAILED: "red",
    StateType.CRASHED: "orange1",
    StateType.RUNNING: "blue",
    StateType.SCHEDULED: "yellow",
    StateType.PENDING: "bright_black",
    StateType.CANCELLED: "bright_black",
    StateType.CANCELLING: "bright_black",
    StateType.PAUSED: "bright_black",
}
"""The colour of each state."""


def reason_of(answer: OrchestrationResult) -> str:
    """Return why the server did not accept a proposed state."""
    return getattr(answer.details, "reason", None) or "the server gave no reason"


def state_filter(names: Sequence[str], types: Sequence[str]) -> StateFilter | None:
    """Return the filter for the options `--state` and `--state-type`; None if neither is given."""
    if not names and not types:
        return None
    return StateFilter(
        name=AnyOrNotText(any_=[_state_name(name) for name in names]) if names else None,
        type=StateTypeFilter(any_=[_state_type(name) for name in types]) if types else None,
    )


def _state_name(text: str) -> str:
    known = {name.lower(): name for name in STOCK_NAMES}.get(text.lower())
    if known is None:
        output.warn(f"State name {text!r} is not one of the usual ones; it is used as it is.")
    return known or text


def _state_type(text: str) -> StateType:
    try:
        return StateType(text.upper())
    except ValueError:
        output.fail(f"Unknown state type {text!r}. Choose from: {', '.join(StateType)}.")


def state_cell(state: State | None) -> str:
    """Return the coloured name of a state, with its type where that differs."""
    return "" if state is None else state_text(state.type, state.name)


def state_text(type_: StateType, name: str | None) -> str:
    """Return the same for a state of which only type and name are known."""
    shown = name or type_.capitalize()
    text = shown if shown.upper() == type_ else f"{shown} ({type_.lower()})"
    return f"[{COLORS[type_]}]{output.plain(text)}[/]"


def is_final(state: State | None) -> bool:
    """Whether a run is over."""
    return state is not None and state.is_final()


def json_of(item: BaseModel) -> dict[str, Any]:  # a JSON object
    """Return an object of the API as JSON."""
    return item.model_dump(mode="json")


def show_object(item: BaseModel, as_json: str | None) -> None:
    """Print an object of the API with all its members: as JSON where that is asked for, else for people."""
    if as_json:
        output.print_json(json_of(item))
    else:
        output.console().print(Pretty(item, expand_all=True))


def open_in_browser(kind: str, run_id: UUID) -> None:
    """Open the page of a run (`flow-run` or `task-run`) in the browser."""
    url = ui_page(f"runs/{kind}/{run_id}")
    if url is None:
        output.fail("There is no UI to open: set OSTINATO_UI_URL or OSTINATO_API_URL.")
    webbrowser.open_new_tab(url)
    output.succeed(f"Opened {url}")
