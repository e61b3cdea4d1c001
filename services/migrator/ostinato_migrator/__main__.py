"""One-shot entry of the container: bring the database up to date, or say in one line why not."""

import logging
import sys

from ostinato_core.json_log import configure_logging
from ostinato_core.settings import server_settings
from ostinato_migrator.connect import database_url, masked
from ostinato_migrator.errors import MigrationFailed
from ostinato_migrator.migrate import upgrade


def main() -> int:
    """Return the exit code: 0 if the database is up to date now, 1 if not."""
    settings = server_settings()
    configure_logging(settings.logging_level)
    # Which migrations run is worth knowing at any level.
    logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)
    try:
        changed = upgrade(settings)
        url = masked(database_url(settings))
    except MigrationFailed as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    sys.stdout.write(f"{url}: {'upgraded' if changed else 'already up to date'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
