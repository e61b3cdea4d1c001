"""Which columns hold sealed secrets: those who check the keys, and who seal everything anew, look at all of them."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Table

from ostinato_core.db.tables import block_documents, webhooks


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of ciphertext, in a table whose `key_id` names the key; null where a row has no secret."""

    table: Table
    column: str
    kind: bytes

    def place_of(self, workspace_id: UUID, row_id: UUID) -> bytes:
        """Return the place to which the secret of a row is bound, so that no other can stand for it."""
        return self.kind + b" " + workspace_id.bytes + row_id.bytes


BLOCK_DOCUMENTS: Final = SealedColumn(block_documents, "data", b"block document")
WEBHOOKS: Final = SealedColumn(webhooks, "secrets", b"webhook")
ALL: Final = (BLOCK_DOCUMENTS, WEBHOOKS)
