"""How `flow-run explain` shows an explanation: what counts most first, with what to do about it."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import TypeAdapter
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ostinato.cli import output, runs
from ostinato_wire.base import JsonObject
from ostinato_wire.explanations import Cause, Explanation, Severity

_SYMBOLS = {Severity.BLOCKING: ("✗", "x"), Severity.WAITING: ("◷", "~"), Severity.INFO: ("·", "-")}
_STYLES = {Severity.BLOCKING: "red", Severity.WAITING: "yellow", Severity.INFO: "bright_black"}
_TIME = TypeAdapter(datetime)


def show(told: Explanation) -> None:
    """Print an explanation for people; it folds at the width of the terminal."""
    console = output.console()
    state = runs.state_text(told.state_type, told.state_name) if told.state_type else "without a state"
    since = f", {output.relative(told.since)}" if told.since else ""
    console.print(f"Flow run [bold]{output.plain(told.name)}[/]: {state}{since}")
    console.print(Text(str(told.id), "cyan"))
    for number, cause in enumerate(told.causes):
        console.print()
        console.print(_table(cause, plain=console.options.ascii_only, emphasis="bold" if number == 0 else ""))


def _table(cause: Cause, *, plain: bool, emphasis: str) -> Table:
    """Return a cause as a symbol and, beside it, all that is said of it."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    symbol, arrow = _SYMBOLS[cause.severity][plain], "->" if plain else "→"
    table.add_row(Text(symbol, _STYLES[cause.severity]), Text(cause.message, emphasis))
    if cause.since is not None:
        table.add_row("", Text(f"{output.relative(cause.since)} ({cause.since:%Y-%m-%d %H:%M:%S} UTC)", "dim"))
    for line in _holders(cause.details):
        table.add_row("", Padding(line, (0, 0, 0, 2)))
    if cause.remedy:
        table.add_row(Text(arrow, "green"), Text(cause.remedy, "green"))
    return table


def _holders(details: JsonObject) -> Iterator[Text]:
    """Return a line for each holder of slots that is named, and one for the others."""
    holders: list[JsonObject] = details.get("holders", [])
    for holder in holders:
        named = holder.get("name") or f"{holder.get('type') or 'somebody'} {holder.get('id') or ''}".strip()
        state = f" ({holder['state_name']})" if holder.get("state_name") else ""
        since = _TIME.validate_python(holder["since"]) if holder.get("since") else None
        line = Text(f"{named}{state} {output.relative(since)}".rstrip())
        yield line.append(f"  {holder['id']}", "cyan") if holder.get("id") else line
    more = details.get("holder_count", len(holders)) - len(holders)
    if more > 0:
        yield Text(f"and {more} more", "dim")
