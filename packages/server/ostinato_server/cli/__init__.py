"""The commands `ostinato server ...`. What a command needs is imported when it is called, so that help stays fast."""

import typer

from ostinato_server.cli import background, database, maintenance, retention, rotate_keys, services, start, status

server_app = typer.Typer(
    help="Start, stop and look after a server.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    # A traceback that shows local variables would show passwords.
    pretty_exceptions_enable=False,
)
server_app.command("start")(start.start)
server_app.command("stop")(background.stop)
server_app.command("status")(status.status)
server_app.command("rotate-keys")(rotate_keys.rotate_keys)
server_app.add_typer(maintenance.maintenance_app, name="maintenance")
server_app.add_typer(database.database_app, name="database")
server_app.add_typer(retention.retention_app, name="retention")
server_app.add_typer(services.services_app, name="services")

__all__ = ["server_app"]
