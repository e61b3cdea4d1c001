"""`ostinato journal`: what processes of this machine have not been able to tell the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from ostinato.cli import output
from ostinato.cli.lazy import new_app
from ostinato.cli.params import YesOption, option
from ostinato.settings import get_current_settings

if TYPE_CHECKING:
    from ostinato.journal.leftovers import Leftover

app = new_app("Look at what waits on this machine for its server, report it, or give it up.")


@app.command("ls")
def list_journals(as_json: output.OutputOption = None) -> None:
    """List the journals of processes, and what in them is not known to be at the server."""
    found = _journals()
    if as_json:
        output.print_json([_as_json(leftover, is_alive) for leftover, is_alive in found])
        return
    columns = ["Process", "Last entry", "Server", "Events", "Log lines", "Ends of runs", "Lost"]
    output.print_table("Journals", columns, [_row(leftover, is_alive) for leftover, is_alive in found])
    if any(sum(leftover.missing) for leftover, _ in found):
        output.note("Lost: what a full journal had no room for. A process that still runs has it in its memory.")


def _journals() -> list[tuple[Leftover, bool]]:
    """Return the journals of other processes, oldest first, each with whether its process lives."""
    from ostinato.journal.leftovers import is_abandoned, journal_files, look_into

    return [
        (leftover, not is_abandoned(path))
        for path in journal_files(get_current_settings())
        if (leftover := look_into(path)) is not None
    ]


def _as_json(leftover: Leftover, is_alive: bool) -> dict[str, Any]:  # Any: JSON
    from ostinato.journal.ring import Stream

    owner, (lost_events, lost_lines, lost_notes) = leftover.owner, leftover.missing
    return {
        "path": str(leftover.path),
        "process": owner.pid,
        "host": owner.host,
        "is_alive": is_alive,
        "began": owner.began.isoformat(),
        "last_entry": leftover.last_written().isoformat(),
        "api_url": owner.api_url,
        "events": len(leftover.of(Stream.EVENTS)),
        "log_lines": len(leftover.of(Stream.LOGS)),
        "notes": [note.model_dump(mode="json") for note in leftover.notes()],
        "lost": {"events": lost_events, "log_lines": lost_lines, "notes": lost_notes},
    }


def _row(leftover: Leftover, is_alive: bool) -> tuple[str, ...]:
    from ostinato.journal.ring import Stream

    return (
        f"{leftover.owner.pid} ({'running' if is_alive else 'dead'})",
        output.relative(leftover.last_written()),
        output.plain(leftover.owner.api_url),
        str(len(leftover.of(Stream.EVENTS))),
        str(len(leftover.of(Stream.LOGS))),
        str(_ends(leftover)),
        str(sum(leftover.missing)),
    )


def _ends(leftover: Leftover) -> int:
    return sum(note.kind == "ended" for note in leftover.notes())


@app.command("replay")
def replay_journals(
    timeout: Annotated[float, option("--timeout", min=0, help="Seconds to try for.")] = 60.0,
) -> None:
    """Report to the server in force what dead processes left; the next run of a flow does so by itself."""
    from ostinato.cli.connection import server
    from ostinato.journal.replay import replay

    with server() as client:
        client.request("GET", "/health")
        report = replay(client.settings, client.api_url, timeout)
    if report.left:
        output.fail(f"{len(report.left)} journals could not be reported in {timeout:g} s; they are kept.")
    if not report.files:
        output.say("No process left anything for this server.")
        return
    output.succeed(
        f"Reported {report.events} event(s), {report.log_lines} log line(s) and {report.ends} end(s) of runs, "
        f"left by {report.files} dead process(es)."
    )


@app.command("clear")
def clear_journals(
    api_url: Annotated[
        str | None, option("--server", help="Only what was for the server of this API address, as `ls` shows it.")
    ] = None,
    yes: YesOption = False,
) -> None:
    """Delete what dead processes left, for servers that never return: nobody will ever be told of it."""
    from ostinato.journal.leftovers import remove
    from ostinato.journal.ring import Stream

    dead = [leftover for leftover, is_alive in _journals() if not is_alive]
    dead = [leftover for leftover in dead if api_url in (None, leftover.owner.api_url)]
    if not dead:
        output.say("No dead process has left a journal." if api_url is None else f"There is no journal for {api_url}.")
        return
    events, lines = (sum(len(each.of(stream)) for each in dead) for stream in (Stream.EVENTS, Stream.LOGS))
    output.insist(
        f"Delete {len(dead)} journal(s) with {events} event(s), {lines} log line(s) and {sum(map(_ends, dead))} end(s) "
        f"of runs, for {', '.join(sorted({each.owner.api_url for each in dead}))}?",
        yes,
    )
    output.succeed(f"Deleted {sum(remove(leftover.path) for leftover in dead)} journal(s).")
