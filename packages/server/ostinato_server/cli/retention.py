"""`ostinato server retention`: what would be deleted, and deleting it now. Needs no running server."""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ostinato_server.cli.output import facts_as_lines, fail, note, say, succeed
from ostinato_server.cli.params import new_group, option
from ostinato_server.cli.settings import read

if TYPE_CHECKING:
    from ostinato_core.retention.policy import Policy
    from ostinato_core.retention.preview import Line
    from ostinato_core.settings import ServerSettings
    from ostinato_core.transaction import Database

T = TypeVar("T")

retention_app = new_group("Look at what is due to be deleted, or delete it now.")


class Format(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    JSON = "json"


@retention_app.command()
def preview(
    output: Annotated[Format, option("--output", "-o", help="table for people, json for programs.")] = Format.TABLE,
) -> None:
    """Show what would be deleted, and how much space that frees; change nothing."""
    lines = _run(read(), _look)
    if output is Format.JSON:
        _print_json(lines)
    else:
        _print_table(lines)


@retention_app.command()
def run(yes: Annotated[bool, option("--yes", "-y", help="Do it without being asked.")] = False) -> None:
    """Delete now what is due. Servers may go on running."""
    settings = read()
    lines = _run(settings, _look)
    if not lines:
        succeed("Nothing is due.")
        return
    _print_table(lines)
    if not yes:
        _confirm()
    rows, freed = _run(settings, lambda database, policy: _sweep(database, policy, sum(line.rows for line in lines)))
    succeed(f"{rows:,} rows were deleted; {_bytes(freed)} went back to the disk at once.")


def _run(settings: "ServerSettings", work: "Callable[[Database, Policy], Awaitable[T]]") -> T:
    from asyncio import run as run_async

    async def main() -> T:
        from ostinato_core.db.open import open_database
        from ostinato_core.db.revision import wait_for_revision
        from ostinato_core.retention.policy import Policy

        database = open_database(settings)
        try:
            await wait_for_revision(database, seconds=0)
            return await work(database, Policy.of(settings))
        finally:
            await database.close()

    with facts_as_lines():
        return run_async(main())
    raise AssertionError


async def _look(database: "Database", policy: "Policy") -> "list[Line]":
    from ostinato_core.retention.preview import Preview

    return await Preview(database, policy).look()


async def _sweep(database: "Database", policy: "Policy", expected: int) -> tuple[int, int]:
    """Delete with a progress bar; return the rows, and the bytes that the disk has back."""
    from asyncio import sleep

    from rich.console import Console
    from rich.progress import Progress

    from ostinato_core.retention.sweep import Retention

    rows = freed = 0
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("Deleting", total=expected)
        async for deleted in Retention(database, policy).round(whole=True):
            rows, freed = rows + deleted.rows, freed + deleted.bytes
            progress.update(bar, completed=min(rows, expected), description=f"Deleting {deleted.kind}")
            await sleep(0.005)
    return rows, freed


def _confirm() -> None:
    try:
        agreed = typer.confirm("Are you sure you want to delete this? It cannot be brought back.")
    except typer.Abort:
        fail("Nothing was deleted: nobody is there to answer; pass -y to do it without being asked.")
    if not agreed:
        fail("Nothing was deleted.")


def _print_json(lines: "Sequence[Line]") -> None:
    import orjson

    shown = [
        {
            "kind": line.kind,
            "rule": line.rule,
            "rows": line.rows,
            "exact": line.is_exact,
            "oldest": line.oldest,
            "bytes": line.bytes,
        }
        for line in lines
    ]
    say(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())


def _print_table(lines: "Sequence[Line]") -> None:
    from rich.console import Console
    from rich.table import Table

    if not lines:
        say("Nothing is due.")
        return
    table = Table("Kind", "Rule")
    for name in ("Rows", "Oldest", "Space, about"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        rows = f"{line.rows:,}" if line.is_exact else f"about {line.rows:,}"
        oldest = line.oldest.strftime("%Y-%m-%d") if line.oldest else ""
        table.add_row(line.kind, line.rule, rows, oldest, _bytes(line.bytes))
    table.add_section()
    table.add_row("", "", f"{sum(line.rows for line in lines):,}", "", _bytes(sum(line.bytes for line in lines)))
    Console().print(table)
    if not all(line.is_exact for line in lines):
        note("There is more than could be counted in time: numbers that say 'about' are estimates.")


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
