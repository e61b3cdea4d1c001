"""The commands `ostinato server ...`. What a command needs is imported when it is called, so that help stays fast."""

from ostinato_server.cli import background, database, maintenance, retention, rotate_keys, services, start, status
from ostinato_server.cli.params import new_group

server_app = new_group("Start, stop and look after a server.")
server_app.command("start")(start.start)
server_app.command("stop")(background.stop)
server_app.command("status")(status.status)
server_app.command("rotate-keys")(rotate_keys.rotate_keys)
server_app.add_typer(maintenance.maintenance_app, name="maintenance")
server_app.add_typer(database.database_app, name="database")
server_app.add_typer(retention.retention_app, name="retention")
server_app.add_typer(services.services_app, name="services")

__all__ = ["server_app"]
