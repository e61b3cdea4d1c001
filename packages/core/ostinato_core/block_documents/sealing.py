"""Sealing a document's data, and opening them: bound to the document, so that no ciphertext can stand for another."""

from typing import cast
from uuid import UUID

import orjson

from ostinato_core.db.types import dumps
from ostinato_core.encryption.key_ring import KeyRing, Sealed
from ostinato_core.encryption.sealed_columns import BLOCK_DOCUMENTS
from ostinato_core.states.rows import JsonDict, Row


def sealed_columns(keys: KeyRing, workspace_id: UUID, document_id: UUID, data: JsonDict) -> JsonDict:
    """Return the columns of `block_documents` that hold data."""
    sealed = keys.seal(dumps(data).encode(), BLOCK_DOCUMENTS.place_of(workspace_id, document_id))
    return {"data": sealed.text, "key_id": sealed.key_id}


def open_data(keys: KeyRing, row: Row) -> JsonDict:
    """Return the data of a row. Errors: EncryptionKeyMissing, SealBroken."""
    sealed = Sealed(row["data"], row["key_id"])
    return cast(JsonDict, orjson.loads(keys.open(sealed, BLOCK_DOCUMENTS.place_of(row["workspace_id"], row["id"]))))
