"""`ostinato server rotate-keys`: seals all stored secrets with the first encryption key. Servers may go on running."""

from typing import TYPE_CHECKING

from ostinato_server.cli.output import facts_as_lines, say, succeed
from ostinato_server.cli.settings import read

if TYPE_CHECKING:
    from ostinato_core.settings import ServerSettings


def rotate_keys() -> None:
    """Encrypt all stored secrets with the first of the encryption keys.

    First give every server both keys, the new one second, and restart it; then put the new one first everywhere and
    restart again; then run this; then the old key may go.
    """
    settings = read()
    with facts_as_lines():
        from asyncio import run

        say("Encrypting stored secrets ...")
        count, key_id = run(_rotate(settings))
        succeed(f"{count} secrets were encrypted with the key {key_id}; the others are with it already.")


async def _rotate(settings: "ServerSettings") -> tuple[int, str]:
    from ostinato_core.db.open import open_database
    from ostinato_core.db.revision import wait_for_revision
    from ostinato_core.encryption.rotation import rotate_keys as rotate
    from ostinato_core.encryption.source import load_key_ring

    keys = load_key_ring(settings)
    database = open_database(settings)
    try:
        await wait_for_revision(database, seconds=0)
        return await rotate(database, keys), keys.primary
    finally:
        await database.close()
