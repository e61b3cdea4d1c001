"""`ostinato server database`: upgrade, downgrade, reset, revision, stamp. Needs no running server."""

from typing import Annotated

import typer

from ostinato_server.cli.output import facts_as_lines, fail, say, succeed
from ostinato_server.cli.params import argument, new_group, option
from ostinato_server.cli.settings import read

database_app = new_group("Look after the database's schema.")

Yes = Annotated[bool, option("--yes", "-y", help="Do it without being asked.")]
DryRun = Annotated[bool, option("--dry-run", help="Print the SQL and change nothing.")]


@database_app.command()
def upgrade(
    yes: Yes = False,
    revision: Annotated[str, option("--revision", "-r", help="head, a revision, or a number: +1.")] = "head",
    dry_run: DryRun = False,
) -> None:
    """Bring the schema up to a revision."""
    settings = read()
    with facts_as_lines():
        if dry_run:
            from ostinato_migrator.sql import upgrade_sql

            typer.echo(upgrade_sql(settings, revision), nl=False)
            return
        from ostinato_migrator.connect import database_url, is_in_memory, masked
        from ostinato_migrator.migrate import upgrade as run

        url = database_url(settings)
        if is_in_memory(url):
            fail("A database in memory lives in its server, which upgrades it at start: there is nothing to do here.")
        _confirm("upgrade", masked(url), yes)
        say("Running upgrade migrations ...")
        run(settings, revision)
        succeed("Migrations succeeded!")
        succeed(f"Ostinato database at {masked(url)} upgraded!")


@database_app.command()
def downgrade(
    yes: Yes = False,
    revision: Annotated[str, option("--revision", "-r", help="base, a revision, or a number: -1.")] = "-1",
    dry_run: DryRun = False,
) -> None:
    """Bring the schema down to a revision."""
    settings = read()
    with facts_as_lines():
        if dry_run:
            from ostinato_migrator.sql import downgrade_sql

            typer.echo(downgrade_sql(settings, revision), nl=False)
            return
        from ostinato_migrator.connect import database_url, masked
        from ostinato_migrator.migrate import downgrade as run

        url = masked(database_url(settings))
        _confirm("downgrade", url, yes)
        say("Running downgrade migrations ...")
        run(settings, revision)
        succeed("Migrations succeeded!")
        succeed(f"Ostinato database at {url} downgraded!")


@database_app.command()
def reset(yes: Yes = False) -> None:
    """Drop all tables, with all that is in them, and make them anew."""
    settings = read()
    with facts_as_lines():
        from ostinato_migrator.connect import database_url, masked
        from ostinato_migrator.migrate import reset as run

        url = masked(database_url(settings))
        _confirm("reset", url, yes)
        say("Running downgrade and upgrade migrations ...")
        run(settings)
        succeed("Migrations succeeded!")
        succeed(f"Ostinato database at {url} reset!")


@database_app.command()
def revision(
    message: Annotated[str, option("--message", "-m", help="What the migration does.")] = "change",
    autogenerate: Annotated[
        bool, option("--autogenerate", help="Fill it with what the tables have and the database has not.")
    ] = False,
) -> None:
    """Write a new migration file, for those who work on Ostinato."""
    settings = read()
    with facts_as_lines():
        from ostinato_migrator.migrate import new_revision

        say("Running migration file creation ...")
        path = new_revision(settings, message, autogenerate=autogenerate)
        succeed(f"Creating new migration file succeeded: {path}")


@database_app.command()
def stamp(revision: Annotated[str, argument(help="head, base or a revision.")]) -> None:
    """Record a revision as the database's, without running anything."""
    settings = read()
    with facts_as_lines():
        from ostinato_migrator.migrate import stamp as run

        say("Stamping database with revision ...")
        run(settings, revision)
        succeed("Stamping database with revision succeeded!")


def _confirm(verb: str, url: str, yes: bool) -> None:
    if yes:
        return
    try:
        agreed = typer.confirm(f"Are you sure you want to {verb} the Ostinato database at {url}?")
    except typer.Abort:
        fail(f"Database {verb} aborted: nobody is there to answer; pass -y to do it without being asked.")
    if not agreed:
        fail(f"Database {verb} aborted!")
