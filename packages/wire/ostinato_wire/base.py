"""The base of every wire model, and the value types that several nouns share."""

import os
from datetime import UTC, datetime
from threading import RLock
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_building = RLock()


def _forget_building() -> None:
    global _building
    _building = RLock()  # in a forked child, where the thread that held it is not


os.register_at_fork(after_in_child=_forget_building)


class WireModel(BaseModel):
    """A JSON object on the wire. Unknown members are accepted, so that a newer client is never refused.

    A model's validator is built when it is first needed: a process needs few of them.
    """

    model_config = ConfigDict(extra="ignore", ser_json_timedelta="float", populate_by_name=True, defer_build=True)

    @classmethod
    def model_rebuild(cls, *, _parent_namespace_depth: int = 2, **options: Any) -> bool | None:  # Any: pydantic's own
        """Build the model, in one thread at a time: pydantic lets another one use the validator of the base class."""
        with _building:
            return super().model_rebuild(_parent_namespace_depth=_parent_namespace_depth + 1, **options)


class Changes(WireModel):
    """A body that must be there although none of its members must, as of a PATCH: members present are written."""


def as_utc(value: datetime) -> datetime:
    """Return `value` as an aware UTC time; a naive one is taken as UTC (behaviour.md, section 1).

    Errors: ValueError where the time in UTC lies outside the years 1 to 9999.
    """
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("The time in UTC must lie within the years 1 to 9999") from None


UtcTime: TypeAlias = Annotated[datetime, AfterValidator(as_utc)]
"""An aware UTC time; inputs with any offset, or none, are converted."""

Name: TypeAlias = Annotated[str, Field(pattern=r"^[^/%&><]+$")]
"""A non-empty name without any of ``/ % & > <``."""

KeyValueLabels: TypeAlias = dict[str, bool | int | float | str]

Json: TypeAlias = Any  # any JSON value: the wire does not restrict it
JsonObject: TypeAlias = dict[str, Any]  # any JSON object
