"""Why a schema could not be brought to where it was wanted. Each message is one line that ends in a remedy."""

from ostinato_core.errors import Fact, Kind


class MigrationFailed(Fact):
    """Base of all of them."""

    kind = Kind.UNAVAILABLE


class DatabaseUnreachable(MigrationFailed):
    """The database could not be opened: its server is away, it refuses the user, or its file is not usable."""


class FolderUnusable(MigrationFailed):
    """The folder of the SQLite file cannot be made or written to."""


class Pooled(MigrationFailed):
    """Between the migrator and Postgres is a pooler that changes backends from transaction to transaction."""


class UnknownSchema(MigrationFailed):
    """The database has a revision that this code does not know: it is of a newer version, or not of Ostinato."""


class UnknownRevision(MigrationFailed):
    """A revision was asked for that does not exist."""


class RightsMissing(MigrationFailed):
    """The database user may not do what a migration needs."""


class DatabaseBusy(MigrationFailed):
    """Another migration, or users of the tables, did not let go of their locks in time."""
