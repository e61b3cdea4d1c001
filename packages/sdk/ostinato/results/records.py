"""A stored result: the value, and what must be known to read it. Its bytes are the wire's: every client reads them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, PrivateAttr, SerializeAsAny, ValidationError, field_validator

from ostinato.client.versions import SPOKEN_VERSION
from ostinato.serializers import PickleSerializer, Serializer, deserialize, recorded_serializer, serialize

R = TypeVar("R")

# Any below: results of users' functions, and serializers of whatever values.


class ResultRecordMetadata(BaseModel):
    """Where a result is and how it is read; this is what states tell the server."""

    storage_key: str | None = Field(default=None, description="Path or key of the result in its storage.")
    expiration: datetime | None = Field(default=None, description="When the result stops to count.")
    serializer: SerializeAsAny[Serializer[Any]] = Field(default_factory=PickleSerializer[Any])
    prefect_version: str = Field(default=SPOKEN_VERSION, description="The version whose form of records this is.")
    storage_block_id: UUID | None = Field(default=None, description="Block of the storage; none: a local folder.")

    @field_validator("serializer", mode="before")
    @classmethod
    def _resolve(cls, value: object) -> Serializer[Any]:
        return recorded_serializer(value)

    def dump_bytes(self) -> bytes:
        """Return the metadata as JSON."""
        return self.model_dump_json().encode()

    @classmethod
    def load_bytes(cls, data: bytes) -> Self:
        """Return the metadata in a JSON text. Raises ValidationError, a ValueError."""
        return cls.model_validate_json(data)

    def is_expired(self) -> bool:
        """Whether the result does not count any more."""
        return self.expiration is not None and self.expiration <= datetime.now(UTC)


class ResultRecord(BaseModel, Generic[R]):
    """A result and its metadata."""

    def __class_getitem__(cls, _: Any) -> Any:
        """Return the class itself: the type in brackets is for type checkers."""
        return cls

    metadata: ResultRecordMetadata
    result: R
    _key: str | None = PrivateAttr(None)

    @property
    def key(self) -> str | None:
        """The key that the record was made for, within its storage; None for a record that was read."""
        return self._key

    @key.setter
    def key(self, key: str) -> None:
        self._key = key

    @property
    def expiration(self) -> datetime | None:
        """When the result stops to count."""
        return self.metadata.expiration

    @property
    def serializer(self) -> Serializer[Any]:
        """What turns the result into bytes."""
        return self.metadata.serializer

    @property
    def value(self) -> R:
        """The result; named as that of a result which is not stored."""
        return self.result

    def serialize_result(self) -> bytes:
        """Return the result alone as bytes. Raises SerializationError."""
        return serialize(self.serializer, self.result)

    def serialize_metadata(self) -> bytes:
        """Return the metadata as JSON."""
        return self.metadata.dump_bytes()

    def serialize(self) -> bytes:
        """Return the record as JSON, the result as a text in it. Raises SerializationError."""
        result = json.dumps(self.serialize_result().decode())
        return b'{"metadata":%b,"result":%b}' % (self.serialize_metadata(), result.encode())

    @classmethod
    def deserialize(cls, data: bytes, backup_serializer: Serializer[Any] | None = None) -> ResultRecord[Any]:
        """Return the record that `data` holds; bytes that are no record are a result of `backup_serializer`.

        Raises SerializationError for a result that cannot be read, ValueError if `data` is no record.
        """
        try:
            stored = _StoredRecord.model_validate_json(data)
        except ValidationError:
            if backup_serializer is None:
                raise
            metadata = ResultRecordMetadata(serializer=backup_serializer)
            return ResultRecord[Any].model_construct(metadata=metadata, result=deserialize(backup_serializer, data))
        value = deserialize(stored.metadata.serializer, stored.result.encode())
        return ResultRecord[Any].model_construct(metadata=stored.metadata, result=value)

    @classmethod
    def deserialize_from_result_and_metadata(cls, result: bytes, metadata: bytes) -> ResultRecord[Any]:
        """Return the record whose parts are stored apart. Raises SerializationError, ValueError."""
        loaded = ResultRecordMetadata.load_bytes(metadata)
        return ResultRecord[Any].model_construct(metadata=loaded, result=deserialize(loaded.serializer, result))


class _StoredRecord(BaseModel):
    """A record as its bytes have it."""

    metadata: ResultRecordMetadata
    result: str
