"""Column types that mean the same on both databases."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, SafeUUID

import orjson
from sqlalchemy import BigInteger, DateTime, Dialect, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator, TypeEngine, Uuid

from ostinato_core.errors import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# A UUID forbids that its members are set; its slots go past that, and are looked up once, not for each id that is read.
_set_int: Callable[[UUID, int], None] = UUID.__dict__["int"].__set__
_set_is_safe: Callable[[UUID, SafeUUID], None] = UUID.__dict__["is_safe"].__set__
_UNKNOWN = SafeUUID.unknown
# An escaped backslash is passed over, so that the six characters backslash, u, 0, 0, 0, 0 of a text stay as they are.
_NUL = re.compile(r"(\\\\)|\\u0000")


class Timestamp(TypeDecorator[datetime]):
    """An aware UTC time: `timestamptz` on Postgres, microseconds since 1970 on SQLite (exact, small, sortable)."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:  # Any: SQLAlchemy's own signature
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # Any: int or datetime by dialect
        return value if value is None or dialect.name == "postgresql" else to_microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # Any: what the driver gives
        return value if value is None or dialect.name == "postgresql" else from_microseconds(value)


class Json(TypeDecorator[Any]):
    """Any JSON value: `jsonb` on Postgres, text on SQLite. Python's None is stored as SQL NULL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:  # Any: SQLAlchemy's own signature
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB(none_as_null=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # Any: JSON in, text or JSON out
        if value is None or dialect.name == "postgresql":
            return value
        return dumps(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # Any: text or JSON in, JSON out
        if value is None or dialect.name == "postgresql":
            return value
        return orjson.loads(value)


def to_microseconds(value: datetime) -> int:
    """Return the microseconds since 1970 of an aware time, exactly."""
    return (value - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Return the aware UTC time of microseconds since 1970, exactly."""
    return _EPOCH + timedelta(0, 0, value)


def id_to_hex(value: UUID) -> str:
    """Return a UUID as SQLite keeps it: 32 hexadecimal digits."""
    return "%032x" % value.int  # noqa: UP031 - twice as fast as the ways that are newer


def id_from_hex(text: str) -> UUID:
    """Return the UUID of 32 hexadecimal digits. The class itself takes many times as long to see what it is given."""
    found = object.__new__(UUID)
    _set_int(found, int(text, 16))
    _set_is_safe(found, _UNKNOWN)
    return found


class NotStorable(Invalid, DontWrapMixin):
    """A value that JSON text may hold cannot be stored, as a whole number of more than 64 bits."""

    def __init__(self, why: str) -> None:
        super().__init__(f"A value cannot be stored as JSON: {why}. Send it as a text instead.")


def encoded(value: Any) -> bytes:  # Any: any JSON value
    """Return JSON. Errors: NotStorable."""
    try:
        return orjson.dumps(value, default=str)
    except orjson.JSONEncodeError as error:
        raise NotStorable(str(error)) from error


def dumps(value: Any) -> str:  # Any: any JSON value
    """Return JSON text without NUL characters, which Postgres does not store. Errors: NotStorable."""
    text = encoded(value).decode()
    return _NUL.sub(r"\1", text) if "\\u0000" in text else text


Id = Uuid(as_uuid=True)
"""A UUID: native on Postgres, 32 hexadecimal characters on SQLite."""
