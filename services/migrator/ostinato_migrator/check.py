"""Which revision a database has, and which it should have."""

from ostinato_core.db.revision import REVISION, revision_of, wait_for_revision
from ostinato_core.settings import ServerSettings
from ostinato_migrator.connect import run_on

__all__ = ["current", "head", "wait_for_revision"]


def head() -> str:
    """Return the newest revision of this code, without importing Alembic."""
    return REVISION


def current(settings: ServerSettings) -> str | None:
    """Return the revision recorded in the database, None for an empty one. Errors: MigrationFailed."""
    return run_on(settings, revision_of)
