"""`ostinato journal`: what processes of this machine have not been able to tell the server."""

from typing import Annotated

from ostinato.cli import output
from ostinato.cli.lazy import new_app
from ostinato.cli.params import option
from ostinato.settings import get_current_settings

app = new_app("Look at what waits on this machine for its server, and report it.")


@app.command("ls")
def list_journals(as_json: output.OutputOption = None) -> None:
    """List the journals of processes, and what in them is not known to be at the server."""
    from ostinato.journal.leftovers import is_abandoned, journal_files, look_into
    from ostinato.journal.ring import Stream

    found = [
        (leftover, not is_abandoned(path))
        for path in journal_files(get_current_settings())
        if (leftover := look_into(path)) is not None
    ]
    if as_json:
        output.print_json(
            [
                {
                    "path": str(leftover.path),
                    "process": leftover.owner.pid,
                    "host": leftover.owner.host,
                    "is_alive": is_alive,
                    "began": leftover.owner.began.isoformat(),
                    "api_url": leftover.owner.api_url,
                    "events": len(leftover.of(Stream.EVENTS)),
                    "log_lines": len(leftover.of(Stream.LOGS)),
                    "notes": [note.model_dump(mode="json") for note in leftover.notes()],
                }
                for leftover, is_alive in found
            ]
        )
        return
    rows = [
        (
            f"{leftover.owner.pid} ({'running' if is_alive else 'dead'})",
            output.relative(leftover.owner.began),
            output.plain(leftover.owner.api_url),
            str(len(leftover.of(Stream.EVENTS))),
            str(len(leftover.of(Stream.LOGS))),
            str(sum(note.kind == "ended" for note in leftover.notes())),
        )
        for leftover, is_alive in found
    ]
    output.print_table("Journals", ["Process", "Began", "Server", "Events", "Log lines", "Ends of runs"], rows)


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
